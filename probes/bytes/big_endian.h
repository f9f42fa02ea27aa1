// Numbers in bytes, most significant octet first as networks and Java's streams have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace probes::bytes {

// The lowest `octets` octets of `value`.
inline std::string big_endian(std::uint32_t value, std::size_t octets) {
  std::string bytes(octets, '\0');
  for (std::size_t at = octets; at-- > 0; value >>= 8) bytes[at] = static_cast<char>(value & 0xff);
  return bytes;
}

// REQUIRES of both: at most four octets.
inline std::uint32_t from_big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char octet : bytes) value = value << 8 | static_cast<std::uint8_t>(octet);
  return value;
}
inline std::uint32_t from_little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t at = bytes.size(); at-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at]);
  return value;
}

// Takes bytes apart from the front. Once something does not fit, everything after it is empty and good() is false.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  std::string_view bytes(std::uint64_t size) {
    good_ = good_ && size <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t octets) {
    std::uint64_t value = 0;
    for (const char octet : bytes(octets)) value = value << 8 | static_cast<std::uint8_t>(octet);
    return value;
  }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::string text() { return std::string(bytes(number(2))); }  // java.io.DataInput.readUTF, but for NUL and astral letters UTF-8
  std::string_view blob() { return bytes(number(4)); }
  std::string_view rest() const { return rest_; }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace probes::bytes
