// Takes bytes apart from the front, with the numbers of Java's streams: big-endian. Once something does not fit, everything after
// it is empty and good() is false.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probes::inventory {

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

}  // namespace probes::inventory
