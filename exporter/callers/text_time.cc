#include "exporter/callers/text_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace exporter::callers {

using probes::observations::WallTime;
using namespace std::chrono;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes parts off the front of a text; once one is missing the rest is.
class Parts {
 public:
  explicit Parts(std::string_view text) : rest_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return fail();
    for (const char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  // One or more of `letters`.
  bool any(std::string_view letters) {
    const std::size_t end = std::min(rest_.find_first_not_of(letters), rest_.size());
    rest_.remove_prefix(end);
    return end > 0;
  }

  void one(char letter) {
    if (rest_.starts_with(letter)) rest_.remove_prefix(1);
    else fail();
  }

  // ".25": microseconds; nothing there: none.
  microseconds fraction() {
    if (!rest_.starts_with('.') && !rest_.starts_with(',')) return {};
    rest_.remove_prefix(1);
    int value = 0, digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1))
      if (digits < 6) value = value * 10 + (rest_.front() - '0'), ++digits;
    for (; digits < 6; ++digits) value *= 10;
    return microseconds(value);
  }

  int fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<WallTime> instant(int of_year, int of_month, int of_day, int hour, int minute, int second) {
  const year_month_day date{year(of_year), month(static_cast<unsigned>(of_month)), day(static_cast<unsigned>(of_day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

// What follows the seconds: where the clock stands.
std::optional<minutes> zone(Parts& parts) {
  if (parts.rest() == "Z" || parts.rest() == "z") return minutes(0);
  const bool west = parts.rest().starts_with('-');
  parts.one(west ? '-' : '+');
  const int hour = parts.digits(2);
  if (parts.rest().starts_with(':')) parts.one(':');
  const int minute = parts.digits(2);
  if (!parts.good() || !parts.at_end() || hour > 23 || minute > 59) return std::nullopt;
  const minutes ahead = hours(hour) + minutes(minute);
  return west ? -ahead : ahead;
}

std::optional<WallTime> iso(std::string_view text) {
  Parts parts(text);
  const int of_year = parts.digits(4);
  parts.one('-');
  const int of_month = parts.digits(2);
  parts.one('-');
  const int of_day = parts.digits(2);
  if (!parts.any("Tt ")) return std::nullopt;
  const int hour = parts.digits(2);
  parts.one(':');
  const int minute = parts.digits(2);
  parts.one(':');
  const int second = parts.digits(2);
  const microseconds more = parts.fraction();
  if (!parts.good()) return std::nullopt;
  const auto ahead = zone(parts);
  const auto at = instant(of_year, of_month, of_day, hour, minute, second);
  return ahead && at ? std::optional(*at + more - *ahead) : std::nullopt;
}

// RFC 5280 4.1.2.5: UTCTime, where YY from 50 is of the last century, and GeneralizedTime.
std::optional<WallTime> asn1(std::string_view text) {
  Parts parts(text);
  const bool short_year = text.size() == 13;
  int of_year = parts.digits(short_year ? 2 : 4);
  if (short_year) of_year += of_year >= 50 ? 1900 : 2000;
  std::array<int, 5> rest{};
  for (int& part : rest) part = parts.digits(2);
  if (!parts.good() || (parts.rest() != "Z" && !parts.at_end())) return std::nullopt;
  return instant(of_year, rest[0], rest[1], rest[2], rest[3], rest[4]);
}

std::optional<WallTime> openssl(std::string_view text) {
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = months.find(text.substr(0, 3));
  if (text.size() < 3 || at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  Parts parts(text.substr(3));
  if (!parts.any(" ")) return std::nullopt;
  const bool two_digits = parts.rest().size() > 1 && is_digit(parts.rest()[1]);
  const int of_day = parts.digits(two_digits ? 2 : 1);
  parts.any(" ");
  const int hour = parts.digits(2);
  parts.one(':');
  const int minute = parts.digits(2);
  parts.one(':');
  const int second = parts.digits(2);
  parts.any(" ");
  const int of_year = parts.digits(4);
  if (!parts.good() || (!parts.at_end() && parts.rest() != " GMT")) return std::nullopt;
  return instant(of_year, static_cast<int>(at / 3) + 1, of_day, hour, minute, second);
}

std::optional<WallTime> since_1970(std::string_view text) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc() || whole < 0 || whole > 253402300799) return std::nullopt;  // the end of 9999
  Parts parts(text.substr(static_cast<std::size_t>(end - text.data())));
  const microseconds more = parts.fraction();
  return parts.at_end() ? std::optional(WallTime(seconds(whole)) + more) : std::nullopt;
}

}  // namespace

std::optional<WallTime> read_time(std::string_view text) {
  constexpr std::size_t utc_time = 13, generalized_time = 15;
  if (text.empty() || text.size() > 64) return std::nullopt;
  if (!is_digit(text.front())) return openssl(text);
  if (text.ends_with('Z') && (text.size() == utc_time || text.size() == generalized_time)) return asn1(text);
  if (text.size() > 4 && text[4] == '-') return iso(text);
  return since_1970(text);
}

}  // namespace exporter::callers
