// What is the matter with a door: who was let in that must be turned away.
#include "exporter/explain/causes.h"
#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::DoorMode;
using probes::observations::KnockAnswer;

namespace {

std::string admitted(const Door& door) {
  std::vector<std::string> names;
  for (const auto& [knock, record] : door.knocks)
    if (record.answer == KnockAnswer::admitted) names.push_back(safe(knock));
  return names.empty() ? "nobody we tried" : joined(names, 5);
}

template <DoorMode mode>
bool kept(const Facts& f) {
  return f.door->mode == mode;
}

std::string target(const Facts& f) { return target_name(f.asked); }

std::string require(const Facts& f) {
  return "Make " + target(f) + " require and verify client certificates: it let in " + admitted(*f.door) + ".";
}

std::string verify(const Facts& f) {
  return "Make " + target(f) + " verify client certificates against its own CAs: it let in " + admitted(*f.door) +
         ", whose issuer it cannot know.";
}

std::string turn_on(const Facts& f) {
  return "Turn client authentication on at " + target(f) +
         " (nginx: ssl_verify_client on; haproxy: verify required), or change `client_auth` of module " +
         safe(f.asked.target->module->name) + " if it is meant to be off.";
}

std::string compare(const Facts& f) {
  return "Compare how " + target(f) + " treats client certificates with `client_auth` of module " +
         safe(f.asked.target->module->name) + ": it let in " + admitted(*f.door) + ".";
}

constexpr Cause table[] = {
    {.name = "door_open",
     .words = "The server lets everybody in, with any certificate or none.",
     .holds = kept<DoorMode::open>,
     .remedy = require},
    {.name = "door_any_certificate",
     .words = "The server takes any certificate, whoever issued it.",
     .holds = kept<DoorMode::any_certificate>,
     .remedy = verify},
    {.name = "door_none",
     .words = "The server does not ask for client certificates.",
     .holds = kept<DoorMode::none>,
     .remedy = turn_on},
    {.name = "door_optional",
     .words = "The server lets clients in without a certificate.",
     .holds = kept<DoorMode::optional>,
     .remedy = require},
    {.name = "door_otherwise", .words = "", .holds = [](const Facts&) { return true; }, .remedy = compare},
};

}  // namespace

std::span<const Cause> door_causes() { return table; }

}  // namespace exporter::explain
