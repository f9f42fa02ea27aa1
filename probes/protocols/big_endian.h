// Numbers in network byte order, in strings of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace probes::protocols {

inline std::string big_endian(std::uint32_t value, std::size_t octets) {
  std::string bytes(octets, '\0');
  for (std::size_t at = octets; at-- > 0; value >>= 8) bytes[at] = static_cast<char>(value & 0xff);
  return bytes;
}

// REQUIRES: at most four octets.
inline std::uint32_t from_big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

inline std::uint32_t from_little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t at = bytes.size(); at-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at]);
  return value;
}

}  // namespace probes::protocols
