// What Consul's catalog and health answer, as targets: https://developer.hashicorp.com/consul/api-docs/health. An instance says
// of itself in its Meta what services of Kubernetes say in annotations: mtls_exporter_probe (false leaves it out),
// mtls_exporter_port, mtls_exporter_module, mtls_exporter_server_name. Answers are foreign bytes: what is no answer is none.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/source.h"

namespace exporter::discovery {

// The names in an answer of catalog/services whose tags hold all of `tags`, but for Consul itself, sorted. Absent: it is no such
// answer.
[[nodiscard]] std::optional<std::vector<std::string>> consul_services(std::string_view body, std::span<const std::string> tags);

// The instances in an answer of health/service/NAME that have all of `tags`, whatever their health: the one whose certificate has
// expired is the one that fails its check. `place` names the answer in `troubles`. Absent (and bad_syntax): it is no such answer.
[[nodiscard]] std::optional<std::vector<Candidate>> consul_instances(std::string_view body, std::span<const std::string> tags,
                                                                     const std::string& place, Troubles& troubles);

// The index to wait from, by the header X-Consul-Index and the one before it: 0, which is to ask without waiting, where there is
// none or it has gone backwards, as after a restored snapshot. https://developer.hashicorp.com/consul/api-docs/features/blocking
[[nodiscard]] std::uint64_t consul_index(std::string_view header, std::uint64_t before);

}  // namespace exporter::discovery
