#include "exporter/metrics/exposition.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "exporter/metrics/label.h"
#include "exporter/metrics/number.h"

namespace exporter::metrics {

namespace {

constexpr std::uint16_t exhausted = 0x7FFF;  // the family of a cursor that has nothing left
constexpr std::size_t lines_ahead = 12;      // cursors between a prefetch of what says where and its use
constexpr std::size_t bytes_ahead = 6;       // ... between a prefetch of the text and its use: about a memory latency of copying
constexpr std::string_view end_mark = "# EOF\n";  // OpenMetrics 1.0

}  // namespace

// Where to write in a piece of memory that is asked for room first.
class Exposition::Pen {
 public:
  explicit Pen(std::string& buffer) : begin_(buffer.data()), at_(begin_), end_(begin_ + buffer.size()) {}

  std::size_t written() const { return static_cast<std::size_t>(at_ - begin_); }
  std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }

  // REQUIRES: room() for it.
  void write(const char* from, std::size_t size) {
    std::memcpy(at_, from, size);
    at_ += size;
  }
  void write(std::string_view text) { write(text.data(), text.size()); }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

// How far a slot's text has been written. Families are asked for in the order of its samples, so that a text is touched only when
// it has samples of the family at hand; pointers are held flat because every step into a cold slot costs more than the copying.
class Exposition::Cursor {
 public:
  explicit Cursor(const SlotText& text)
      : text_(text.text.data()), sample_(text.samples.data()), last_(sample_ + text.samples.size()), value_(text.values.data()) {
    look();
  }

  std::uint16_t family() const { return family_; }

  void prefetch_sample() const { __builtin_prefetch(sample_); }

  // Fetches into the cache what write() will read.
  void prefetch_text() const {
    __builtin_prefetch(text_ + labels_);
    __builtin_prefetch(text_ + labels_ + 64);
    __builtin_prefetch(text_ + written_);
  }

  // Bytes that write() may need.
  std::size_t size(std::string_view name) const {
    return name.size() + sample_->labels_size + (sample_->end - written_) + number_limit;
  }

  // Writes the sample at hand and goes on to the next. REQUIRES: room for size().
  void write(Pen& pen, std::string_view name, std::chrono::sys_seconds now) {
    const Sample sample = *sample_;
    pen.write(name);
    if (sample.labels == written_) {  // both stand together
      write_rest(pen, sample, now);
    } else {
      pen.write(text_ + sample.labels, sample.labels_size);
      write_rest(pen, sample, now);
    }
    ++sample_;
    look();
  }

 private:
  void look() {
    family_ = sample_ == last_ ? exhausted : sample_->family;
    if (sample_ != last_) labels_ = sample_->labels;
  }

  void write_rest(Pen& pen, const Sample& sample, std::chrono::sys_seconds now) {
    const std::size_t size = sample.end - written_;
    if (sample.at_scrape) {
      pen.write(text_ + written_, size - 1);
      std::array<char, number_limit> number;
      pen.write(number.data(), write_value(number, *value_++, now));
      pen.write("\n", 1);
    } else {
      pen.write(text_ + written_, size);
    }
    written_ = sample.end;
  }

  static std::size_t write_value(std::array<char, number_limit>& number, const ClockValue& value, std::chrono::sys_seconds now) {
    const std::chrono::seconds left = value.not_after - now;
    if (value.not_before == ClockValue{}.not_before) return write_days(number, left);
    if (value.not_before > value.not_after)
      return write_number(number, value.not_after <= now && now < value.not_before ? 1.0 : 0.0);
    const std::chrono::seconds lifetime = value.not_after - value.not_before;
    return write_number(number, static_cast<double>(left.count()) / static_cast<double>(lifetime.count()));
  }

  const char* text_;
  const Sample* sample_;
  const Sample* last_;
  const ClockValue* value_;
  std::uint32_t written_ = 0;
  std::uint32_t labels_ = 0;
  std::uint16_t family_ = exhausted;
};

namespace {

std::string header(const Family& family, Format format) {
  std::string_view name = family.name;
  // OpenMetrics 1.0: the name of a counter's family lacks the _total of its sample.
  if (format == Format::openmetrics && family.type == Type::counter) name.remove_suffix(std::string_view("_total").size());
  std::string text = "# HELP ";
  text.append(name).append(" ");
  append_help(text, family.help, format == Format::openmetrics);
  text.append("\n# TYPE ").append(name).append(" ").append(word(family.type)).append("\n");
  return text;
}

}  // namespace

Exposition::Exposition(SlotTexts texts, std::span<const Family> table, Format format, WallTime now, std::size_t piece_size)
    : format_(format), now_(std::chrono::floor<std::chrono::seconds>(now)) {
  constexpr std::size_t headers = 64 * 1024, slot = 8 * 1024;  // bytes, and more than usual: a small estate comes in one piece
  buffer_.resize(std::min(piece_size, headers + texts.size() * slot));
  append(std::move(texts), table);
}

Exposition::~Exposition() = default;
Exposition::Exposition(Exposition&&) noexcept = default;

void Exposition::append(SlotTexts texts, std::span<const Family> table) {
  parts_.push_back({std::move(texts), table});
  if (parts_.size() == 1) begin_part();
}

void Exposition::begin_part() {
  cursors_.clear();
  family_ = slot_ = 0;
  headed_ = false;
  if (parts_.empty()) return;
  const SlotTexts& texts = parts_.front().texts;
  cursors_.reserve(texts.size());
  for (std::size_t number = 0; number < texts.size(); ++number) {
    if (number + lines_ahead < texts.size()) __builtin_prefetch(texts[number + lines_ahead].get());
    cursors_.emplace_back(*texts[number]);
  }
}

// Writes the samples of the family at hand from the slot at hand on. What does not fit is left, and its size answered; else 0.
std::size_t Exposition::write_family(Pen& pen) {
  const Family& family = parts_.front().table[family_];
  const std::size_t count = cursors_.size();
  for (; slot_ < count; ++slot_) {
    if (slot_ + lines_ahead < count && cursors_[slot_ + lines_ahead].family() == family_)
      cursors_[slot_ + lines_ahead].prefetch_sample();
    if (slot_ + bytes_ahead < count && cursors_[slot_ + bytes_ahead].family() == family_)
      cursors_[slot_ + bytes_ahead].prefetch_text();
    Cursor& cursor = cursors_[slot_];
    while (cursor.family() == family_) {
      if (!headed_) {
        const std::string text = header(family, format_);
        if (text.size() > pen.room()) return text.size();
        pen.write(text);
        headed_ = true;
      }
      const std::size_t size = cursor.size(family.name);
      if (size > pen.room()) return size;
      cursor.write(pen, family.name, now_);
    }
  }
  return 0;
}

// As write_family(), for all that is left.
std::size_t Exposition::write_all(Pen& pen) {
  for (; !parts_.empty(); parts_.erase(parts_.begin()), begin_part()) {
    for (; family_ < parts_.front().table.size(); ++family_, slot_ = 0, headed_ = false)
      if (const std::size_t more = write_family(pen); more > 0) return more;
  }
  if (format_ != Format::openmetrics || ended_) return 0;
  if (end_mark.size() > pen.room()) return end_mark.size();
  pen.write(end_mark);
  ended_ = true;
  return 0;
}

std::string_view Exposition::next() {
  Pen pen(buffer_);
  std::size_t left_out = write_all(pen);
  while (left_out > 0 && pen.written() == 0) {  // one line larger than a piece
    buffer_.resize(left_out);
    pen = Pen(buffer_);
    left_out = write_all(pen);
  }
  return {buffer_.data(), pen.written()};
}

std::string text_of(Exposition exposition) {
  std::string text;
  for (std::string_view piece = exposition.next(); !piece.empty(); piece = exposition.next()) text.append(piece);
  return text;
}

}  // namespace exporter::metrics
