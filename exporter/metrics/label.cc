#include "exporter/metrics/label.h"

#include <algorithm>
#include <cstdint>

namespace exporter::metrics {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t digest_size = 17;                   // "~" and 16 hex digits

bool plain(unsigned char byte) { return byte >= 0x20 && byte < 0x7F; }

// What stands at the front of a text: how many bytes it takes, and whether they are one character that may stay.
struct Front {
  std::size_t size;
  bool acceptable;
};

bool unwelcome(std::uint32_t character) {
  const auto within = [&](std::uint32_t first, std::uint32_t last) { return character >= first && character <= last; };
  return character < 0x20 || within(0x7F, 0x9F) || within(0x200E, 0x200F) || within(0x2028, 0x202E) || within(0x2066, 0x2069);
}

// Unicode 15, table 3-7: the well-formed byte sequences. A malformed one takes its longest well-formed beginning.
Front front(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, !unwelcome(lead)};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  std::uint32_t character = lead & (0xFFu >> (size + 1));
  for (std::size_t index = 1; index < size; ++index) {
    unsigned char low = 0x80, high = 0xBF;
    if (index == 1 && lead == 0xE0) low = 0xA0;   // overlong
    if (index == 1 && lead == 0xED) high = 0x9F;  // surrogates
    if (index == 1 && lead == 0xF0) low = 0x90;   // overlong
    if (index == 1 && lead == 0xF4) high = 0x8F;  // above U+10FFFF
    if (index == text.size() || byte(index) < low || byte(index) > high) return {index, false};
    character = (character << 6) | (byte(index) & 0x3Fu);
  }
  return {size, !unwelcome(character)};
}

// FNV-1a: stable between builds; a collision costs one series of a hostile certificate, never the scrape.
std::string digest(std::string_view raw) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char character : raw) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3u;
  std::string text = "~";
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(hash >> shift) & 0xF];
  return text;
}

// The cleaned beginning of `raw`, whole characters only, at most `limit` bytes; `complete` says whether all of it fitted.
std::string cleaned(std::string_view raw, std::size_t limit, bool& complete) {
  std::string text;
  while (!raw.empty()) {
    const Front next = front(raw);
    const std::string_view piece = next.acceptable ? raw.substr(0, next.size) : replacement;
    if (text.size() + piece.size() > limit) break;
    text += piece;
    raw.remove_prefix(next.size);
  }
  complete = raw.empty();
  return text;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char character : text) {
    if (character == '\\' || character == '"') out += '\\';
    out += character;
  }
}

}  // namespace

std::string clean_label(std::string_view raw) {
  bool complete = false;
  std::string text = cleaned(raw, label_limit, complete);
  if (complete) return text;
  return cleaned(raw, label_limit - digest_size, complete) + digest(raw);
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out.append(name).append("=\"");
  const bool harmless =
      value.size() <= label_limit && std::all_of(value.begin(), value.end(), [](unsigned char c) { return plain(c); });
  append_escaped(out, harmless ? value : std::string_view(clean_label(value)));
  out += '"';
}

void append_help(std::string& out, std::string_view help, bool escape_quotes) {
  for (const char character : help) {
    if (character == '\n') {
      out += "\\n";
      continue;
    }
    if (character == '\\' || (escape_quotes && character == '"')) out += '\\';
    out += character;
  }
}

}  // namespace exporter::metrics
