// What one slot contributes to a scrape, rendered when the slot changes, so that a scrape is concatenation. Immutable once made
// and shared between the slot and the scrapes under way; both exposition formats use the same text, they differ in headers only.
// Names of families stand in their table and labels that many samples begin with stand here once: that is most of a scrape.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace exporter::metrics {

// One line: the name of its family, its shared labels, and the rest of it, from where the sample before ended, or behind the
// shared labels if it is the first that has them and they stand there.
struct Sample {
  std::uint32_t labels = 0;         // where the shared labels begin in the text, with their brace
  std::uint32_t end = 0;            // of the rest, line feed included
  std::uint16_t labels_size = 0;    // 0: there are none
  std::uint16_t family : 15 = 0;    // index in families()
  std::uint16_t at_scrape : 1 = 0;  // the value is the next of `values` and stands before the line feed
};

// A value that depends on the scrape's clock: days until not_after or, with a not_before, the part of the lifetime that is left.
// With a not_before behind not_after, a lifetime that no certificate has, it is 1 between the two and 0 otherwise: a third kind
// takes no memory of the other two, of which there are millions.
struct ClockValue {
  std::chrono::sys_seconds not_before = std::chrono::sys_seconds::min();
  std::chrono::sys_seconds not_after{};
};

struct SlotText {
  std::string text;
  std::vector<Sample> samples;     // ascending by family
  std::vector<ClockValue> values;  // in the order of their samples
};

}  // namespace exporter::metrics
