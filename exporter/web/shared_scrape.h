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

  // A response that began at or after `asked`, so it is as fresh as one made for this request alone. Waits while another thread
  // begins one. Passes on what `render` throws.
  [[nodiscard]] Response since(std::chrono::steady_clock::time_point asked) {
    const std::lock_guard lock(mutex_);
    if (begun_ >= asked)
      if (auto body = last_.read()) return response(std::move(*body));
    last_ = {};
    begun_ = now_();
    std::erase_if(read_, [](const Body::Beginning& text) { return text.expired(); });
    Response fresh = render_(read_.size() < crowd ? kept : kept_in_a_crowd);
    last_ = fresh.body.beginning();
    read_.push_back(last_);
    head_ = fresh;
    head_.body = Body();
    return fresh;
  }

 private:
  // Who comes late to a text of which more has been read begins one of their own, and a text takes no memory but what its readers
  // have not read yet. When many are being read, by slow readers or on purpose, a text is kept whole instead, for all who come.
  static constexpr std::size_t kept = 2 * 1024 * 1024;
  static constexpr std::size_t kept_in_a_crowd = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t crowd = 8;

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
