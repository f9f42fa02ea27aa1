// A bucket of requests: one is earned every interval, at most `burst` are saved up. For one thread.
#pragma once

#include <algorithm>
#include <chrono>

#include "exporter/web/web_config.h"

namespace exporter::web {

class RateLimit {
 public:
  explicit RateLimit(const RateLimitConfig& config) : interval_(config.interval), span_(config.interval * config.burst) {}

  // Spends one request; false when none is left.
  [[nodiscard]] bool allow(std::chrono::steady_clock::time_point now) {
    const auto full_at = std::max(full_at_, now) + interval_;
    if (full_at - now > span_) return false;
    full_at_ = full_at;
    return true;
  }

 private:
  std::chrono::steady_clock::duration interval_;
  std::chrono::steady_clock::duration span_;  // what an empty bucket takes to fill
  std::chrono::steady_clock::time_point full_at_{};
};

}  // namespace exporter::web
