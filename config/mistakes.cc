#include "config/mistakes.h"

#include <algorithm>
#include <array>

namespace config {
namespace {

constexpr std::size_t quoted_limit = 60;       // enough to recognise what one wrote
constexpr std::size_t compared_limit = 64;     // no key or name worth comparing is longer
constexpr std::size_t known_words_limit = 24;  // a message, not a catalogue

// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one each.
std::size_t slips(std::string_view left, std::string_view right) {
  using Row = std::array<std::size_t, compared_limit + 1>;
  Row before_last{}, last{}, row{};
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[right.size()];
}

}  // namespace

void Mistakes::add(Place place, std::string_view wrong, std::string_view right) {
  Mistake mistake{place, std::string(wrong)};
  if (!right.empty()) mistake.text.append("; ").append(right);
  if (mistakes_.size() < limit) mistakes_.insert(std::move(mistake));
  else if (!mistakes_.contains(mistake)) ++left_out_;
}

std::string Mistakes::text() const {
  std::string text;
  for (const Mistake& mistake : mistakes_) {
    if (!text.empty()) text += '\n';
    text += file_;
    if (mistake.place.line > 0) text += ':' + std::to_string(mistake.place.line) + ':' + std::to_string(mistake.place.column);
    text += ": " + mistake.text;
  }
  if (left_out_ > 0) text += '\n' + file_ + ": and " + std::to_string(left_out_) + " more mistakes";
  return text;
}

std::string quote(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result = "`";
  for (const char letter : text.substr(0, quoted_limit)) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f) result.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
    else result += letter;
  }
  if (text.size() <= quoted_limit) return result + '`';
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  if (continues(quoted_limit)) {  // do not cut a UTF-8 sequence in half
    while (result.size() > 1 && (static_cast<unsigned char>(result.back()) & 0xc0) == 0x80) result.pop_back();
    if (result.size() > 1) result.pop_back();
  }
  return result + "...`";
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > compared_limit) return {};
  const std::size_t allowed = word.size() >= 10 ? 2 : 1;
  std::string_view best;
  std::size_t fewest = allowed + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > compared_limit) continue;
    if (const std::size_t count = slips(word, candidate); count < fewest) {
      fewest = count;
      best = candidate;
    }
  }
  return best;
}

std::string advice(std::string_view unknown, std::span<const std::string_view> known) {
  if (known.empty()) return "none is known here";
  std::string text;
  if (const std::string_view near = nearest(unknown, known); !near.empty()) text = "did you mean " + quote(near) + "? ";
  text += "known here: ";
  for (std::size_t i = 0; i < std::min(known.size(), known_words_limit); ++i) text.append(i == 0 ? "" : ", ").append(known[i]);
  if (known.size() > known_words_limit) text += " and " + std::to_string(known.size() - known_words_limit) + " more";
  return text;
}

}  // namespace config
