// Who calls our servers, as their logs tell.
#include "exporter/metrics/family.h"

namespace exporter::metrics {

namespace {

using config::Detail;

double timestamp(WallTime at) {
  return std::chrono::duration<double>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch()).count();
}

constexpr Family table[] = {
    {.name = "mtls_callers",
     .detail = Detail::lean,
     .more = {"state"},
     .help = "Client certificates that a door's logs told of within `keep`, each in one state, the first that fits.",
     .samples =
         [](const DoorRow& door, Samples& out) {
           for (const CallerState state : all_caller_states())
             out.add(door.found->counts[static_cast<std::size_t>(state)], {word(state)});
         }},
    {.name = "mtls_caller_anonymous_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .help = "Calls without a client certificate.",
     .samples = [](const DoorRow& door, Samples& out) { out.add(door.found->anonymous); }},
    {.name = "mtls_caller_lines_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .more = {"result"},
     .help = "Lines of a door's logs: read, unreadable (they tell of no call), and dropped above a limit.",
     .samples =
         [](const DoorRow& door, Samples& out) {
           out.add(door.found->read, {"read"});
           out.add(door.found->unreadable, {"unreadable"});
           out.add(door.found->dropped, {"dropped"});
         }},
    {.name = "mtls_caller_strangers_total",
     .type = Type::counter,
     .detail = Detail::lean,
     .more = {"state"},
     .help = "Calls with certificates that chain to nothing of ours and were refused: counted, and kept no record of.",
     .samples =
         [](const DoorRow& door, Samples& out) {
           for (const CallerState state : stranger_states())
             out.add(door.found->strangers[static_cast<std::size_t>(state)], {word(state)});
         }},
    {.name = "mtls_caller_state",
     .more = {"state"},
     .help = "1: the caller's state, the first that fits.",
     .samples = [](const CallerRow& row, Samples& out) { out.add(1, {word(row.caller->state)}); }},
    {.name = "mtls_caller_calling",
     .help = "1 while the caller still calls, as of the scrape: it was seen within a week or three times its own longest gap, at "
             "most `keep`; else 0.",
     .samples =
         [](const CallerRow& row, Samples& out) {
           out.add_while(std::chrono::floor<std::chrono::seconds>(row.caller->first_seen),
                         std::chrono::floor<std::chrono::seconds>(row.caller->calls_until));
         }},
    {.name = "mtls_caller_first_seen_timestamp_seconds",
     .help = "When the caller was first seen.",
     .samples = [](const CallerRow& row, Samples& out) { out.add(timestamp(row.caller->first_seen)); }},
    {.name = "mtls_caller_last_seen_timestamp_seconds",
     .help = "When the caller was last seen.",
     .samples = [](const CallerRow& row, Samples& out) { out.add(timestamp(row.caller->last_seen)); }},
    {.name = "mtls_caller_requests_total",
     .type = Type::counter,
     .more = {"result"},
     .help = "Calls by what the server did: accepted, or refused for the certificate. Those of which the log does not say are in "
             "neither.",
     .samples =
         [](const CallerRow& row, Samples& out) {
           out.add(row.caller->accepted, {"accepted"});
           out.add(row.caller->refused, {"refused"});
         }},
};

}  // namespace

std::span<const Family> caller_families() { return table; }

}  // namespace exporter::metrics
