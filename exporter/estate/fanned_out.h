// Targets whose name is fanned out: are all addresses of the name one server, for a client that is led to any of them? Built for
// one scrape, or one answer, from the slots; one thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/metrics/rows.h"

namespace exporter {

// Of a name at most so many addresses are watched, the first in their order as numbers.
inline constexpr std::size_t most_addresses = 16;

// What an address shows of another kind than another one does: words for people. Empty: they agree, as far as both could be
// asked. An address that is down says nothing here: its own watch does.
[[nodiscard]] std::vector<std::string> differences(const WatchSlot& one, const WatchSlot& other);

class FannedOut {
 public:
  void add(std::shared_ptr<const WatchSlot> slot);  // REQUIRES: its target has an address

  [[nodiscard]] metrics::Rows rows(const metrics::Scope& scope) const;

 private:
  std::map<std::string, std::vector<std::shared_ptr<const WatchSlot>>> by_target_;
};

}  // namespace exporter
