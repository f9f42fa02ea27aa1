#include "config/duration.h"

#include <charconv>
#include <cstdint>

#include "config/mistakes.h"

namespace config {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view word;
  std::int64_t milliseconds;
};

constexpr std::int64_t day = 24 * 60 * 60 * 1000;
constexpr Unit units[] = {{"y", 365 * day}, {"w", 7 * day}, {"d", day}, {"h", 60 * 60 * 1000},
                          {"m", 60 * 1000}, {"s", 1000},    {"ms", 1}};
constexpr std::string_view right = "write a duration like 30s, 5m, 1h30m, 12h or 14d";

std::string wrong(std::string_view text, std::string_view why) {
  return quote(text) + " " + std::string(why) + "; " + std::string(right);
}

}  // namespace

std::variant<milliseconds, std::string> parse_duration(std::string_view text) {
  if (text == "0") return milliseconds(0);
  if (text.empty()) return wrong(text, "is no duration");
  std::int64_t total = 0;
  const Unit* next = std::begin(units);  // the largest unit that may still come
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0) return wrong(text, "is no duration");
    if (digits == rest.size()) return wrong(text, "has no unit");
    std::int64_t number = 0;
    if (std::from_chars(rest.data(), rest.data() + digits, number).ec != std::errc()) return wrong(text, "is too long");
    rest.remove_prefix(digits);
    const std::string_view word = rest.substr(0, std::min(rest.find_first_of("0123456789"), rest.size()));
    rest.remove_prefix(word.size());

    const Unit* unit = std::begin(units);
    while (unit != std::end(units) && unit->word != word) ++unit;
    if (unit == std::end(units))
      return wrong(text, "has the unknown unit " + quote(word) + ", known are ms, s, m, h, d, w and y");
    if (unit < next) return wrong(text, "has its units out of order, the largest comes first and each once");
    next = unit + 1;
    if (number > (longest_duration.count() - total) / unit->milliseconds) return wrong(text, "is longer than 100y");
    total += number * unit->milliseconds;
  }
  return milliseconds(total);
}

std::string duration_text(milliseconds duration) {
  if (duration.count() == 0) return "0s";
  std::string text = duration.count() < 0 ? "-" : "";
  auto rest = static_cast<std::uint64_t>(duration.count());
  if (duration.count() < 0) rest = 0 - rest;
  for (const Unit& unit : units) {
    const auto size = static_cast<std::uint64_t>(unit.milliseconds);
    if (rest >= size) text += std::to_string(rest / size).append(unit.word);
    rest %= size;
  }
  return text;
}

}  // namespace config
