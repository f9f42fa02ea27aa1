// From what a Vault has told to what is published of it: the same as of any other authority. Pure functions; any thread.
#pragma once

#include <chrono>
#include <optional>

#include "exporter/at_rest/source_scan.h"
#include "exporter/at_rest/vault_reader.h"
#include "probes/inventory/openssl_index.h"

namespace exporter {

// What it says is revoked beside `lists` (empty: the engine's own). Nothing where the two are not of one refresh, or there is no
// list.
[[nodiscard]] std::optional<probes::observations::PublishedRevocations> compared_with(
    const vault::Reading& read, const probes::inventory::PublishedLists& lists, std::chrono::sys_seconds now);

// `published`: of compared_with(), or what it gave last.
[[nodiscard]] Scanned scanned_vault(const config::Authority& authority, const vault::Reading& read,
                                    const std::optional<probes::observations::PublishedRevocations>& published,
                                    std::chrono::sys_seconds now);

}  // namespace exporter
