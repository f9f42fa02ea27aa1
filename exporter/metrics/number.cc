#include "exporter/metrics/number.h"

#include <array>
#include <charconv>
#include <cmath>

namespace exporter::metrics {

namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53

template <typename Number>
void append(std::string& out, Number number) {
  std::array<char, 32> buffer;  // the shortest text of a double takes at most 24
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

}  // namespace

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (value == std::trunc(value) && std::abs(value) < exact_integers) {
    append(out, static_cast<long long>(value));
  } else {
    append(out, value);
  }
}

}  // namespace exporter::metrics
