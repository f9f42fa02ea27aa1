#include "exporter/explain/inquiry.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>

#include "config/address.h"
#include "config/endpoint.h"
#include "config/mistakes.h"
#include "exporter/estate/door.h"
#include "exporter/estate/fanned_out.h"
#include "probes/net/resolver.h"
#include "probes/protocols/protocol.h"

namespace exporter::explain {

using probes::chain::TrustStore;
using probes::chain::TrustStorePtr;
using probes::observations::Problem;
using probes::tls::Identity;
using probes::tls::IdentityPtr;

namespace {

template <typename Map>
std::vector<std::string_view> names(const Map& map) {
  std::vector<std::string_view> all;
  for (const auto& [name, value] : map) all.push_back(name);
  return all;
}

// Those of a name that is to be fanned out, in order; empty: it is not, or has none, which the probe itself will say.
std::vector<std::string> addresses_of(const config::Target& target) {
  asio::error_code no_literal;
  asio::ip::make_address(target.host, no_literal);
  if (!target.module->all_addresses || !no_literal) return {};
  asio::io_context loop(1);
  probes::net::Resolver resolver(loop.get_executor());
  std::vector<asio::ip::address> found;
  const auto until = std::chrono::steady_clock::now() + target.module->timeout;
  asio::co_spawn(loop, resolver.resolve(target.host, until), [&](std::exception_ptr, probes::net::Resolved resolved) {
    if (auto* all = std::get_if<std::vector<asio::ip::address>>(&resolved)) found = std::move(*all);
    loop.stop();
  });
  loop.run();
  std::ranges::sort(found);
  if (found.size() > most_addresses) found.resize(most_addresses);
  std::vector<std::string> texts;
  for (const asio::ip::address& address : found) texts.push_back(address.to_string());
  return texts;
}

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

class Reading {
 public:
  Reading(const ProbeOnce& options, const config::Settings& settings, const std::string& config_file,
          std::chrono::sys_seconds now)
      : options_(options),
        settings_(settings),
        config_file_(config_file),
        ahead_(std::chrono::duration_cast<std::chrono::seconds>(options.at)),
        at_(now + ahead_) {}

  Inquiries read() {
    if (options_.all) read_all();
    else read_one(*target());
    const auto stores = known_stores();
    for (Inquiry& inquiry : found_.all) inquiry.asked.stores = stores;
    return std::move(found_);
  }

 private:
  // Those that were asked for, and the others of the configuration: who is missing here may be trusted there.
  std::shared_ptr<const KnownStores> known_stores() const {
    auto known = std::make_shared<KnownStores>();
    for (const auto& [name, store] : stores_) known->push_back(known_store(*store));
    for (const auto& [name, configured] : settings_.trust)
      if (!stores_.contains(name)) known->push_back(known_store(*TrustStore::load(configured)));
    return known;
  }

  // "`payments` is no target of mtls_exporter.yml; did you mean ..."
  [[noreturn]] void unknown(const std::string& what, const std::string& name, const std::vector<std::string_view>& known,
                            const std::string& instead = "") const {
    const std::string right = known.empty() ? "none is known; --config.file says what to read" : config::advice(name, known);
    throw UsageError(config::quote(name) + " is no " + what + " of " + config_file_ + instead + "; " + right);
  }

  void read_all() {
    if (settings_.targets.empty())
      throw UsageError(config_file_ + " has no targets; write some under `targets`, or say HOST:PORT");
    for (const auto& target : settings_.targets) read_one(*target);
  }

  void read_one(const config::Target& target) {
    const std::vector<std::string> addresses = options_.address.empty() ? addresses_of(target) : std::vector<std::string>{};
    if (addresses.empty()) return read_address(target);
    for (const std::string& address : addresses) {
      config::Target one = target;
      one.server_name = config::server_name(target);
      one.host = one.address = address;
      read_address(one);
    }
  }

  void read_address(const config::Target& target) {
    const auto shared = std::make_shared<const config::Target>(target);
    const config::Module& module = *target.module;
    if (!options_.certificate_file.empty()) return add(shared, given_identity());
    if (!options_.identity.empty()) return add(shared, configured_identity(options_.identity));
    if (module.identities.empty()) return add(shared, nullptr);
    for (const std::string& name : module.identities) add(shared, configured_identity(name));
  }

  void add(const std::shared_ptr<const config::Target>& target, IdentityPtr identity) {
    const std::string name = options_.trust.empty() ? target->module->trust : options_.trust;
    const TrustStorePtr store = trust(name);  // may throw: not inside the braces below, of which g++ 12 then frees parts twice
    Inquiry inquiry{.asked = {}, .identity = identity, .trust = store, .other_key = !options_.all};
    inquiry.asked.target = target;
    if (const auto& proxy = target->module->proxy; proxy && !proxy->password_file.empty())
      inquiry.proxy_password =
          std::make_shared<const probes::tls::FileContent>(probes::tls::read_passphrase(proxy->password_file));
    inquiry.asked.trust = name;
    inquiry.asked.ahead = ahead_;
    if (identity) {
      inquiry.asked.identity = identity->name();
      inquiry.asked.presented = identity->certificates();
      inquiry.asked.identity_problems = identity->problems();
      inquiry.asked.identity_chain = identity->judgement();
      inquiry.asked.identity_files = identity->paths();
    }
    if (options_.knock) add_knocks(inquiry);
    found_.all.push_back(std::move(inquiry));
  }

  // Who must be turned away, or, where nothing is said of that, those two who should be turned away everywhere.
  void add_knocks(Inquiry& inquiry) {
    const config::ClientAuth& client_auth = inquiry.asked.target->module->client_auth;
    inquiry.knocks = must_be_refused(client_auth);
    if (inquiry.knocks.empty()) inquiry.knocks = {"anonymous", "rogue"};
    if (!client_auth.expect && client_auth.must_refuse.empty()) {
      auto module = std::make_shared<config::Module>(*inquiry.asked.target->module);
      module->client_auth.must_refuse = inquiry.knocks;
      auto target = std::make_shared<config::Target>(*inquiry.asked.target);
      target->module = std::move(module);
      inquiry.asked.target = std::move(target);
    }
    for (const std::string& name : inquiry.knocks)
      if (name != "anonymous" && name != "rogue") inquiry.knockers[name] = configured_identity(name);
  }

  std::shared_ptr<const config::Target> target() const {
    std::optional<config::Endpoint> endpoint;
    config::Target target = named_target(endpoint);
    if (!options_.module.empty()) target.module = module(options_.module);
    if (endpoint)
      if (const std::string wrong = config::aim(target, *endpoint, probes::protocols::default_ports(), settings_); !wrong.empty())
        throw UsageError(config::quote(config::without_secrets(options_.server)) + ": " + wrong);
    if (!options_.server_name.empty()) target.server_name = options_.server_name;
    if (!options_.address.empty()) {
      if (!config::is_host(options_.address))
        throw UsageError(config::quote(options_.address) +
                         " is no address; write --address with a name or an IP address alone, without a port");
      if (target.server_name.empty()) target.server_name = target.host;
      target.host = options_.address;
    }
    return std::make_shared<const config::Target>(std::move(target));
  }

  // `endpoint`: what stands there, where it is no name of a target.
  config::Target named_target(std::optional<config::Endpoint>& endpoint) const {
    std::vector<std::string_view> known;
    for (const auto& target : settings_.targets) {
      if (target->name == options_.server) return *target;
      known.push_back(target->name);
    }
    const auto parsed = config::parse_endpoint(options_.server, probes::protocols::default_ports());
    // A name alone may be a target's that is mistyped.
    const auto* written = std::get_if<config::Endpoint>(&parsed);
    const bool mistyped = written != nullptr && written->port == 0 && !known.empty() &&
                          (options_.server.find('.') == std::string::npos || !config::nearest(options_.server, known).empty());
    if (written != nullptr && !mistyped) {
      endpoint = *written;
      config::Target target{.name = options_.server, .host = written->host, .port = written->port};
      const auto usual = settings_.modules.find("default");
      target.module = usual != settings_.modules.end()
                          ? usual->second
                          : std::make_shared<const config::Module>(config::Module{.name = "default"});
      if (!target.module->protocol_written) target.module = of_port(*target.module, target.port);
      return target;
    }
    if (options_.server.find("://") != std::string::npos && written == nullptr)
      throw UsageError(config::quote(config::without_secrets(options_.server)) + ": " + std::get<std::string>(parsed));
    unknown("target", options_.server, known, ", nor HOST:PORT, nor a URL");
  }

  // Where nobody says what is spoken, the port does.
  static std::shared_ptr<const config::Module> of_port(config::Module module, std::uint16_t port) {
    module.protocol = probes::protocols::protocol_of_port(port).name;
    return std::make_shared<const config::Module>(std::move(module));
  }

  std::shared_ptr<const config::Module> module(const std::string& name) const {
    const auto found = settings_.modules.find(name);
    if (found == settings_.modules.end()) unknown("module", name, names(settings_.modules));
    return found->second;
  }

  IdentityPtr configured_identity(const std::string& name) {
    const auto found = settings_.identities.find(name);
    if (found == settings_.identities.end()) unknown("identity", name, names(settings_.identities));
    IdentityPtr& identity = identities_[name];
    const config::Identity& settings = found->second;
    if (!identity) identity = Identity::load(settings, settings.trust.empty() ? nullptr : trust(settings.trust), at_);
    return identity;
  }

  // --cert and --key: what cannot be used is a mistake of the command line, not a finding.
  IdentityPtr given_identity() {
    const IdentityPtr identity = Identity::load(
        {.name = options_.certificate_file, .certificate_file = options_.certificate_file, .key_file = options_.key_file},
        nullptr, at_);
    if (identity->usable()) return identity;
    std::string why;
    for (const Problem& problem : identity->problems())
      why += (why.empty() ? "" : "; ") + (problem.detail.empty() ? std::string(row(problem.finding).meaning) : problem.detail);
    throw UsageError("--cert " + config::quote(options_.certificate_file) + " cannot be used: " + why +
                     "; it wants a PEM certificate, and its key there or in --key");
  }

  TrustStorePtr trust(const std::string& name) {
    TrustStorePtr& store = stores_[name];
    if (store) return store;
    const auto configured = settings_.trust.find(name);
    if (name.empty()) store = TrustStore::load({.name = "", .system = true});
    else if (configured != settings_.trust.end()) store = TrustStore::load(configured->second);
    else if (is_file(name)) store = TrustStore::load({.name = name, .ca_files = {name}});
    else unknown("trust store", name, names(settings_.trust), ", nor a file");
    for (const auto& error : store->errors()) found_.warnings.push_back(error.path + ": " + error.detail);
    if (configured == settings_.trust.end() && !name.empty() && store->anchors().empty())
      throw UsageError(config::quote(name) + " holds no certificate; --trust wants CA certificates in PEM or DER");
    return store;
  }

  const ProbeOnce& options_;
  const config::Settings& settings_;
  const std::string& config_file_;
  const std::chrono::seconds ahead_;
  const std::chrono::sys_seconds at_;
  std::map<std::string, IdentityPtr> identities_;
  std::map<std::string, TrustStorePtr> stores_;
  Inquiries found_;
};

}  // namespace

Inquiries inquiries(const ProbeOnce& options, const config::Settings& settings, const std::string& config_file,
                    std::chrono::sys_seconds now) {
  return Reading(options, settings, config_file, now).read();
}

}  // namespace exporter::explain
