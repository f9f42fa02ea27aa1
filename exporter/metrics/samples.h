// Collects the samples of one slot, family after family, as exposition text. Owned by one renderer on one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/settings.h"
#include "exporter/metrics/slot_text.h"
#include "probes/observations/date.h"

namespace exporter::metrics {

struct Family;

class Samples {
 public:
  // The level at which samples are wanted.
  explicit Samples(config::Detail detail) : detail_(detail) {}

  config::Detail detail() const { return detail_; }

  // The following samples belong to `family`, which stands at `index` in families(); indexes ascend.
  void open(const Family& family, std::size_t index);

  // The following samples begin with these labels (rendered; borrowed until the next call).
  void of_row(std::string_view labels);

  // One sample. `more`: the values of the family's further labels, in its order; missing ones at the end are left out. A sample
  // whose labels the family already has in this slot is dropped: Prometheus rejects a scrape with a duplicate.
  template <typename Number>
  void add(Number value, std::initializer_list<std::string_view> more = {}, std::string_view suffix = {}) {
    static_assert(std::is_arithmetic_v<Number>);
    add_value(static_cast<double>(value), more, suffix);
  }

  // One sample, if there is a value.
  template <typename Number>
  void add(const std::optional<Number>& value) {
    if (value) add(*value);
  }

  // A sample whose value is worked out at the scrape: days from then until `not_after`; nothing where that cannot be read.
  void add_days_until(probes::observations::Date not_after);

  // ... the part of the lifetime that is left, 1 at not_before and 0 at not_after. Nothing for a lifetime that is not positive or
  // not known.
  void add_lifetime_remaining(probes::observations::Date not_before, probes::observations::Date not_after);

  // ... 1 from `begin` on and until `end`, else 0.
  void add_while(std::chrono::sys_seconds begin, std::chrono::sys_seconds end);

  // Everything collected, in exactly the memory it needs. REQUIRES: nothing is added afterwards.
  [[nodiscard]] SlotText finish();

 private:
  void add_value(double value, std::initializer_list<std::string_view> more, std::string_view suffix);
  void add_at_scrape(const ClockValue& value);
  bool begin_sample(std::initializer_list<std::string_view> more, std::string_view suffix);
  void share_labels();
  void end_sample();

  config::Detail detail_;
  const Family* family_ = nullptr;
  std::string_view labels_;
  std::size_t labels_digest_ = 0;
  std::unordered_map<std::size_t, std::uint32_t> shared_;  // by digest, where labels stand in the text
  std::unordered_set<std::size_t> seen_;                   // digests of the open family's label sets
  std::string further_;                                    // of the sample at hand; kept for its memory
  Sample sample_;                                          // the one at hand
  SlotText result_;
};

}  // namespace exporter::metrics
