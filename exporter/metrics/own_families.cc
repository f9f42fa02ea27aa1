// The exporter itself. The values live in prometheus-cpp's registry (own.cc) and are found there by name.
#include "exporter/metrics/family.h"

namespace exporter::metrics {

namespace {

using config::Detail;

constexpr Family table[] = {
    {.name = "mtls_exporter_build_info",
     .detail = Detail::lean,
     .more = {"version", "revision", "compiler", "openssl"},
     .help = "1: which build this is, and the OpenSSL that it runs with.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_config_last_reload_successful",
     .detail = Detail::lean,
     .help = "1 when the configuration file as it is now is in use, 0 when the last attempt to load it failed.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_config_last_reload_success_timestamp_seconds",
     .detail = Detail::lean,
     .help = "When the configuration was last loaded successfully.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_targets", .detail = Detail::lean, .help = "Targets being watched.", .samples = FromRegistry{}},
    {.name = "mtls_exporter_probes_in_flight", .detail = Detail::lean, .help = "Probes under way.", .samples = FromRegistry{}},
    {.name = "mtls_exporter_schedule_lag_seconds",
     .type = Type::histogram,
     .detail = Detail::lean,
     .more = {"le"},
     .help = "How much later than planned probes began.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_lane_step_seconds",
     .type = Type::histogram,
     .detail = Detail::lean,
     .more = {"le"},
     .help = "CPU time of one uninterrupted piece of work of a lane: all other probes of the lane wait for it.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_probes_delayed_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .more = {"cause"},
     .help = "Probes that began late for want of file descriptors, or of places among the probes under way.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_certificates_read_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .help = "Certificates whose facts were read; those seen before are remembered by fingerprint.",
     .samples = FromRegistry{}},
    {.name = "mtls_exporter_chains_judged_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .help = "Chains judged; judgements are remembered until a date of the chain is crossed or its trust store changes.",
     .samples = FromRegistry{}},
    {.name = "process_cpu_seconds_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .help = "User and system CPU time spent, in seconds.",
     .samples = FromRegistry{}},
    {.name = "process_open_fds", .detail = Detail::lean, .help = "Open file descriptors.", .samples = FromRegistry{}},
    {.name = "process_max_fds",
     .detail = Detail::lean,
     .help = "The most file descriptors the process may open.",
     .samples = FromRegistry{}},
    {.name = "process_virtual_memory_bytes",
     .detail = Detail::lean,
     .help = "Virtual memory, in bytes.",
     .samples = FromRegistry{}},
    {.name = "process_resident_memory_bytes",
     .detail = Detail::lean,
     .help = "Resident memory, in bytes.",
     .samples = FromRegistry{}},
    {.name = "process_start_time_seconds",
     .detail = Detail::lean,
     .help = "When the process started.",
     .samples = FromRegistry{}},
};

}  // namespace

std::span<const Family> own_families() { return table; }

}  // namespace exporter::metrics
