// modules and defaults: how to probe. Each layer's keys are laid over those below: defaults < module < target.
#include <algorithm>
#include <set>

#include "config/duration.h"
#include "config/sections.h"

namespace config {
namespace {

template <auto member>
void module_into(const Node& node, ModuleDraft& draft, Reading& reading) {
  take(node, draft.module.*member, reading.mistakes);
}

void take_protocol(const Node& node, ModuleDraft& draft, Reading& reading) {
  if (check_word(node, "protocol", reading.vocabulary.protocols, reading.mistakes)) draft.module.protocol = node.text();
  draft.module.protocol_written = true;
}

void take_module_trust(const Node& node, ModuleDraft& draft, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) draft.module.trust = node.text();
}

void take_identity(const Node& node, ModuleDraft& draft, Reading& reading) {
  if (check_word(node, "identity", names(reading.settings.identities), reading.mistakes)) draft.module.identities = {node.text()};
}

void take_identity_list(const Node& node, ModuleDraft& draft, Reading& reading) {
  std::vector<std::string> listed;
  if (!take(node, listed, reading.mistakes)) return;
  const std::vector<std::string_view> known = names(reading.settings.identities);
  std::set<std::string_view> seen;
  for (const Node& item : node.items()) {
    check_word(item, "identity", known, reading.mistakes);
    if (!seen.insert(item.text()).second)
      reading.mistakes.add(item.place(), "identity " + quote(item.text()) + " is listed twice", "list each once");
  }
  draft.module.identities = std::move(listed);
}

void take_ignored(const Node& node, Findings& findings, Reading& reading) {
  if (!take(node, findings.ignore, reading.mistakes)) return;
  for (const Node& item : node.items()) check_word(item, "finding", reading.vocabulary.findings, reading.mistakes);
}

constexpr int days_limit = 36500;  // a hundred years
constexpr Field<Findings> finding_rows[] = {
    {"ignore", take_ignored},
    {"certificate_threshold_days", integer_into<&Findings::certificate_threshold_days, 1, days_limit>},
    {"maximum_validity_days", integer_into<&Findings::maximum_validity_days, 1, days_limit>},
};

constexpr Word<RevocationCheck> checks[] = {
    {"off", RevocationCheck::off}, {"check", RevocationCheck::check}, {"require", RevocationCheck::require}};

template <auto member>
void take_check(const Node& node, Revocation& revocation, Reading& reading) {
  take_word<RevocationCheck>(node, "check", checks, revocation.*member, reading.mistakes);
}

// Distribution points are asked where somebody wrote that they are.
void take_crl(const Node& node, Revocation& revocation, Reading& reading) {
  take_check<&Revocation::crl>(node, revocation, reading);
  revocation.fetch_lists = revocation.crl != RevocationCheck::off;
}

void take_responder(const Node& node, Revocation& revocation, Reading& reading) {
  if (!take(node, revocation.responder, reading.mistakes)) return;
  const std::string& url = revocation.responder;
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    reading.mistakes.add(node.place(), "the responder " + quote(url) + " is no URL of http or https",
                         "write it as \"http://ocsp.internal/\"");
}

constexpr Field<Revocation> revocation_rows[] = {
    {"staple", take_check<&Revocation::staple>},
    {"ocsp", take_check<&Revocation::ocsp>},
    {"crl", take_crl},
    {"responder", take_responder},
    {"nonce", into<&Revocation::nonce>},
    {"refresh", into<&Revocation::refresh>},
};

void take_revocation(const Node& node, ModuleDraft& draft, Reading& reading) {
  take_section(node, revocation_fields(), draft.module.revocation, reading);
}

void take_findings(const Node& node, ModuleDraft& draft, Reading& reading) {
  take_section(node, findings_fields(), draft.module.findings, reading);
}

void take_module_proxy_protocol(const Node& node, ModuleDraft& draft, Reading& reading) {
  take_proxy_protocol(node, draft.module.proxy_protocol, reading);
}

// It goes into packets between other fields.
void take_user(const Node& node, ModuleDraft& draft, Reading& reading) {
  if (!take(node, draft.module.user, reading.mistakes)) return;
  const std::string& user = draft.module.user;
  const bool printable = std::ranges::none_of(user, [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (user.empty() || user.size() > 63 || !printable)
    reading.mistakes.add(node.place(), quote(user) + " is no user name",
                         "write 1 to 63 characters, none of them a control character");
}

constexpr Field<ModuleDraft> fields[] = {
    {"protocol", take_protocol},
    {"trust", take_module_trust},
    {"identity", take_identity},
    {"identities", take_identity_list},
    {"client_auth", take_client_auth},
    {"tls", take_tls},
    {"proxy", take_proxy},
    {"all_addresses", module_into<&Module::all_addresses>},
    {"proxy_protocol", take_module_proxy_protocol},
    {"user", take_user},
    {"http", take_http},
    {"findings", take_findings},
    {"revocation", take_revocation},
    {"interval", module_into<&Module::interval>},
    {"timeout", module_into<&Module::timeout>},
    {"certificate_retention", module_into<&Module::certificate_retention>},
};

// Other protocols ask nothing over HTTP: what stands here would never be said. In `defaults` it waits for modules that do.
void check_http(const Node& layer, const ModuleDraft& draft, const Reading& reading) {
  const Node* http = layer.find("http");
  if (http == nullptr || draft.module.protocol == "https" || draft.module.protocol == "auto" || &draft == &reading.defaults)
    return;
  reading.mistakes.add(http->place(),
                       "`http` goes with protocol `auto` or `https`, and here it is " + quote(draft.module.protocol),
                       "write `protocol: https`, or remove `http`");
}

// Its proxy looks a name up, and we do not hear what it leads to.
void check_addresses(const Node& layer, const Module& module, Mistakes& mistakes) {
  const Node* addresses = layer.find("all_addresses");
  const Node* proxy = layer.find("proxy");
  if (!module.all_addresses || !module.proxy || (addresses == nullptr && proxy == nullptr)) return;
  mistakes.add(addresses != nullptr ? addresses->place() : proxy->place(),
               "`all_addresses` and a `proxy`: the proxy looks the names up", "write `proxy: off`, or `all_addresses: false`");
}

// One that is written and never asked would be taken for a check. In `defaults` it waits for modules that ask.
void check_responder(const Node& layer, const ModuleDraft& draft, const Reading& reading) {
  const Node* revocation = layer.find("revocation");
  const Node* responder = revocation == nullptr ? nullptr : revocation->find("responder");
  if (responder == nullptr || draft.module.revocation.ocsp != RevocationCheck::off || &draft == &reading.defaults) return;
  reading.mistakes.add(responder->place(), "`responder` without `ocsp`: it is never asked",
                       "write `ocsp: check` or `ocsp: require` beside it, or remove `responder`");
}

// A probe must be over before the next one begins. Reported where this layer says something about it.
void check_pace(const Node& layer, const Module& module, Mistakes& mistakes) {
  const Node* timeout = layer.find("timeout");
  const Node* interval = layer.find("interval");
  if ((timeout == nullptr && interval == nullptr) || module.timeout <= module.interval) return;
  const auto inherited = [](const Node* written) { return written == nullptr ? ", set elsewhere," : ""; };
  mistakes.add(timeout != nullptr ? timeout->place() : interval->place(),
               "the timeout of " + duration_text(module.timeout) + inherited(timeout) + " is longer than the interval of " +
                   duration_text(module.interval) + inherited(interval),
               "a probe must end before the next begins: shorten `timeout` or lengthen `interval`");
}

}  // namespace

Fields<Findings> findings_fields() { return finding_rows; }
Fields<Revocation> revocation_fields() { return revocation_rows; }
Fields<ModuleDraft> module_fields() { return fields; }

void take_proxy_protocol(const Node& node, ProxyProtocol& into, Reading& reading) {
  static constexpr Word<ProxyProtocol> words[] = {
      {"off", ProxyProtocol::off}, {"v1", ProxyProtocol::v1}, {"v2", ProxyProtocol::v2}};
  take_word<ProxyProtocol>(node, "PROXY protocol", words, into, reading.mistakes);
}

void take_module_keys(const Node& layer, ModuleDraft& draft, Reading& reading) {
  take_fields(layer, module_fields(), draft, reading);
  if (const Node* both = layer.find("identities"); both != nullptr && layer.find("identity") != nullptr)
    reading.mistakes.add(both->place(), "both `identity` and `identities`", "keep one of them");
  check_http(layer, draft, reading);
  check_responder(layer, draft, reading);
  check_addresses(layer, draft.module, reading.mistakes);
  check_pace(layer, draft.module, reading.mistakes);
}

std::shared_ptr<const Module> completed(const ModuleDraft& draft) {
  auto module = std::make_shared<Module>(draft.module);
  ClientAuth& door = module->client_auth;
  if (!draft.must_refuse_written && door.expect == ClientAuthExpectation::required)
    door.must_refuse.assign(std::begin(knock_words), std::end(knock_words));
  return module;
}

void take_defaults(const Node& node, Settings&, Reading& reading) {
  if (check_keys(node, keys(module_fields()), reading.mistakes)) take_module_keys(node, reading.defaults, reading);
}

void take_modules(const Node& node, Settings& settings, Reading& reading) {
  const auto keep = [&](ModuleDraft draft) {
    settings.modules[draft.module.name] = completed(draft);
    reading.modules[draft.module.name] = std::move(draft);
  };
  reading.defaults.module.name = default_module;
  keep(reading.defaults);
  for (const std::string_view protocol : reading.vocabulary.protocols) {  // one module for each, with the defaults
    ModuleDraft draft = reading.defaults;
    draft.module.name = draft.module.protocol = protocol;
    draft.module.protocol_written = true;
    keep(std::move(draft));
  }
  if (is_table(node, reading.mistakes))
    for (const auto& [name, value] : node.entries()) {
      ModuleDraft draft = reading.defaults;
      if (!take(name, draft.module.name, reading.mistakes)) continue;
      if (check_keys(value, keys(module_fields()), reading.mistakes)) take_module_keys(value, draft, reading);
      keep(std::move(draft));
    }
  let_speak(settings, reading.vocabulary.default_ports);
}

}  // namespace config
