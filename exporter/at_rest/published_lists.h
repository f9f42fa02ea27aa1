// The revocation lists that an authority's database is compared with: those named for it, else those that the trust stores have.
// Blocking: it reads files.
#pragma once

#include <vector>

#include "config/settings.h"
#include "exporter/materials/materials.h"
#include "probes/inventory/openssl_index.h"

namespace exporter {

// `troubles`: what of the files named for it cannot be read is added; the trust stores tell of theirs themselves.
[[nodiscard]] probes::inventory::PublishedLists published_lists(const config::Authority& authority, const Materials& materials,
                                                                std::vector<probes::observations::Trouble>& troubles);

}  // namespace exporter
