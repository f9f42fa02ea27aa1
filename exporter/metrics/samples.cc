#include "exporter/metrics/samples.h"

#include <functional>

#include "exporter/metrics/family.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/number.h"

namespace exporter::metrics {

void Samples::open(const Family& family, std::size_t index) {
  close();
  family_ = &family;
  index_ = index;
  seen_.clear();
}

void Samples::close() {
  const std::size_t before = result_.segments.empty() ? 0 : result_.segments.back().end;
  if (family_ == nullptr || result_.text.size() == before) return;
  result_.segments.push_back({static_cast<std::uint16_t>(index_), static_cast<std::uint32_t>(result_.text.size())});
}

// Writes name and labels up to the space before the value; takes them back and answers false if they are a duplicate.
bool Samples::begin_sample(std::initializer_list<std::string_view> more, std::string_view suffix) {
  std::string& text = result_.text;
  const std::size_t start = text.size();
  text.append(family_->name).append(suffix);
  std::string further;
  const std::string_view* name = family_->more.begin();
  for (const std::string_view value : more) append_label(further, *name++, value);
  if (!labels_.empty() || !further.empty()) {
    text.append("{").append(labels_);
    if (!labels_.empty() && !further.empty()) text += ',';
    text.append(further).append("}");
  }
  const std::size_t digest = std::hash<std::string_view>{}(std::string_view(text).substr(start));
  if (!seen_.insert(digest).second) {
    text.resize(start);
    return false;
  }
  text += ' ';
  return true;
}

void Samples::add_value(double value, std::initializer_list<std::string_view> more, std::string_view suffix) {
  if (!begin_sample(more, suffix)) return;
  append_number(result_.text, value);
  result_.text += '\n';
}

void Samples::add_hole(Hole hole) {
  if (!begin_sample({}, {})) return;
  hole.offset = static_cast<std::uint32_t>(result_.text.size());
  result_.holes.push_back(hole);
  result_.text += '\n';
}

void Samples::add_days_until(std::chrono::sys_seconds not_after) {
  add_hole({.value = Hole::Value::days_until, .not_after = not_after});
}

void Samples::add_lifetime_remaining(std::chrono::sys_seconds not_before, std::chrono::sys_seconds not_after) {
  if (not_after <= not_before) return;
  add_hole({.value = Hole::Value::lifetime_remaining, .not_before = not_before, .not_after = not_after});
}

SlotText Samples::finish() {
  close();
  family_ = nullptr;
  result_.text.shrink_to_fit();
  result_.segments.shrink_to_fit();
  result_.holes.shrink_to_fit();
  return std::move(result_);
}

}  // namespace exporter::metrics
