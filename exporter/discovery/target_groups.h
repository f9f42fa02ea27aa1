// Prometheus's lists of targets, as file_sd and http_sd have them: [{targets: ["host:443"], labels: {team: a}}]. Labels are kept
// but for those that begin with `__`, of which __param_module, __param_identity, __param_server_name and __address__ are
// understood; the label `name` is what the target is called. Lists are hostile: a bad entry is named with its place and passed
// over. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/source.h"

namespace exporter::discovery {

enum class ListFormat : std::uint8_t { json, yaml };

// The targets of `text`, which is read from `path`; nothing (and bad_syntax) when it is no such list. An empty text is none: it
// may be a file being written.
[[nodiscard]] std::optional<std::vector<Candidate>> read_target_groups(std::string_view text, ListFormat format,
                                                                       const std::string& path,
                                                                       std::span<const std::string_view> reserved_labels,
                                                                       Troubles& troubles);

}  // namespace exporter::discovery
