// A date that a certificate carries: seconds, exact from the year 0 to the end of 9999, or none where it cannot be read. It has
// no order: what cannot be read is neither early nor late, and whoever compares dates says first what becomes of it. An
// std::optional would order it before all others, which is how a date that nobody can read becomes a certificate that has
// expired.
#pragma once

#include <chrono>

namespace probes::observations {

class Date {
 public:
  constexpr Date() = default;                               // cannot be read
  constexpr Date(std::chrono::sys_seconds at) : at_(at) {}  // a date is one wherever it is used

  constexpr explicit operator bool() const { return at_ != unreadable; }  // it can be read

  // REQUIRES: it can be read.
  constexpr std::chrono::sys_seconds operator*() const { return at_; }
  constexpr std::chrono::sys_seconds value_or(std::chrono::sys_seconds instead) const { return *this ? at_ : instead; }

  constexpr bool operator==(const Date&) const = default;

 private:
  static constexpr std::chrono::sys_seconds unreadable = std::chrono::sys_seconds::min();  // no certificate says this

  std::chrono::sys_seconds at_ = unreadable;
};

// Which of two ends a chain: the earlier one; none where either cannot be read, for it may be that one.
[[nodiscard]] constexpr Date earlier(Date one, Date other) {
  if (!one || !other) return {};
  return *one < *other ? one : other;
}

}  // namespace probes::observations
