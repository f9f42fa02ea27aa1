// From what was read of a source of certificates at rest to the slot that is published of it. Pure functions; any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "config/settings.h"
#include "exporter/at_rest/source_watch.h"
#include "exporter/at_rest/succession.h"
#include "exporter/estate/estate.h"
#include "probes/inventory/issued.h"
#include "probes/observations/authority.h"
#include "probes/observations/inventory.h"

namespace exporter {

// A set of files as of `now`. `elsewhere` (empty: not asked): successors that the set itself does not have.
[[nodiscard]] Scanned scanned_files(const config::FileSet& set, const probes::observations::Inventory& read,
                                    std::chrono::sys_seconds now, const SucceededElsewhere& elsewhere = {});

// A cluster, as a set of files. What its API may refuse is counted from 0, and where nothing lies nothing is amiss.
[[nodiscard]] Scanned scanned_cluster(const config::FileSet& set, const probes::observations::Inventory& read,
                                      std::chrono::sys_seconds now, const SucceededElsewhere& elsewhere = {});

// The files that targets name as their own: they are compared with what is served, and reported on, but not published.
[[nodiscard]] Scanned scanned_served_files(const config::FileSet& set, const probes::observations::Inventory& read);

// An authority, from its index or from the certificates it has issued.
[[nodiscard]] Scanned scanned_index(const config::Authority& authority, const probes::observations::IssuedCertificates& read);
[[nodiscard]] Scanned scanned_issued(const config::Authority& authority, const probes::observations::Inventory& read,
                                     std::chrono::sys_seconds now);

// What an authority itself tells over its API.
struct IssuedOne {
  probes::observations::CertificatePtr certificate;
  probes::inventory::Standing standing = probes::inventory::Standing::good;
};
struct Told {
  std::vector<IssuedOne> issued;  // in any order, each once
  // Whether the authority is known to be the issuer, and to keep all that it issues: then callers that it does not know are not
  // its own. Empty: it is, of all of them.
  std::function<bool(const probes::observations::Certificate& certificate)> vouched_for = {};
  std::vector<probes::observations::RevocationList> revocation_lists = {};
  std::optional<probes::observations::PublishedRevocations> published_revocations = {};
  std::vector<probes::observations::Trouble> troubles = {};
};
[[nodiscard]] Scanned scanned_told(const config::Authority& authority, Told told, std::chrono::sys_seconds now);

}  // namespace exporter
