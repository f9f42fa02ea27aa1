// Waiting in a test for what another thread does.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace tests::support {

// False when it does not hold within 20 seconds.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace tests::support
