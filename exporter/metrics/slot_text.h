// The text one slot contributes to a scrape, rendered when the slot changes, so that a scrape is concatenation. Immutable once
// made and shared between the slot and the scrapes under way; both exposition formats use the same text, they differ in headers
// only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace exporter::metrics {

// A place in the text where a value that depends on the scrape's clock is written.
struct Hole {
  enum class Value : std::uint8_t { days_until, lifetime_remaining };
  std::uint32_t offset = 0;  // the value stands before text[offset]
  Value value = Value::days_until;
  std::chrono::sys_seconds not_before{};  // lifetime_remaining only
  std::chrono::sys_seconds not_after{};
};

// The samples of one family; they begin where those of the segment before end.
struct Segment {
  std::uint16_t family = 0;  // index in families()
  std::uint32_t end = 0;     // offset in the text
};

struct SlotText {
  std::string text;
  std::vector<Segment> segments;  // ascending by family, none empty
  std::vector<Hole> holes;        // ascending by offset
};

}  // namespace exporter::metrics
