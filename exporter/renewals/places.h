// What was seen in each place, and what replaced what. Bounded: the latest of each place, and so many places. Owned by one
// thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporter/storage/rows.h"
#include "probes/observations/certificate.h"

namespace exporter::renewals {

class Places {
 public:
  explicit Places(std::size_t most = 200'000) : most_(most) {}

  // `certificate` is in the place now. One whose dates cannot be read is passed over.
  void see(const storage::PlaceKey& key, const probes::observations::CertificatePtr& certificate, storage::WallTime now);

  // From when on what was seen last in the place is late; nothing without a habit.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> late_from(const storage::PlaceKey& key) const;

  // Takes up what an earlier run knew, beside what is known already.
  void restore(storage::StoredPlaces stored);
  // What changed since the last call; `all`: everything.
  void save(storage::Changes& changes, bool all);

 private:
  struct Sighting {
    storage::SightingRow row;
    std::optional<storage::WallTime> saved;  // its last_seen as it was saved
  };
  struct Place {
    probes::observations::CertificatePtr now;
    std::vector<Sighting> sightings;  // ordered by when they were first seen
    std::vector<storage::ReplacementRow> replacements;
    std::size_t saved_replacements = 0;
    std::optional<double> habit;
  };
  static void note_new(const storage::PlaceKey& key, Place& place, const probes::observations::Certificate& certificate,
                       storage::WallTime now);
  static void work_out(Place& place);
  void bound(Place& place);

  std::size_t most_;
  std::map<storage::PlaceKey, Place> places_;
  std::vector<storage::SightingKey> gone_sightings_;
  std::vector<storage::ReplacementKey> gone_replacements_;
};

}  // namespace exporter::renewals
