// The labels that rows begin with, and the rows that several kinds of slot have. Private to rows*.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/rows.h"

namespace exporter::metrics {

// Where a certificate or chain was found: the labels that certificates, chains and watches have in common.
struct Place {
  std::string_view source;
  std::string_view target;
  std::string_view identity;
  config::Labels labels;          // the user's own
  std::string_view address = {};  // of a name that is fanned out
};

[[nodiscard]] config::Labels merged(const config::Labels& own, const config::Labels& of_the_estate);
void append_labels(std::string& out, const config::Labels& labels);

[[nodiscard]] std::string watch_labels(const Place& place);
[[nodiscard]] std::string chain_labels(const Place& place);
[[nodiscard]] std::string certificate_labels(const Place& place, std::string_view position, std::string_view common_name);
[[nodiscard]] std::string source_labels(const Place& place, const std::string& name);

// Of each issuer the list issued last. Labels source, name, issuer.
[[nodiscard]] std::vector<RevocationListRow> revocation_list_rows(const Place& place, const std::string& name,
                                                                  const std::vector<probes::observations::RevocationList>& lists);

// The leaves on disk that the watch is paired with. REQUIRES: slot.received.
[[nodiscard]] std::vector<StoredRow> stored_rows(const Place& place, const WatchSlot& slot);

}  // namespace exporter::metrics
