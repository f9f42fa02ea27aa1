#include "probes/bytes/base64.h"

#include <cstddef>
#include <cstdint>

namespace probes::bytes {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i)
      three = three << 8 | (at + i < bytes.size() ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) result += at + i <= bytes.size() ? digits[three >> (18 - 6 * i) & 0x3f] : '=';
  }
  return result;
}

}  // namespace probes::bytes
