#include "exporter/api/remedies.h"

#include <algorithm>
#include <utility>

#include "exporter/estate/door.h"
#include "exporter/explain/phrases.h"
#include "exporter/explain/remedy.h"

namespace exporter::api {

using namespace probes::observations;

namespace {

bool breaks(const Standing& standing, Expectation expectation) {
  return std::find(standing.broken.begin(), standing.broken.end(), expectation) != standing.broken.end();
}

// Knocks met neither a refusal nor an answer in time.
std::string undetermined(const WatchSlot& slot, const explain::Asked& asked) {
  const config::Module& module = *slot.target->module;
  const int status = slot.last->application_status.value_or(200);
  if (status == 401 || status == 403 || (status >= 300 && status < 400))
    return "Set `http.path` of module " + explain::safe(module.name) +
           " to a path that our identity may read: " + explain::target_name(asked) + " answers " + std::to_string(status) +
           " to us, too, which tells nobody from anybody.";
  return "Wait for the next knocks at " + explain::target_name(asked) +
         "; if they cannot tell either, raise `timeout` of module " + explain::safe(module.name) +
         ", or set its `protocol` (now " + module.protocol + ") to one in which the server has to answer.";
}

std::string renewal(const WatchSlot& slot, std::chrono::sys_seconds end) {
  const Certificate& leaf = *slot.received->certificates.front();
  if (leaf.not_after() && end < *leaf.not_after())
    return "Renew the chain above " + explain::subject_name(leaf) + ": an authority in it expires on " + explain::date(end) + ".";
  return "Renew " + explain::subject_name(leaf) + " (issued by " + explain::issuer_name(leaf) + ") before " + explain::date(end) +
         ", and have the server load it.";
}

}  // namespace

std::shared_ptr<const explain::KnownStores> known_stores(const Estate& estate) {
  auto stores = std::make_shared<explain::KnownStores>();
  for (const auto& slot : estate.trusts())
    stores->push_back({.name = slot->name, .files = slot->files, .certificates = slot->certificates, .troubles = slot->troubles});
  return stores;
}

explain::Asked asked_by(const WatchSlot& slot, const IdentitySlot* identity, std::shared_ptr<const explain::KnownStores> stores) {
  explain::Asked asked{.target = slot.target, .identity = slot.identity};
  asked.trust = slot.target->module->trust;
  asked.stores = std::move(stores);
  if (identity != nullptr) {
    asked.presented = identity->certificates;
    asked.identity_problems = identity->problems;
    asked.identity_chain = identity->chain;
    asked.identity_files = identity->files;
  }
  return asked;
}

std::vector<std::string> remedies(const WatchSlot& slot, const Standing& standing, const explain::Asked& asked, WallTime now) {
  std::vector<std::string> all;
  if (!slot.last || standing.state == State::good) return all;
  explain::Account account{.asked = asked, .seen = *slot.last, .broken = {}};
  for (const Expectation broken : standing.broken) account.broken.push_back(word(broken));
  const bool door = breaks(standing, Expectation::client_auth);
  if (door)
    if (auto one = explain::advice(explain::door_causes(), {.seen = account.seen, .asked = account.asked, .door = &slot.door}))
      all.push_back(std::move(one->text));
  if (ends_soon(slot, now) && *ending(slot) > now) all.push_back(renewal(slot, *ending(slot)));
  if (const StoredLeaf* newer = not_loaded(slot))
    all.push_back("Reload " + explain::target_name(account.asked) + ": " + explain::safe(newer->place.text()) +
                  " holds a later certificate than it serves.");
  if (slot.door.mode == DoorMode::undetermined) all.push_back(undetermined(slot, account.asked));
  // Where a door or a date is all there is, the probe itself has nothing to advise.
  const std::size_t of_the_probe = account.broken.size() - (door ? 1 : 0);
  if (of_the_probe > 0 || slot.last->client.verdict == Verdict::unconfirmed)
    for (std::string& advice : explain::remedies(account)) all.push_back(std::move(advice));
  return all;
}

}  // namespace exporter::api
