// Certificates at rest: what authorities have issued, revocation lists, and servers that lag behind their files.
#include <cstdlib>

#include "exporter/metrics/family.h"

namespace exporter::metrics {

using namespace probes::observations;

namespace {

using config::Detail;

double timestamp(std::chrono::sys_seconds at) { return static_cast<double>(at.time_since_epoch().count()); }

constexpr Family table[] = {
    {.name = "mtls_served_certificate_stale",
     .help = "1 when the leaf on disk differs from the one last received and begins later: renewed, and not loaded; else 0.",
     .samples = [](const StoredRow& stored, Samples& out) { out.add(stored.stale); }},
    {.name = "mtls_authority_certificates",
     .more = {"state"},
     .help = "Certificates an authority has issued, each in one state; superseded ones have a later one of the same subject.",
     .samples =
         [](const AuthorityRow& authority, Samples& out) {
           for (const IssuedState state : all_issued_states())
             out.add((*authority.states)[static_cast<std::size_t>(state)], {word(state)});
         }},
    {.name = "mtls_authority_revocations_unmatched",
     .more = {"only_in"},
     .help = "Certificates that the authority's database says are revoked and none of its lists (index), and the other way round "
             "(list).",
     .samples =
         [](const AuthorityRow& authority, Samples& out) {
           if (authority.published_revocations == nullptr) return;
           out.add(authority.published_revocations->only_in_database, {"index"});
           out.add(authority.published_revocations->only_in_lists, {"list"});
         }},
    {.name = "mtls_crl_next_update_timestamp_seconds",
     .help = "When the issuer's next revocation list is due, at the latest.",
     .samples =
         [](const RevocationListRow& row, Samples& out) {
           if (row.list != nullptr && row.list->next_update) out.add(timestamp(*row.list->next_update));
         }},
    {.name = "mtls_crl_this_update_timestamp_seconds",
     .help = "When the issuer made this revocation list.",
     .samples =
         [](const RevocationListRow& row, Samples& out) {
           if (row.list != nullptr) out.add(timestamp(row.list->this_update));
         }},
    {.name = "mtls_crl_number",
     .help = "The revocation list's number, which grows with each; exact up to 2^53.",
     .samples =
         [](const RevocationListRow& row, Samples& out) {
           if (row.list != nullptr && !row.list->number.empty()) out.add(std::strtod(row.list->number.c_str(), nullptr));
         }},
    {.name = "mtls_crl_genuine",
     .help = "1 when an anchor of the trust store signed the revocation list, 0 when the one of its issuer's name did not; "
             "absent where none has that name.",
     .samples =
         [](const RevocationListRow& row, Samples& out) {
           if (row.list != nullptr && row.list->genuine) out.add(*row.list->genuine);
         }},
    {.name = "mtls_revocation_source_up",
     .help = "1 while the revocation list can be used, as of the scrape; 0 once it has lapsed, before it begins, when its issuer "
             "did not sign it, and where none could be had. Of a responder: 1 when it answered last.",
     .samples =
         [](const RevocationListRow& row, Samples& out) {
           if (row.list == nullptr) out.add(row.up);
           else if (row.list->genuine == false) out.add(0);
           else out.add_while(row.list->this_update, row.list->next_update.value_or(std::chrono::sys_seconds::max()));
         }},
};

}  // namespace

std::span<const Family> at_rest_families() { return table; }

}  // namespace exporter::metrics
