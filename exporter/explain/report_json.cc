#include "exporter/explain/report_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/explain/facts_json.h"
#include "exporter/explain/phrases.h"
#include "exporter/explain/remedy.h"

namespace exporter::explain {

using Json = nlohmann::ordered_json;
using namespace probes::observations;

namespace {

// By the names of their rows: what a script goes by.
Json causes_json(const std::vector<Advice>& advice) {
  Json names = Json::array();
  for (const Advice& one : advice) names.push_back(one.cause);
  return names;
}

Json door_json(const Door& door) {
  Json knocks = Json::object();
  for (const auto& [name, record] : door.knocks) knocks[name] = word(record.answer);
  return {{"mode", word(door.mode.value_or(DoorMode::undetermined))}, {"knocks", std::move(knocks)}};
}

Json account_json(const Account& account) {
  const Asked& asked = account.asked;
  Json object = {{"target", asked.target->name},
                 {"address", target_address(asked)},
                 {"server_name", server_name(asked)},
                 {"module", asked.target->module->name},
                 {"identity", asked.identity},
                 {"trust", asked.trust},
                 {"judged_at", time_text(judged_at(account))},
                 {"good", account.broken.empty()},
                 {"broken", account.broken},
                 {"remedies", remedies(account)},
                 {"causes", causes_json(all_advice(account))},
                 {"presented", certificates_json(asked.presented)},
                 {"identity_problems", problems_json(asked.identity_problems)}};
  object.update(observation_json(account.seen));
  if (!account.door.knocks.empty()) object["door"] = door_json(account.door);
  if (account.other_leaf) object["other_certificate"] = certificates_json({account.other_leaf}).front();
  return object;
}

}  // namespace

std::string report_json(const std::vector<Account>& accounts) {
  Json probes = Json::array();
  for (const Account& account : accounts) probes.push_back(account_json(account));
  const bool good = std::all_of(accounts.begin(), accounts.end(), [](const Account& account) { return account.broken.empty(); });
  const Json report = {{"good", good}, {"probes", std::move(probes)}};
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace exporter::explain
