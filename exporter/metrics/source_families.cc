// Where certificates are read from besides servers, and what came of the estate's probes as a whole.
#include "exporter/metrics/family.h"

namespace exporter::metrics {

namespace {

using config::Detail;

constexpr Family table[] = {
    {.name = "mtls_source_up",
     .detail = Detail::lean,
     .help = "1 when all of the source could be read and something was found, else 0; a discovery is up when all of its list "
             "could be made.",
     .samples = [](const SourceRow& source, Samples& out) { out.add(source.up); }},
    {.name = "mtls_source_certificates",
     .detail = Detail::lean,
     .help = "Certificates found in the source.",
     .samples = [](const SourceRow& source, Samples& out) { out.add(source.certificates); }},
    {.name = "mtls_source_series_dropped",
     .detail = Detail::lean,
     .help = "Certificates that would be published and are not: above max_series, or with the same labels as another's.",
     .samples = [](const SourceRow& source, Samples& out) { out.add(source.dropped); }},
    {.name = "mtls_source_errors_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .more = {"reason"},
     .help = "Failures to read the source or a file of it, each counted once in every scan that meets it.",
     .samples =
         [](const SourceRow& source, Samples& out) {
           for (const auto& [reason, count] : *source.errors) out.add(count, {word(reason)});
         }},
    {.name = "mtls_source_targets",
     .detail = Detail::lean,
     .help = "Targets found by a discovery, those included that another source has, too.",
     .samples = [](const SourceRow& source, Samples& out) { out.add(source.targets); }},
    {.name = "mtls_source_last_refresh_timestamp_seconds",
     .detail = Detail::standard,
     .help = "When all of a discovery's list could last be made.",
     .samples =
         [](const SourceRow& source, Samples& out) {
           if (source.refreshed) out.add(std::chrono::duration<double>(source.refreshed->time_since_epoch()).count());
         }},
    {.name = "mtls_exporter_probe_results_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .more = {"stage", "reason"},
     .help = "Probes of the whole estate by what they failed on; stage and reason are none for those that did not fail.",
     .samples =
         [](const ResultRow& result, Samples& out) {
           out.add(result.probes, {result.stage, result.reason});
         }},
};

}  // namespace

std::span<const Family> source_families() { return table; }

}  // namespace exporter::metrics
