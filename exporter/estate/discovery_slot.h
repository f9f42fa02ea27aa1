// What is published of one discovery (exporter/discovery).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "probes/observations/inventory.h"
#include "probes/observations/wall_time.h"

namespace exporter {

struct DiscoverySlot {
  std::string name;
  config::Labels labels;
  bool awaited = false;       // not looked at yet: neither up nor down
  bool up = false;            // its list could be made, all of it
  std::uint64_t targets = 0;  // found, the last good list of what could not be read included
  std::map<probes::observations::SourceReason, std::uint64_t> errors;  // handed in of one look, published of all
  std::vector<probes::observations::Trouble> troubles;      // of the last look, with their places; the first of very many
  std::uint64_t troubles_total = 0;                         // of the last look
  std::optional<probes::observations::WallTime> refreshed;  // when it was last up; absent in a slot handed in: as before
};

}  // namespace exporter
