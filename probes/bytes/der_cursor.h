// Steps through DER (X.690) one element at a time, without copying and without objects: a list of a million entries is read
// in the time its bytes take to pass. Definite lengths and tags below 31 only; a length in more octets than it needs
// is taken, as BER's protocols write it. Borrows the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace probes::bytes {

struct Element {
  std::uint8_t tag = 0;      // the identifier octet
  std::string_view content;  // without its header
  std::string_view whole;    // with it
};

class DerCursor {
 public:
  explicit DerCursor(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  // The tag of the next element; 0 at the end.
  std::uint8_t tag() const { return rest_.empty() ? 0 : static_cast<std::uint8_t>(rest_.front()); }

  // The next element, passed; nothing where there is none, whole and well formed.
  std::optional<Element> next() {
    if (rest_.size() < 2 || (tag() & 0x1f) == 0x1f) return std::nullopt;
    std::size_t length = static_cast<std::uint8_t>(rest_[1]), header = 2;
    if (length >= 0x80) {
      const std::size_t octets = length & 0x7f;
      if (octets == 0 || octets > 4 || rest_.size() < 2 + octets) return std::nullopt;
      length = 0;
      for (std::size_t i = 0; i < octets; ++i) length = length << 8 | static_cast<std::uint8_t>(rest_[2 + i]);
      header += octets;
    }
    if (rest_.size() - header < length) return std::nullopt;
    const Element found{tag(), rest_.substr(header, length), rest_.substr(0, header + length)};
    rest_.remove_prefix(header + length);
    return found;
  }

  // The next element if it has this tag.
  std::optional<Element> next(std::uint8_t tag) { return this->tag() == tag ? next() : std::nullopt; }

 private:
  std::string_view rest_;
};

}  // namespace probes::bytes
