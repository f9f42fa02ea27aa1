// Renders a scrape once for all who asked before the rendering began: five hundred requests at once cost two renderings,
// not five hundred, and hold one copy of the text. Safe from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "exporter/web/http.h"

namespace exporter::web {

class SharedScrape {
 public:
  SharedScrape(std::function<Response()> render, std::function<std::chrono::steady_clock::time_point()> now)
      : render_(std::move(render)), now_(std::move(now)) {}

  // A response whose rendering began at or after `asked`, so it is as fresh as one made for this request alone.
  // Waits while another thread renders. Passes on what `render` throws.
  [[nodiscard]] Response since(std::chrono::steady_clock::time_point asked) {
    const std::lock_guard lock(mutex_);
    if (last_ && begun_ >= asked) return *last_;
    begun_ = now_();
    last_.reset();
    last_ = render_();
    return *last_;
  }

 private:
  std::function<Response()> render_;
  std::function<std::chrono::steady_clock::time_point()> now_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point begun_{};
  std::optional<Response> last_;  // kept for those still queued; in gzip, as scrapers ask for, it is small
};

}  // namespace exporter::web
