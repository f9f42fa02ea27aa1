// A slot of the estate and the text rendered of it, which are replaced together. Private to exporter/estate/; any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "exporter/estate/estate.h"
#include "exporter/metrics/family.h"

namespace exporter {

template <typename Slot>
std::shared_ptr<const metrics::SlotText> rendered(const Slot& slot, const metrics::Scope& scope) {
  return std::make_shared<metrics::SlotText>(metrics::render(metrics::rows(slot, scope), scope.detail));
}

template <typename Slot>
struct Estate::Entry {
  Entry(Slot first, std::shared_ptr<const metrics::Scope> in)
      : scope(std::move(in)), slot(std::make_shared<Slot>(std::move(first))), text(rendered(*slot, *scope)) {}

  // Replaces the slot by change(slot).
  template <typename Change>
  void replace(Change change) {
    const std::lock_guard lock(mutex);
    slot = std::make_shared<Slot>(change(*slot));
    text = rendered(*slot, *scope);
  }

  std::shared_ptr<const Slot> snapshot() const {
    const std::lock_guard lock(mutex);
    return slot;
  }

  std::shared_ptr<const metrics::SlotText> snapshot_of_text() const {
    const std::lock_guard lock(mutex);
    return text;
  }

  std::pair<std::shared_ptr<const Slot>, std::shared_ptr<const metrics::SlotText>> snapshot_with_text() const {
    const std::lock_guard lock(mutex);
    return {slot, text};
  }

  mutable std::mutex mutex;
  std::shared_ptr<const metrics::Scope> scope;
  std::shared_ptr<const Slot> slot;
  std::shared_ptr<const metrics::SlotText> text;
};

}  // namespace exporter
