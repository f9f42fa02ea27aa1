#include "exporter/discovery/merge.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "config/address.h"
#include "config/mistakes.h"
#include "probes/protocols/protocol.h"

namespace exporter::discovery {

namespace {

// What makes two targets one.
using Aim = std::tuple<std::string, std::uint16_t, std::string, std::string, std::string, std::string, std::vector<std::string>>;

// In OpenSSL's notation; without SHA-1, which no server of today signs with.
constexpr const char* rsa_algorithms =
    "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:"
    "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512";

Aim aim_of(const config::Target& target) {
  return {target.host,
          target.port,
          config::http_path(target),
          config::server_name(target),
          target.module->name,
          target.module->tls.signature_algorithms,
          target.module->identities};
}

std::string free_name(const Candidate& candidate, const config::Target& target, const std::unordered_set<std::string>& taken) {
  const std::string address = config::address_text({target.host, target.port});
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

// What `module` is to speak for the candidate, where it is another protocol than its own. A URL's word counts where the module
// leaves it open, what a server's own configuration says where nothing is written.
std::string protocol_for(const Candidate& candidate, const config::Module& module) {
  if (!candidate.scheme.empty()) return candidate.scheme == module.protocol ? std::string() : candidate.scheme;
  return module.protocol_written || candidate.protocol == module.protocol ? std::string() : candidate.protocol;
}

// 0: there is none.
std::uint16_t port_of(const Candidate& candidate, const std::string& protocol) {
  if (candidate.port != 0) return candidate.port;
  const probes::protocols::Protocol* row = probes::protocols::find_protocol(protocol);
  return row == nullptr ? std::uint16_t{0} : row->default_port;
}

// Why the candidate cannot be probed with `module`; empty: it can.
std::string unfit(const Candidate& candidate, const config::Module& module) {
  const std::string other = protocol_for(candidate, module), &protocol = other.empty() ? module.protocol : other;
  if (!candidate.scheme.empty() && !other.empty() && module.protocol_written && module.protocol != any_protocol)
    return "its URL says " + config::quote(candidate.scheme) + ", and the module " + config::quote(module.name) + " says " +
           config::quote(module.protocol);
  if (port_of(candidate, protocol) == 0)
    return "it has no port, and the protocol " + config::quote(protocol) + " has none of its own; write host:port";
  return {};
}

const config::Discovery* named(const config::Settings& settings, const std::string& discovery) {
  const auto found = std::ranges::find(settings.discovery, discovery, &config::Discovery::name);
  return found == settings.discovery.end() ? nullptr : &*found;
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
  const config::Discovery* of = named(settings, discovery);
  for (const Candidate& candidate : found) {
    const auto add = [&](SourceReason reason, const std::string& what) {
      const bool port = candidate.port != 0;
      troubles.add(reason, {discovery},
                   "target " + (port ? config::address_text({candidate.host, candidate.port}) : candidate.host) + ": " + what);
    };
    const auto module = settings.modules.find(candidate.module);
    if (!candidate.module.empty() && module == settings.modules.end())
      add(SourceReason::unknown_module, "no module is called " + config::quote(candidate.module));
    if (!candidate.identity.empty() && !settings.identities.contains(candidate.identity))
      add(SourceReason::unknown_identity, "no identity is called " + config::quote(candidate.identity));
    const auto speaks = module != settings.modules.end() ? module->second : of != nullptr ? of->module : nullptr;
    const std::string wrong = speaks ? unfit(candidate, *speaks) : std::string();
    if (!wrong.empty()) add(SourceReason::bad_target, wrong);
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
  if (!unfit(candidate, *module).empty()) return nullptr;
  const auto expect = module->client_auth.expect ? std::nullopt : candidate.client_auth;
  const std::string protocol = protocol_for(candidate, *module);
  const bool rsa = candidate.rsa_only && module->tls.signature_algorithms.empty();
  if (candidate.identity.empty() && !expect && protocol.empty() && !rsa) return module;
  auto& variant = variants_[{module->name, candidate.identity, expect, protocol, rsa}];
  if (variant) return variant;
  auto changed = std::make_shared<config::Module>(*module);
  if (!candidate.identity.empty()) changed->identities = {candidate.identity};
  if (!protocol.empty()) changed->protocol = protocol;
  if (rsa) {
    changed->tls.signature_algorithms = rsa_algorithms;
    changed->tls.ciphers.clear();  // in TLS 1.2 they name a kind of key, too
  }
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
                                                                    .port = port_of(candidate, module->protocol),
                                                                    .path = candidate.path,
                                                                    .server_name = candidate.server_name,
                                                                    .name_judged = candidate.name_judged,
                                                                    .certificate_file = candidate.certificate_file,
                                                                    .proxy_protocol = header_of(candidate, *module),
                                                                    .labels = labels_of(candidate, discovery),
                                                                    .module = module,
                                                                    .holder = candidate.holder});
      if (!aims.insert(aim_of(*target)).second) continue;
      target->name = free_name(candidate, *target, names);
      names.insert(target->name);
      settings.targets.push_back(std::move(target));
    }
  }
  return settings;
}

}  // namespace exporter::discovery
