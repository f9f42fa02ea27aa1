#include "exporter/metrics/samples.h"

#include <functional>
#include <limits>

#include "exporter/metrics/family.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/number.h"

namespace exporter::metrics {

namespace {

std::size_t digest(std::string_view text) { return std::hash<std::string_view>{}(text); }

std::size_t mixed(std::size_t left, std::size_t right) { return (left * 31) ^ right; }

}  // namespace

void Samples::open(const Family& family, std::size_t index) {
  family_ = &family;
  sample_.family = index & 0x7FFF;
  seen_.clear();
}

void Samples::of_row(std::string_view labels) {
  labels_ = labels;
  labels_digest_ = digest(labels);
}

// Points the sample at its row's labels, after writing them if no sample before had them.
void Samples::share_labels() {
  std::string& text = result_.text;
  const auto [known, first] = shared_.emplace(labels_digest_, static_cast<std::uint32_t>(text.size()));
  std::uint32_t at = known->second;
  const bool same = !first && std::string_view(text).substr(at + 1, labels_.size()) == labels_;
  if (!same) {
    at = static_cast<std::uint32_t>(text.size());
    text.append("{").append(labels_);
  }
  sample_.labels = at;
  sample_.labels_size = static_cast<std::uint16_t>(labels_.size() + 1);
}

// Writes everything between the name and the value; nothing, and answers false, if the sample is a duplicate.
bool Samples::begin_sample(std::initializer_list<std::string_view> more, std::string_view suffix) {
  further_.clear();
  const std::string_view* name = family_->more.begin();
  for (const std::string_view value : more) append_label(further_, *name++, value);
  if (!seen_.insert(mixed(mixed(labels_digest_, digest(further_)), digest(suffix))).second) return false;
  std::string& text = result_.text;
  sample_.labels_size = 0;
  const bool shares = suffix.empty() && !labels_.empty() && labels_.size() < std::numeric_limits<std::uint16_t>::max();
  if (shares) share_labels();
  else text.append(suffix).append(labels_.empty() && further_.empty() ? "" : "{").append(labels_);
  if (!labels_.empty() && !further_.empty()) text += ',';
  text.append(further_).append(labels_.empty() && further_.empty() ? " " : "} ");
  return true;
}

void Samples::end_sample() {
  result_.text += '\n';
  sample_.end = static_cast<std::uint32_t>(result_.text.size());
  result_.samples.push_back(sample_);
}

void Samples::add_value(double value, std::initializer_list<std::string_view> more, std::string_view suffix) {
  if (!begin_sample(more, suffix)) return;
  append_number(result_.text, value);
  sample_.at_scrape = 0;
  end_sample();
}

void Samples::add_at_scrape(const ClockValue& value) {
  if (!begin_sample({}, {})) return;
  result_.values.push_back(value);
  sample_.at_scrape = 1;
  end_sample();
}

void Samples::add_days_until(probes::observations::Date not_after) {
  if (not_after) add_at_scrape({.not_after = *not_after});
}

void Samples::add_lifetime_remaining(probes::observations::Date not_before, probes::observations::Date not_after) {
  if (not_before && not_after && *not_after > *not_before) add_at_scrape({.not_before = *not_before, .not_after = *not_after});
}

void Samples::add_while(std::chrono::sys_seconds begin, std::chrono::sys_seconds end) {
  if (begin < end) add_at_scrape({.not_before = end, .not_after = begin});
  else add(0);
}

SlotText Samples::finish() {
  result_.text.shrink_to_fit();
  result_.samples.shrink_to_fit();
  result_.values.shrink_to_fit();
  return std::move(result_);
}

}  // namespace exporter::metrics
