#include "exporter/metrics/scrape.h"

#include "exporter/metrics/family.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/number.h"

namespace exporter::metrics {

namespace {

constexpr std::uint16_t exhausted = 0xFFFF;
constexpr std::size_t longest_number = 24;
constexpr std::size_t ahead = 8;  // cursors between a prefetch and its use: about one memory latency of copying

// How far a text has been written. Families are asked for in the order of its segments, so that a text is touched only when it
// has samples of the family at hand; pointers are held flat because every step into a cold slot costs more than the copying.
class Cursor {
 public:
  explicit Cursor(const SlotText& text)
      : text_(text.text.data()),
        segment_(text.segments.data()),
        last_(segment_ + text.segments.size()),
        hole_(text.holes.data()),
        last_hole_(hole_ + text.holes.size()),
        family_(text.segments.empty() ? exhausted : text.segments.front().family) {}

  std::uint16_t family() const { return family_; }

  // Fetches into the cache what write() will read.
  void prefetch() const {
    __builtin_prefetch(segment_);
    __builtin_prefetch(text_ + written_);
    __builtin_prefetch(text_ + written_ + 64);
  }

  // Writes the segment at hand and goes on to the next.
  void write(std::string& out, std::chrono::sys_seconds now) {
    const std::uint32_t end = segment_->end;
    for (; hole_ != last_hole_ && hole_->offset < end; ++hole_) {
      out.append(text_ + written_, hole_->offset - written_);
      append_number(out, value(*hole_, now));
      written_ = hole_->offset;
    }
    out.append(text_ + written_, end - written_);
    written_ = end;
    ++segment_;
    family_ = segment_ == last_ ? exhausted : segment_->family;
  }

 private:
  static double value(const Hole& hole, std::chrono::sys_seconds now) {
    const auto left = static_cast<double>((hole.not_after - now).count());
    if (hole.value == Hole::Value::days_until) return left / 86400;
    return left / static_cast<double>((hole.not_after - hole.not_before).count());
  }

  const char* text_;
  const Segment* segment_;
  const Segment* last_;
  const Hole* hole_;
  const Hole* last_hole_;
  std::uint32_t written_ = 0;
  std::uint16_t family_;
};

void append_header(std::string& out, const Family& family, Format format) {
  std::string_view name = family.name;
  // OpenMetrics 1.0: the name of a counter's family lacks the _total of its sample.
  if (format == Format::openmetrics && family.type == Type::counter) name.remove_suffix(std::string_view("_total").size());
  out.append("# HELP ").append(name).append(" ");
  append_help(out, family.help, format == Format::openmetrics);
  out.append("\n# TYPE ").append(name).append(" ").append(word(family.type)).append("\n");
}

std::size_t size_of(const SlotTexts& texts, std::span<const Family> table) {
  std::size_t size = table.size() * 256;
  for (const auto& text : texts) size += text->text.size() + text->holes.size() * longest_number;
  return size;
}

void append(std::string& out, const SlotTexts& texts, std::span<const Family> table, Format format, WallTime now) {
  const auto at = std::chrono::floor<std::chrono::seconds>(now);
  out.reserve(out.size() + size_of(texts, table));
  std::vector<Cursor> cursors;
  cursors.reserve(texts.size());
  for (const auto& text : texts) cursors.emplace_back(*text);
  for (std::size_t index = 0; index < table.size(); ++index) {
    bool begun = false;
    for (std::size_t number = 0; number < cursors.size(); ++number) {
      if (number + ahead < cursors.size() && cursors[number + ahead].family() == index) cursors[number + ahead].prefetch();
      if (cursors[number].family() != index) continue;
      if (!begun) append_header(out, table[index], format);
      begun = true;
      cursors[number].write(out, at);
    }
  }
}

void end(std::string& out, Format format) {
  if (format == Format::openmetrics) out += "# EOF\n";
}

}  // namespace

std::string exposition(const SlotTexts& texts, Format format, WallTime now) {
  std::string out;
  append(out, texts, families(), format, now);
  end(out, format);
  return out;
}

std::string probe_scrape(SlotText slot, SlotText blackbox, Format format, WallTime now) {
  std::string out;
  append(out, {std::make_shared<SlotText>(std::move(slot))}, families(), format, now);
  append(out, {std::make_shared<SlotText>(std::move(blackbox))}, blackbox_families(), format, now);
  end(out, format);
  return out;
}

std::string scrape(const Estate& estate, const OwnMetrics& own, Format format, WallTime now) {
  SlotTexts texts = estate.texts();
  texts.push_back(std::make_shared<SlotText>(own.text(format)));
  return exposition(texts, format, now);
}

}  // namespace exporter::metrics
