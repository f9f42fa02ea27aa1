#include "config/utf8.h"

namespace config {
namespace {

// RFC 3629 4: the range of the second byte depends on the first. Length 0: not a first byte.
struct Sequence {
  std::size_t length;
  unsigned char second_from;
  unsigned char second_to;
};

constexpr Sequence sequence(unsigned char first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xc2) return {0, 0, 0};
  if (first < 0xe0) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first < 0xf4) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::size_t valid_utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    const auto [length, second_from, second_to] = sequence(byte(at));
    if (length == 0 || at + length > text.size()) return at;
    if (length > 1 && (byte(at + 1) < second_from || byte(at + 1) > second_to)) return at;
    for (std::size_t next = at + 2; next < at + length; ++next)
      if (byte(next) < 0x80 || byte(next) > 0xbf) return at;
    at += length;
  }
  return text.size();
}

}  // namespace config
