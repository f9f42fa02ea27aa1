// Collects what is wrong with a file that people write, as values: reading goes on after a mistake, so that one run
// reports all of them. Also the words such reports are made of. Not shared between threads.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace config {

// Where something stands in its file, counted from 1 (columns in bytes). Line 0: the file as a whole.
struct Place {
  int line = 0;
  int column = 0;
  auto operator<=>(const Place&) const = default;
};

class Mistakes {
 public:
  // `file` is how the file is named in every line of text().
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  // `wrong` says what is wrong, `right` what would be right ("" when that is obvious). The same mistake at the same place
  // counts once (an alias may be read twice).
  void add(Place place, std::string_view wrong, std::string_view right);

  const std::string& file() const { return file_; }
  bool empty() const { return mistakes_.empty(); }
  std::size_t size() const { return mistakes_.size() + left_out_; }

  // "FILE:LINE:COLUMN: wrong; right", one line each without a newline after the last, in the order of the file.
  [[nodiscard]] std::string text() const;

  // A file of another kind altogether would report every line of itself; nobody reads more than this.
  static constexpr std::size_t limit = 100;

 private:
  struct Mistake {
    Place place;
    std::string text;
    auto operator<=>(const Mistake&) const = default;
  };
  std::string file_;
  std::set<Mistake> mistakes_;
  std::size_t left_out_ = 0;
};

// `text` in backquotes for a message: control characters shown as \xNN, cut after 60 bytes.
[[nodiscard]] std::string quote(std::string_view text);

// What to say instead of an unknown word: "did you mean `interval`? known here: interval, timeout".
[[nodiscard]] std::string advice(std::string_view unknown, std::span<const std::string_view> known);

// The known word that `word` is a slip of the pen away from (a letter added, lost, changed, or two swapped; two such slips in
// a word of ten letters or more); "" if there is none.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace config
