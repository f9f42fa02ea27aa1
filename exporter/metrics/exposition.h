// A snapshot of slots as exposition text, in pieces: families in the order of their table, HELP and TYPE once per family that has
// a sample, its samples together, the values that depend on the clock written in. Holds the slots' texts alive, and no lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/family.h"
#include "exporter/metrics/format.h"
#include "exporter/metrics/slot_text.h"

namespace exporter::metrics {

using SlotTexts = std::vector<std::shared_ptr<const SlotText>>;

class Exposition {
 public:
  // `texts` were rendered with `table`; `now` is the scrape's clock. At most `piece_size` bytes come at once, or one longer line.
  Exposition(SlotTexts texts, std::span<const Family> table, Format format, WallTime now,
             std::size_t piece_size = usual_piece_size);
  ~Exposition();
  Exposition(Exposition&&) noexcept;

  // After this one, in the same text: the samples of another table.
  void append(SlotTexts texts, std::span<const Family> table);

  // The next piece, whole lines, valid until the next call; empty at the end. One thread at a time.
  [[nodiscard]] std::string_view next();

  // Memory that stays in a core's cache between being written and being sent.
  static constexpr std::size_t usual_piece_size = 256 * 1024;

 private:
  class Cursor;
  class Pen;
  struct Part {
    SlotTexts texts;
    std::span<const Family> table;
  };
  void begin_part();
  std::size_t write_family(Pen& pen);
  std::size_t write_all(Pen& pen);

  std::vector<Part> parts_;  // those not yet written; the first is at hand
  Format format_;
  std::chrono::sys_seconds now_;
  std::vector<Cursor> cursors_;  // one for each text of the part at hand
  std::size_t family_ = 0;       // index in the table of the part at hand
  std::size_t slot_ = 0;         // where to go on in that family
  bool headed_ = false;          // the family's header is written
  bool ended_ = false;
  std::string buffer_;
};

// All that is left of it.
[[nodiscard]] std::string text_of(Exposition exposition);

}  // namespace exporter::metrics
