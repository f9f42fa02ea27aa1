#include "exporter/renewals/renewals.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "exporter/metrics/family.h"
#include "exporter/metrics/rows.h"

namespace exporter::renewals {

using namespace std::chrono_literals;
using storage::PlaceKey;

namespace {

constexpr auto between_looks = 200ms;  // whether the storage asks

// A slot's certificates that have a habit, by their place among its certificate rows.
using Late = std::vector<std::pair<std::size_t, std::chrono::sys_seconds>>;

template <typename Slot>
void add_rows(const Slot& slot, const Late& late, const metrics::Scope& scope, metrics::Rows& rows) {
  if (late.empty()) return;
  metrics::Rows of_slot = metrics::rows(slot, scope);
  for (const auto& [certificate, from] : late)
    rows.renewals.push_back({.labels = std::move(of_slot.certificates[certificate].labels), .late_from = from});
}

}  // namespace

Renewals::Renewals(const Estate& estate, storage::Storage& storage, ScopeSource scope, Clock clock)
    : estate_(estate),
      storage_(storage),
      scope_(std::move(scope)),
      clock_(std::move(clock)),
      text_(std::make_shared<const metrics::SlotText>()) {
  thread_ = std::jthread([this](const std::stop_token& stopping) { run(stopping); });
}

Renewals::~Renewals() { stop(); }

void Renewals::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Renewals::run(const std::stop_token& stopping) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  while (!never.wait_for(lock, stopping, between_looks, [] { return false; }) && !stopping.stop_requested())
    if (storage_.asked() != asked_) save();
  save();
}

// Without what an earlier run knew, what is seen would all be new.
void Renewals::save() {
  asked_ = storage_.asked();
  const std::uint64_t opened = storage_.opened();
  if (opened == 0) return;
  const bool all = opened != std::exchange(opened_, opened);
  if (all) places_.restore(storage_.take_places());
  look();
  storage::Changes changes;
  places_.save(changes, all);
  storage_.put(std::move(changes), opened);
}

void Renewals::look() {
  const WallTime now = clock_();
  const metrics::Scope scope = scope_();
  metrics::Rows rows;
  for (const auto& watch : estate_.watches()) {
    if (!watch->received || watch->received->certificates.empty()) continue;
    const PlaceKey key{"server", watch->target->name, watch->identity, watch->target->address};
    places_.see(key, watch->received->certificates.front(), watch->received->at);
    if (const auto late = places_.late_from(key)) add_rows(*watch, {{0, *late}}, scope, rows);
  }
  for (const auto& identity : estate_.identities()) {
    if (identity->certificates.empty()) continue;
    const PlaceKey key{"identity", identity->name, identity->name, ""};
    places_.see(key, identity->certificates.front(), now);
    if (const auto late = places_.late_from(key)) add_rows(*identity, {{0, *late}}, scope, rows);
  }
  for (const auto& source : estate_.sources()) {
    if (source->key.kind != SourceKind::file) continue;
    Late of_source;
    for (std::size_t at = 0; at < source->published.size(); ++at) {
      const RestingCertificate& resting = source->published[at];
      if (!resting.leaf || resting.position != 0) continue;
      const PlaceKey key{"file", std::string(resting.place.text()), "", ""};
      places_.see(key, resting.certificate, now);
      if (const auto late = places_.late_from(key)) of_source.emplace_back(at, *late);
    }
    add_rows(*source, of_source, scope, rows);
  }
  text_ = std::make_shared<const metrics::SlotText>(metrics::render(rows, scope.detail));
  ++looks_;
}

}  // namespace exporter::renewals
