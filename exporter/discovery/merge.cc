#include "exporter/discovery/merge.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "config/address.h"
#include "config/mistakes.h"

namespace exporter::discovery {

namespace {

// What makes two targets one.
using Aim = std::tuple<std::string, std::uint16_t, std::string, std::string, std::vector<std::string>>;

Aim aim_of(const config::Target& target) {
  return {target.host, target.port, config::server_name(target), target.module->name, target.module->identities};
}

std::string free_name(const Candidate& candidate, const std::unordered_set<std::string>& taken) {
  const std::string address = config::address_text({candidate.host, candidate.port});
  std::string name = candidate.name.empty() ? address : candidate.name;
  for (const std::string* more : {&address, &candidate.server_name, &candidate.module})
    if (taken.contains(name) && !more->empty() && *more != name) name += "/" + *more;
  std::string numbered = name;
  for (int number = 2; taken.contains(numbered); ++number) numbered = name + "#" + std::to_string(number);
  return numbered;
}

// A server that insists on the PROXY header takes both versions: the module chooses, and v2 is what load balancers send.
std::optional<config::ProxyProtocol> header_of(const Candidate& candidate, const config::Module& module) {
  const bool chosen = module.proxy_protocol != config::ProxyProtocol::off;
  return candidate.proxy_protocol && !chosen ? std::optional(config::ProxyProtocol::v2) : std::nullopt;
}

config::Labels labels_of(const Candidate& candidate, const config::Discovery& discovery) {
  config::Labels labels = candidate.labels;
  labels.insert(discovery.labels.begin(), discovery.labels.end());
  return labels;
}

}  // namespace

void put_in_order(Look& look) {
  const auto each_once = [](auto& list) {
    std::ranges::sort(list);
    const auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
  };
  each_once(look.found);
  each_once(look.certificate_files);
}

void name_unknown(const std::vector<Candidate>& found, const config::Settings& settings, const std::string& discovery,
                  Troubles& troubles) {
  for (const Candidate& candidate : found) {
    const auto add = [&](SourceReason reason, const std::string& what) {
      troubles.add(reason, {discovery}, "target " + config::address_text({candidate.host, candidate.port}) + ": no " + what);
    };
    if (!candidate.module.empty() && !settings.modules.contains(candidate.module))
      add(SourceReason::unknown_module, "module is called " + config::quote(candidate.module));
    if (!candidate.identity.empty() && !settings.identities.contains(candidate.identity))
      add(SourceReason::unknown_identity, "identity is called " + config::quote(candidate.identity));
  }
}

std::shared_ptr<const config::Module> Merge::module_of(const config::Discovery& discovery, const Candidate& candidate) {
  std::shared_ptr<const config::Module> module = discovery.module;
  if (!candidate.module.empty()) {
    const auto named = configured_->modules.find(candidate.module);
    if (named == configured_->modules.end()) return nullptr;
    module = named->second;
  }
  if (!candidate.identity.empty() && !configured_->identities.contains(candidate.identity)) return nullptr;
  const auto expect = module->client_auth.expect ? std::nullopt : candidate.client_auth;
  const bool own = module->protocol_written || candidate.protocol == module->protocol;
  const std::string protocol = own ? std::string() : candidate.protocol;
  if (candidate.identity.empty() && !expect && protocol.empty()) return module;
  auto& variant = variants_[{module->name, candidate.identity, expect, protocol}];
  if (variant) return variant;
  auto changed = std::make_shared<config::Module>(*module);
  if (!candidate.identity.empty()) changed->identities = {candidate.identity};
  if (!protocol.empty()) changed->protocol = protocol;
  if (expect) changed->client_auth.expect = expect;
  // As in a configuration: `required` implies the knocks that show it.
  if (expect == config::ClientAuthExpectation::required && changed->client_auth.must_refuse.empty())
    changed->client_auth.must_refuse = {"anonymous", "rogue"};
  return variant = std::move(changed);
}

config::Settings Merge::with(const Found& found) {
  config::Settings settings = *configured_;
  std::set<Aim> aims;
  std::unordered_set<std::string> names;
  for (const auto& target : settings.targets) {
    aims.insert(aim_of(*target));
    names.insert(target->name);
  }
  for (const config::Discovery& discovery : configured_->discovery) {
    const auto list = found.find(discovery.name);
    if (list == found.end()) continue;
    const List& of_this = *list->second;
    settings.certificate_files.insert(of_this.certificate_files.begin(), of_this.certificate_files.end());
    for (const Candidate& candidate : of_this.candidates) {
      const auto module = module_of(discovery, candidate);
      if (!module) continue;
      auto target = std::make_shared<config::Target>(config::Target{.name = "",
                                                                    .host = candidate.host,
                                                                    .port = candidate.port,
                                                                    .server_name = candidate.server_name,
                                                                    .name_judged = candidate.name_judged,
                                                                    .certificate_file = candidate.certificate_file,
                                                                    .proxy_protocol = header_of(candidate, *module),
                                                                    .labels = labels_of(candidate, discovery),
                                                                    .module = module});
      if (!aims.insert(aim_of(*target)).second) continue;
      target->name = free_name(candidate, names);
      names.insert(target->name);
      settings.targets.push_back(std::move(target));
    }
  }
  return settings;
}

}  // namespace exporter::discovery
