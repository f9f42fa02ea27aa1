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
                 {"presented", certificates_json(asked.presented)},
                 {"identity_problems", problems_json(asked.identity_problems)}};
  object.update(observation_json(account.seen));
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
