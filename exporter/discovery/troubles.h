// What a look could not make anything of: counted by reason, and named with its place as far as there is room. Used by one thread
// at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/observations/inventory.h"

namespace exporter::discovery {

using probes::observations::SourceReason;
using probes::observations::Trouble;

// Where it stands: a file, a URL or a name, and a line of it from 1 (0: the whole).
struct Place {
  std::string path;
  std::uint32_t line = 0;
  auto operator<=>(const Place&) const = default;
};

using Errors = std::map<SourceReason, std::uint64_t>;

// A list of 200,000 bad targets is counted whole, and its first are named.
inline constexpr std::size_t most_named = 200;

// `text` in backquotes, whole where it is a path or an address; control characters as \xNN, for a list may be hostile.
[[nodiscard]] inline std::string shown(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t most = 512;
  std::string made = "`";
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) made += c;
    else made.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return made + (text.size() > most ? "...`" : "`");
}

class Troubles {
 public:
  // `detail` is for people, and says what was found there.
  void add(SourceReason reason, const Place& place, std::string detail) {
    ++counts_[reason];
    ++total_;
    if (named_.size() < most_named)
      named_.push_back({.reason = reason, .path = place.path, .detail = std::move(detail), .line = place.line});
  }

  [[nodiscard]] const Errors& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] const std::vector<Trouble>& named() const { return named_; }  // in the order in which they were met

 private:
  Errors counts_;
  std::uint64_t total_ = 0;
  std::vector<Trouble> named_;
};

// "/etc/nginx/nginx.conf:12", or the path alone.
[[nodiscard]] inline std::string place_text(const Trouble& trouble) {
  return trouble.path + (trouble.line > 0 ? ":" + std::to_string(trouble.line) : "");
}

}  // namespace exporter::discovery
