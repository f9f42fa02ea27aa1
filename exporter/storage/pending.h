// What was handed over and is not written yet: of each row the latest, so that however long nothing can be written, it holds no
// more than the estate does. Owned by one thread, or guarded by its owner.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "exporter/storage/rows.h"

namespace exporter::storage {

struct Pending {
  std::map<std::string, CertificateRow> certificates;
  std::map<CallerKey, std::optional<CallerRow>> callers;  // none: to be removed
  std::map<LogKey, LogRow> logs;
  std::map<SightingKey, std::optional<SightingRow>> sightings;
  std::map<ReplacementKey, std::optional<ReplacementRow>> replacements;
  std::map<std::string, ListRow> lists;  // by URL

  [[nodiscard]] bool empty() const;
  void add(Changes changes);
  // `later` came after what is here.
  void add(Pending later);
};

}  // namespace exporter::storage
