#include "exporter/materials/remote_sources.h"

#include <utility>

#include "exporter/log.h"

namespace exporter {

using probes::observations::RevocationMethod;
using probes::revocation::PlaceReport;

SourceSlot remote_slot(const PlaceReport& report) {
  const bool list = report.method == RevocationMethod::crl;
  SourceSlot slot{.key = {list ? SourceKind::distribution_point : SourceKind::responder, report.url}};
  slot.up = !report.trouble;
  if (report.trouble) slot.errors[report.trouble->reason] = 1;
  if (report.list) slot.revocation_lists.push_back(*report.list);
  return slot;
}

void RemoteSources::publish(const PlaceReport& report) {
  SourceSlot slot = remote_slot(report);
  const std::scoped_lock lock(mutex_);
  const bool failed_before = troubles_.contains(slot.key);
  if (report.trouble && !failed_before)
    log(LogLevel::warn, "revocation cannot be asked",
        {{"source", word(slot.key.kind)},
         {"name", slot.key.name},
         {"reason", word(report.trouble->reason)},
         {"detail", report.trouble->detail}});
  if (!report.trouble && failed_before)
    log(LogLevel::info, "revocation can be asked again", {{"source", word(slot.key.kind)}, {"name", slot.key.name}});
  if (report.trouble) troubles_.insert(slot.key);
  else troubles_.erase(slot.key);
  if (report.forgotten) estate_.remove_remote_source(slot.key);
  else estate_.set_remote_source(std::move(slot));
}

}  // namespace exporter
