#include "exporter/metrics/scrape.h"

#include "exporter/metrics/family.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/number.h"

namespace exporter::metrics {

namespace {

constexpr std::uint16_t exhausted = 0xFFFF;
constexpr std::size_t longest_number = 24;

// How far a text has been written. Families are asked for in the order of its segments, so that a text is touched only when it has
// samples of the family at hand.
class Cursor {
 public:
  explicit Cursor(const SlotText& text) : text_(&text), family_(text.segments.empty() ? exhausted : text.segments.front().family) {}

  std::uint16_t family() const { return family_; }

  // Writes the segment at hand and goes on to the next.
  void write(std::string& out, std::chrono::sys_seconds now) {
    const std::uint32_t end = text_->segments[segment_].end;
    for (; hole_ < text_->holes.size() && text_->holes[hole_].offset < end; ++hole_) {
      const Hole& hole = text_->holes[hole_];
      out.append(text_->text, written_, hole.offset - written_);
      append_number(out, value(hole, now));
      written_ = hole.offset;
    }
    out.append(text_->text, written_, end - written_);
    written_ = end;
    ++segment_;
    family_ = segment_ < text_->segments.size() ? text_->segments[segment_].family : exhausted;
  }

 private:
  static double value(const Hole& hole, std::chrono::sys_seconds now) {
    const auto left = static_cast<double>((hole.not_after - now).count());
    if (hole.value == Hole::Value::days_until) return left / 86400;
    return left / static_cast<double>((hole.not_after - hole.not_before).count());
  }

  const SlotText* text_;
  std::uint32_t written_ = 0;
  std::uint32_t hole_ = 0;
  std::uint16_t segment_ = 0;
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

std::size_t size_of(const SlotTexts& texts) {
  std::size_t size = families().size() * 256;
  for (const auto& text : texts) size += text->text.size() + text->holes.size() * longest_number;
  return size;
}

}  // namespace

std::string exposition(const SlotTexts& texts, Format format, WallTime now) {
  const auto at = std::chrono::floor<std::chrono::seconds>(now);
  std::string out;
  out.reserve(size_of(texts));
  std::vector<Cursor> cursors;
  cursors.reserve(texts.size());
  for (const auto& text : texts) cursors.emplace_back(*text);
  const std::span<const Family> table = families();
  for (std::size_t index = 0; index < table.size(); ++index) {
    bool begun = false;
    for (Cursor& cursor : cursors) {
      if (cursor.family() != index) continue;
      if (!begun) append_header(out, table[index], format);
      begun = true;
      cursor.write(out, at);
    }
  }
  if (format == Format::openmetrics) out += "# EOF\n";
  return out;
}

std::string scrape(const Estate& estate, const OwnMetrics& own, Format format, WallTime now) {
  SlotTexts texts = estate.texts();
  texts.push_back(std::make_shared<SlotText>(own.text(format)));
  return exposition(texts, format, now);
}

}  // namespace exporter::metrics
