#include "exporter/metrics/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace exporter::metrics {

namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53

using Out = std::span<char, number_limit>;

std::size_t write_word(Out out, std::string_view word) {
  std::memcpy(out.data(), word.data(), word.size());
  return word.size();
}

template <typename Number>
std::size_t write_digits(Out out, Number number) {
  return static_cast<std::size_t>(std::to_chars(out.data(), out.data() + out.size(), number).ptr - out.data());
}

}  // namespace

std::size_t write_number(Out out, double value) {
  if (std::isnan(value)) return write_word(out, "NaN");
  if (std::isinf(value)) return write_word(out, value > 0 ? "+Inf" : "-Inf");
  if (value == std::trunc(value) && std::abs(value) < exact_integers) return write_digits(out, static_cast<long long>(value));
  return write_digits(out, value);
}

void append_number(std::string& out, double value) {
  std::array<char, number_limit> number;
  out.append(number.data(), write_number(number, value));
}

std::size_t write_days(Out out, std::chrono::seconds time) {
  constexpr std::uint64_t day = 86400, million = 1000000;
  const bool negative = time.count() < 0;
  const auto seconds =
      negative ? std::uint64_t{0} - static_cast<std::uint64_t>(time.count()) : static_cast<std::uint64_t>(time.count());
  char* at = out.data();
  if (negative) *at++ = '-';
  at = std::to_chars(at, out.data() + out.size(), seconds / day).ptr;
  std::uint64_t decimals = (seconds % day * million + day / 2) / day;
  if (decimals == 0) return static_cast<std::size_t>(at - out.data());
  *at++ = '.';
  for (std::uint64_t unit = million / 10; decimals > 0; decimals %= unit, unit /= 10)
    *at++ = static_cast<char>('0' + decimals / unit);
  return static_cast<std::size_t>(at - out.data());
}

}  // namespace exporter::metrics
