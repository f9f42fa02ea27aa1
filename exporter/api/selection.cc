#include "exporter/api/selection.h"

#include <utility>

#include "exporter/api/slot_states.h"

namespace exporter::api {

namespace {

class Choosing {
 public:
  Choosing(WallTime now, const Filter& filter) : now_(now), filter_(filter) {}

  void add(const std::shared_ptr<const WatchSlot>& slot) {
    if (!filter_.takes_source("server") || !filter_.takes(slot->target->labels)) return;
    Standing stands = standing(*slot, now_);
    if (!filter_.takes_state(word(stands.state))) return;
    count("server", stands.state);
    found_.watches.push_back({slot, std::move(stands)});
  }

  template <typename Slot>
  void add(std::vector<Chosen<Slot>>& chosen, const std::shared_ptr<const Slot>& slot, std::string_view kind, State state) {
    if (!filter_.takes_source(kind) || !filter_.takes(slot->labels) || !filter_.takes_state(word(state))) return;
    count(kind == "caller" ? "log" : kind, state);
    chosen.push_back({slot, state});
  }

  void add(const std::shared_ptr<const SourceSlot>& slot) {
    add(found_.sources, slot, word(slot->key.kind), state_now(*slot, now_));
    if (!slot->callers || !filter_.takes_source("caller") || !filter_.takes(slot->labels)) return;
    ChosenCallers chosen{.slot = slot, .at = {}};
    for (std::size_t at = 0; at < slot->published.size(); ++at) {
      const State state = state_now(*slot->callers->callers[at], now_);
      if (!filter_.takes_state(word(state))) continue;
      count("caller", state);
      chosen.at.push_back(at);
    }
    if (!chosen.at.empty()) found_.callers.push_back(std::move(chosen));
  }

  [[nodiscard]] Selection& found() { return found_; }
  [[nodiscard]] WallTime now() const { return now_; }

 private:
  void count(std::string_view kind, State state) { ++found_.counts[kind][static_cast<std::size_t>(state)]; }

  const WallTime now_;
  const Filter& filter_;
  Selection found_;
};

}  // namespace

Selection selection(const Estate& estate, WallTime now, const Filter& filter) {
  Choosing choosing(now, filter);
  Selection& found = choosing.found();
  for (const auto& slot : estate.watches()) choosing.add(slot);
  for (const auto& slot : estate.identities()) choosing.add(found.identities, slot, "identity", state_now(*slot, now));
  for (const auto& slot : estate.trusts()) choosing.add(found.trust, slot, "trust", state_now(*slot));
  for (const auto& slot : estate.sources()) choosing.add(slot);
  for (const auto& slot : estate.discoveries()) choosing.add(found.discoveries, slot, "discovery", state_now(*slot));
  return std::move(found);
}

Expiries expiries_of(const Selection& selection, WallTime now) {
  Expiries expiries(now);
  for (const ChosenWatch& one : selection.watches)
    if (one.slot->received) {
      expiries.add(one.slot->received->certificates, "server", one.slot->target->name);
      expiries.add_path(one.slot->received->chain);
    }
  for (const auto& one : selection.identities) {
    expiries.add(one.slot->certificates, "identity", one.slot->name);
    expiries.add_path(one.slot->chain);
  }
  for (const auto& one : selection.trust) expiries.add(one.slot->certificates, "trust", one.slot->name);
  for (const auto& one : selection.sources)
    if (!one.slot->callers) expiries.add(*one.slot);
  for (const ChosenCallers& one : selection.callers) expiries.add(*one.slot, one.at);
  return expiries;
}

}  // namespace exporter::api
