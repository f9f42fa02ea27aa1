// Makes a scrape once for all who asked before it began and come while it is read: five hundred requests at once cost two or
// three, not five hundred, and share the text. Keeps none of it. Safe from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <mutex>
#include <vector>

#include "exporter/web/http.h"

namespace exporter::web {

class SharedScrape {
 public:
  // `render`: a response whose body keeps so many bytes from its start for further readers.
  SharedScrape(std::function<Response(std::size_t kept)> render, std::function<std::chrono::steady_clock::time_point()> now)
      : render_(std::move(render)), now_(std::move(now)) {}

  // A response that began at or after `asked`, so it is as fresh as one made for this request alone; in a crowd, up to
  // `older_in_a_crowd` before. Waits while another thread begins one. Passes on what `render` throws.
  [[nodiscard]] Response since(std::chrono::steady_clock::time_point asked) {
    const std::lock_guard lock(mutex_);
    std::erase_if(read_, [](const Body::Beginning& text) { return text.expired(); });
    const bool crowded = read_.size() >= crowd;
    if (begun_ >= (crowded ? asked - older_in_a_crowd : asked))
      if (auto body = last_.read()) return response(std::move(*body));
    last_ = {};
    begun_ = now_();
    Response fresh = render_(crowded ? kept_in_a_crowd : kept);
    last_ = fresh.body.beginning();
    read_.push_back(last_);
    head_ = fresh;
    head_.body = Body();
    return fresh;
  }

 private:
  // Who comes late to a text of which more has been read begins one of their own, and a text takes no memory but what its readers
  // have not read yet. Slow readers, or those who mean harm, could make that many texts: when so many are read already, the next
  // is kept whole, and whoever comes within a while reads it. That bounds the texts at once, whatever the number of readers.
  static constexpr std::size_t kept = 2 * 1024 * 1024;
  static constexpr std::size_t kept_in_a_crowd = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t crowd = 8;
  static constexpr std::chrono::seconds older_in_a_crowd{5};

  Response response(Body body) const {
    Response response = head_;
    response.body = std::move(body);
    return response;
  }

  std::function<Response(std::size_t)> render_;
  std::function<std::chrono::steady_clock::time_point()> now_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point begun_{};
  Response head_;                      // of the last response, without its body
  Body::Beginning last_;               // its body
  std::vector<Body::Beginning> read_;  // all texts that have readers
};

}  // namespace exporter::web
