#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const Vocabulary& vocabulary() {
  static const Vocabulary words{.protocols = {"tls", "https", "smtp"},
                                .findings = {"expired", "root_served"},
                                .reserved_labels = {"target", "identity", "subject_cn"},
                                .default_ports = {{"auto", 443}, {"tls", 0}, {"https", 443}, {"smtp", 25}}};
  return words;
}

// Reads `text` as /etc/m.yml; mistakes fail the test.
Settings good(std::string_view text) {
  try {
    return load_text(text, "/etc/m.yml", vocabulary());
  } catch (const ConfigurationError& error) {
    ADD_FAILURE() << error.what() << "\nin\n" << text;
    return {};
  }
}

// The mistakes in `text`, one on each line, without the file's name; "" when it is good.
std::string mistakes_of(std::string_view text) {
  try {
    (void)load_text(text, "m", vocabulary());
    return "";
  } catch (const ConfigurationError& error) {
    return error.what();
  }
}

// A text with its mistake, and the like without it.
struct Rule {
  std::string_view bad;
  std::string_view mistake;  // "LINE:COLUMN: what is wrong"
  std::string_view good;
};

void check(std::initializer_list<Rule> rules, std::string_view before = "", std::string_view after = "") {
  for (const Rule& rule : rules) {
    const std::string wrong = mistakes_of(std::string(before).append(rule.bad).append(after));
    EXPECT_THAT(wrong, HasSubstr("m:" + std::string(rule.mistake))) << rule.bad;
    EXPECT_EQ(wrong.find('\n'), std::string::npos) << "more than one mistake: " << wrong << "\nin " << rule.bad;
    EXPECT_EQ(mistakes_of(std::string(before).append(rule.good).append(after)), "") << rule.good;
  }
}

TEST(Load, AnEmptyFileWatchesNothing) {
  const Settings settings = good("");
  EXPECT_THAT(settings.targets, IsEmpty());
  EXPECT_EQ(settings.detail, Detail::standard);
  for (const auto& [name, module] : settings.modules) EXPECT_EQ(name, name == "default" ? "default" : module->protocol);
  EXPECT_TRUE(settings.modules.contains("https"));
  EXPECT_EQ(settings.modules.at("default")->protocol, "auto");
  EXPECT_FALSE(settings.modules.at("default")->protocol_written);
}

TEST(Load, SectionsMayBeEmptyAndInAnyOrder) {
  good("targets:\nmodules:\ntrust:\nidentities:\ndefaults:\nlabels:\nmetrics:\n");
  good(
      "targets: [{address: 'a:1', module: m}]\nmodules: {m: {trust: t, identity: i}}\n"
      "identities: {i: {certificate_file: c, trust: t}}\ntrust: {t: {system: true}}\n");
}

TEST(Load, ReadsTrustStores) {
  const Settings settings =
      good("trust:\n  internal: {ca_files: [pki/root.pem, /abs/*.pem], labels: {owner: pki}}\n  public: {system: true}\n");
  const TrustStore& internal = settings.trust.at("internal");
  EXPECT_EQ(internal.name, "internal");
  EXPECT_THAT(internal.ca_files, ElementsAre("/etc/pki/root.pem", "/abs/*.pem"));
  EXPECT_FALSE(internal.system);
  EXPECT_THAT(internal.labels, ElementsAre(Pair("owner", "pki")));
  EXPECT_TRUE(settings.trust.at("public").system);
}

TEST(Load, ReadsHowATrustStoresFilesAreOpenedAndWhatAnchorsInIt) {
  const Settings settings = good(
      "trust: {a: {ca_files: [a.p12], passphrase_file: pass, partial_chain: true}, "
      "b: {ca_files: [b.p12], passphrase_file: [one, /two]}}");
  EXPECT_THAT(settings.trust.at("a").passphrase_files, ElementsAre("/etc/pass"));
  EXPECT_TRUE(settings.trust.at("a").partial_chain);
  EXPECT_THAT(settings.trust.at("b").passphrase_files, ElementsAre("/etc/one", "/two"));
  EXPECT_FALSE(settings.trust.at("b").partial_chain);
  check({{"partial_chain: 1", "1:43: `1` is no truth value", "partial_chain: false"},
         {"passphrase_file: {a: b}", "1:45: expected a list, found a mapping", "passphrase_file: [a]"}},
        "trust: {a: {ca_files: [a], ", "}}");
}

// RFC 4007 6: a zone has meaning on this machine only.
TEST(Load, TheZoneOfAnAddressIsNoPartOfTheNameItsCertificateMustCarry) {
  const Settings settings =
      good("targets: [{address: '[fe80::1%eth0]:443'}, {address: 'a:1', server_name: 'fe80::2%lo'}, {address: 'b.example:1'}]");
  EXPECT_EQ(settings.targets[0]->host, "fe80::1%eth0");
  EXPECT_EQ(server_name(*settings.targets[0]), "fe80::1");
  EXPECT_EQ(server_name(*settings.targets[1]), "fe80::2");
  EXPECT_EQ(server_name(*settings.targets[2]), "b.example");
}

TEST(Load, ReadsIdentities) {
  const Settings settings = good(R"(
trust: {internal: {system: true}}
identities:
  service-a: {certificate_file: a.crt, key_file: /keys/a.key, passphrase_file: a.pass, trust: internal, labels: {owner: payments}}
  billing: {pkcs12_file: b.p12, passphrase_file: /run/b}
  hsm: {certificate_file: h.crt, key: "pkcs11:token=estate;object=hsm", pin_file: pin}
)");
  const Identity& service = settings.identities.at("service-a");
  EXPECT_EQ(service.name, "service-a");
  EXPECT_EQ(service.certificate_file, "/etc/a.crt");
  EXPECT_EQ(service.key_file, "/keys/a.key");
  EXPECT_EQ(service.passphrase_file, "/etc/a.pass");
  EXPECT_EQ(service.trust, "internal");
  EXPECT_EQ(service.labels.at("owner"), "payments");
  EXPECT_EQ(settings.identities.at("billing").pkcs12_file, "/etc/b.p12");
  EXPECT_EQ(settings.identities.at("hsm").key, "pkcs11:token=estate;object=hsm");
  EXPECT_EQ(settings.identities.at("hsm").pin_file, "/etc/pin");
}

constexpr std::string_view estate = R"(
trust: {internal: {system: true}, public: {system: true}}
identities: {service-a: {certificate_file: a}, billing: {pkcs12_file: b}}
)";

TEST(Load, ReadsModules) {
  const Settings settings = good(std::string(estate) + R"(
modules:
  mtls_https:
    protocol: https
    trust: internal
    identities: [service-a, billing]
    client_auth: {expect: required, must_refuse: [anonymous, billing], every: 5m}
    tls: {min_version: 1.1, max_version: "1.2", ciphers: HIGH, cipher_suites: TLS_AES_128_GCM_SHA256, groups: X25519, signature_algorithms: ed25519, alpn: [h2, http/1.1], security_level: 1, send_server_name: false}
    http: {method: HEAD, path: /health, headers: {Authorization: Bearer x}, accepted_status: [2xx, 404], refused_status: ["496"]}
    findings: {ignore: [root_served], certificate_threshold_days: 21, maximum_validity_days: 398}
    revocation: {staple: require, ocsp: check, crl: off, responder: "http://ocsp.internal", nonce: true, refresh: 10m}
    interval: 30s
    timeout: 5s
    certificate_retention: 2d
)");
  const Module& module = *settings.modules.at("mtls_https");
  EXPECT_EQ(module.name, "mtls_https");
  EXPECT_EQ(module.protocol, "https");
  EXPECT_TRUE(module.protocol_written);
  EXPECT_EQ(module.trust, "internal");
  EXPECT_THAT(module.identities, ElementsAre("service-a", "billing"));
  EXPECT_EQ(module.client_auth.expect, ClientAuthExpectation::required);
  EXPECT_THAT(module.client_auth.must_refuse, ElementsAre("anonymous", "billing"));
  EXPECT_EQ(module.client_auth.every, 5min);
  EXPECT_EQ(module.tls.min_version, TlsVersion::tls1_1);
  EXPECT_EQ(module.tls.max_version, TlsVersion::tls1_2);
  EXPECT_EQ(module.tls.ciphers, "HIGH");
  EXPECT_EQ(module.tls.cipher_suites, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(module.tls.groups, "X25519");
  EXPECT_EQ(module.tls.signature_algorithms, "ed25519");
  EXPECT_FALSE(module.tls.send_server_name);
  EXPECT_THAT(module.tls.alpn.value(), ElementsAre("h2", "http/1.1"));
  EXPECT_EQ(module.tls.security_level, 1);
  EXPECT_EQ(module.http.method, "HEAD");
  EXPECT_EQ(module.http.path, "/health");
  EXPECT_THAT(module.http.headers, ElementsAre(Pair("Authorization", "Bearer x")));
  EXPECT_THAT(module.http.accepted_status, ElementsAre(StatusRange{200, 299}, StatusRange{404, 404}));
  EXPECT_THAT(module.http.refused_status, ElementsAre(StatusRange{496, 496}));
  EXPECT_THAT(module.findings.ignore, ElementsAre("root_served"));
  EXPECT_EQ(module.findings.certificate_threshold_days, 21);
  EXPECT_EQ(module.findings.maximum_validity_days, 398);
  EXPECT_EQ(module.revocation.staple, RevocationCheck::require);
  EXPECT_EQ(module.revocation.ocsp, RevocationCheck::check);
  EXPECT_EQ(module.revocation.crl, RevocationCheck::off);
  EXPECT_FALSE(module.revocation.fetch_lists);
  EXPECT_EQ(module.revocation.responder, "http://ocsp.internal");
  EXPECT_TRUE(module.revocation.nonce);
  EXPECT_EQ(module.revocation.refresh, 10min);
  EXPECT_EQ(module.interval, 30s);
  EXPECT_EQ(module.timeout, 5s);
  EXPECT_EQ(module.certificate_retention, 48h);
}

TEST(Load, ReadsTargets) {
  const Settings settings = good(R"(
modules: {m: {}}
targets:
  - {name: payments, address: "payments.internal:8443", module: m, server_name: pay.internal, labels: {owner: p}}
  - {address: "[::1]:636", module: m}
)");
  ASSERT_EQ(settings.targets.size(), 2u);
  const Target& payments = *settings.targets[0];
  EXPECT_EQ(payments.name, "payments");
  EXPECT_EQ(payments.host, "payments.internal");
  EXPECT_EQ(payments.port, 8443);
  EXPECT_EQ(payments.server_name, "pay.internal");
  EXPECT_EQ(payments.labels.at("owner"), "p");
  EXPECT_EQ(settings.targets[1]->name, "[::1]:636");
  EXPECT_EQ(settings.targets[1]->host, "::1");
}

TEST(Load, ReadsTheEstatesLabelsAndDetail) {
  const Settings settings = good("labels: {site: berlin}\nmetrics: {detail: lean}\n");
  EXPECT_THAT(settings.labels, ElementsAre(Pair("site", "berlin")));
  EXPECT_EQ(settings.detail, Detail::lean);
}

TEST(Load, LaysDefaultsBelowModulesBelowTargets) {
  const Settings settings = good(std::string(estate) + R"(
defaults: {interval: 120s, timeout: 20s, certificate_retention: 1h, trust: public}
modules:
  m: {protocol: https, timeout: 15s, identity: service-a, http: {path: /module, method: HEAD}}
targets:
  - {address: "a:1", module: m}
  - {address: "a:2", module: m, timeout: 5s, trust: internal, identities: [], http: {path: /target}}
)");
  const Module& module = *settings.targets[0]->module;
  EXPECT_EQ(module.interval, 120s);
  EXPECT_EQ(module.timeout, 15s);
  EXPECT_EQ(module.trust, "public");
  EXPECT_THAT(module.identities, ElementsAre("service-a"));
  const Module& own = *settings.targets[1]->module;
  EXPECT_EQ(own.name, "m");
  EXPECT_EQ(own.interval, 120s);
  EXPECT_EQ(own.timeout, 5s);
  EXPECT_EQ(own.certificate_retention, 1h);
  EXPECT_EQ(own.trust, "internal");
  EXPECT_THAT(own.identities, IsEmpty());
  EXPECT_EQ(own.http.path, "/target");
  EXPECT_EQ(own.http.method, "HEAD");
  EXPECT_EQ(module.http.path, "/module");
}

TEST(Load, TargetsThatAddNothingShareTheirModule) {
  const Settings settings = good(
      "modules: {m: {}}\ntargets: [{address: 'a:1', module: m}, {address: 'a:2', module: m}, "
      "{address: 'a:3', module: m, interval: 2m}]\n");
  EXPECT_EQ(settings.targets[0]->module, settings.targets[1]->module);
  EXPECT_EQ(settings.targets[0]->module, settings.modules.at("m"));
  EXPECT_NE(settings.targets[2]->module, settings.modules.at("m"));
}

TEST(Load, ATargetWithoutAModuleHasTheDefaultOne) {
  EXPECT_EQ(good("defaults: {interval: 3m}\ntargets: [{address: 'a:1'}]\n").targets[0]->module->interval, 3min);
  EXPECT_EQ(good("modules: {default: {interval: 4m}}\ntargets: [{address: 'a:1'}]\n").targets[0]->module->interval, 4min);
}

TEST(Load, ATargetsProxyProtocolOverridesItsModulesAndLeavesTheModuleShared) {
  const Settings settings = good(R"(
defaults: {proxy_protocol: v1}
modules: {m: {}, plain: {proxy_protocol: off}}
targets:
  - {address: "a:1"}
  - {address: "a:2", module: m, proxy_protocol: v2}
  - {address: "a:3", module: plain}
  - {address: "a:4", module: m, proxy_protocol: off}
  - {address: "a:5", module: m, proxy_protocol: v2, interval: 2m}
)");
  std::vector<ProxyProtocol> seen;
  for (const auto& target : settings.targets) seen.push_back(proxy_protocol(*target));
  EXPECT_THAT(seen, ElementsAre(ProxyProtocol::v1, ProxyProtocol::v2, ProxyProtocol::off, ProxyProtocol::off, ProxyProtocol::v2));
  EXPECT_EQ(settings.targets[1]->module, settings.modules.at("m"));
  check({{"{proxy_protocol: v3}", "1:31: unknown PROXY protocol `v3`; did you mean `v1`? known here: off, v1, v2",
          "{proxy_protocol: off}"}},
        "modules: {m: ", "}");
  check({{"proxy_protocol: true", "1:44: unknown PROXY protocol `true`; known here: off, v1, v2", "proxy_protocol: v1"}},
        "targets: [{address: 'a:1', ", "}]");
}

TEST(Load, RequiredImpliesTheKnocksUnlessTheyAreWritten) {
  const Settings settings = good(R"(
modules:
  implied: {client_auth: {expect: required}}
  written: {client_auth: {expect: required, must_refuse: [rogue]}}
  nobody: {client_auth: {expect: required, must_refuse: []}}
  optional: {client_auth: {expect: optional}}
targets:
  - {address: "a:1", module: implied, client_auth: {every: 1m}}
  - {address: "a:2", module: implied, client_auth: {expect: none}}
  - {address: "a:3", module: optional, client_auth: {expect: required}}
  - {address: "a:4", module: nobody, client_auth: {every: 1m}}
)");
  const auto refused = [&](const char* module) { return settings.modules.at(module)->client_auth.must_refuse; };
  EXPECT_THAT(refused("implied"), ElementsAre("anonymous", "rogue"));
  EXPECT_THAT(refused("written"), ElementsAre("rogue"));
  EXPECT_THAT(refused("nobody"), IsEmpty());
  EXPECT_THAT(refused("optional"), IsEmpty());
  EXPECT_THAT(settings.targets[0]->module->client_auth.must_refuse, ElementsAre("anonymous", "rogue"));
  EXPECT_THAT(settings.targets[1]->module->client_auth.must_refuse, IsEmpty());
  EXPECT_THAT(settings.targets[2]->module->client_auth.must_refuse, ElementsAre("anonymous", "rogue"));
  EXPECT_THAT(settings.targets[3]->module->client_auth.must_refuse, IsEmpty());
}

TEST(Load, NamesUnknownKeysAndWhatIsKnown) {
  check({
      {"tagets: []",
       "1:1: unknown key `tagets`; did you mean `targets`? known here: labels, metrics, trust, identities, defaults, modules, "
       "targets, discovery, files, authorities, callers, storage, rotations, web",
       "targets: []"},
      {"discoveries: []", "1:1: unknown key `discoveries`; known here: labels, metrics, trust", ""},
      {"defaults: {intervall: 1m}", "1:12: unknown key `intervall`; did you mean `interval`?", "defaults: {interval: 1m}"},
      {"trust: {t: {system: true, crl_urls: [a]}}",
       "1:27: unknown key `crl_urls`; known here: ca_files, crl_files, passphrase_file, system, partial_chain, labels",
       "trust: {t: {system: true}}"},
      {"identities: {i: {certificate_file: a, passphrase: s}}", "1:39: unknown key `passphrase`;",
       "identities: {i: {certificate_file: a, passphrase_file: s}}"},
      {"modules: {m: {server_name: a}}", "1:15: unknown key `server_name`;",
       "modules: {m: {trust: t}}\ntrust: {t: {system: true}}"},
      {"modules: {m: {client_auth: {expects: none}}}", "1:29: unknown key `expects`; did you mean `expect`?",
       "modules: {m: {client_auth: {expect: none}}}"},
      {"modules: {m: {tls: {cipher: x}}}", "1:21: unknown key `cipher`; did you mean `ciphers`?",
       "modules: {m: {tls: {ciphers: x}}}"},
      {"modules: {m: {http: {url: x}, protocol: https}}", "1:22: unknown key `url`;",
       "modules: {m: {protocol: https, http: {path: /x}}}"},
      {"modules: {m: {findings: {ignored: []}}}", "1:26: unknown key `ignored`; did you mean `ignore`?",
       "modules: {m: {findings: {ignore: []}}}"},
      {"targets: [{address: 'a:1', every_address: true}]", "1:28: unknown key `every_address`;",
       "targets: [{address: 'a:1', all_addresses: true}]"},
      {"metrics: {level: full}", "1:11: unknown key `level`; known here: detail", "metrics: {detail: full}"},
  });
}

TEST(Load, NamesDuplicateKeys) {
  check({{"trust: {t: {system: true}, t: {system: true}}", "1:28: duplicate key `t`; it stands on line 1 already",
          "trust: {t: {system: true}}"}});
}

TEST(Load, NamesSyntaxErrors) { EXPECT_THAT(mistakes_of("targets:\n\t- a\n"), HasSubstr("m:2:")); }

TEST(Load, WrongTypesSayWhatIsExpected) {
  check({
      {"[a]", "1:1: expected a mapping of keys to values", ""},
      {"trust: [a]", "1:8: expected a mapping of names, found a list", "trust: {}"},
      {"targets: {a: b}", "1:10: expected a list, found a mapping; begin each item with `- `", "targets: []"},
      {"targets: [a]", "1:11: expected a mapping of keys to values", "targets: [{address: 'a:1'}]"},
      {"targets: [~]", "1:11: an empty target", "targets: []"},
      {"trust: {t: {ca_files: a.pem}}", "1:23: expected a list, found text; write [a.pem]", "trust: {t: {ca_files: [a.pem]}}"},
      {"trust: {t: {ca_files: [{}]}}", "1:24: expected text, found a mapping", "trust: {t: {ca_files: [a]}}"},
      {"trust: {t: {ca_files: ['']}}", "1:24: an empty text", "trust: {t: {ca_files: [a]}}"},
      {"trust: {t: {ca_files: [\"a\\nb\"]}}", "1:24: text with a line break", "trust: {t: {ca_files: [a]}}"},
      {"trust: {t: {ca_files: [a], system: 'true'}}", "1:36: `true` is no truth value; write true or false, without quotes",
       "trust: {t: {ca_files: [a], system: true}}"},
      {"trust: {t: {ca_files: [a], system: [x]}}", "1:36: expected a truth value, found a list",
       "trust: {t: {ca_files: [a], system: false}}"},
      {"targets: [{address: 'a:1', module: [x]}]", "1:36: expected a single word, found a list; known here: default",
       "targets: [{address: 'a:1', module: default}]"},
      {"labels: {a: [x]}", "1:13: expected text, found a list", "labels: {a: x}"},
      {"labels:\n  a:\n  b: c", "2:3: expected text, found nothing", "labels: {}"},
      {"labels: {a: }", "1:10: expected text, found nothing", "labels: {a: ''}"},
  });
}

TEST(Load, ATrustStoreTrustsSomething) {
  check({{"trust: {t: {labels: {a: b}}}", "1:9: trust store `t` trusts nothing; give it `ca_files` or `system: true`",
          "trust: {t: {system: true}}"},
         {"trust: {t: }", "1:9: trust store `t` trusts nothing", "trust: {t: {ca_files: [a]}}"}});
}

TEST(Load, AnIdentityHasOneCertificateAndOneKey) {
  check(
      {
          {"{certificate_file: a, pkcs12_file: b}", "1:14: identity `i` has both `certificate_file` and `pkcs12_file`",
           "{certificate_file: a}"},
          {"{key_file: a}", "1:14: identity `i` has no certificate; give it one of", "{pkcs12_file: a}"},
          {"{pkcs12_file: a, key_file: b}", "1:44: identity `i` has its key in `pkcs12_file`; remove `key_file`",
           "{pkcs12_file: a}"},
          {"{certificate_file: a, key_file: b, key: 'pkcs11:object=c'}", "1:57: identity `i` has both `key_file` and `key`",
           "{certificate_file: a, key: 'pkcs11:object=c'}"},
          {"{certificate_file: a, key: 'file:x'}", "1:44: `key` is no PKCS#11 URI",
           "{certificate_file: a, key: 'pkcs11:object=c'}"},
          {"{certificate_file: a, key: 'pkcs11:object=c?pin-value=1234'}", "1:44: `key` holds the PIN itself",
           "{certificate_file: a, key: 'pkcs11:object=c', pin_file: d}"},
          {"{certificate_file: a, pin_file: b}", "1:49: `pin_file` goes with a PKCS#11 `key`",
           "{certificate_file: a, passphrase_file: b}"},
          {"{certificate_file: a, trust: none}", "1:46: unknown trust store `none`; none is known here", "{certificate_file: a}"},
      },
      "identities: {i: ", "}");
}

TEST(Load, SecretsInTheWrongPlaceAreNotQuoted) {
  EXPECT_EQ(mistakes_of("identities: {i: {certificate_file: a, key: s3cret, passphrase: s3cret}}").find("s3cret"),
            std::string::npos);
  EXPECT_EQ(mistakes_of("identities: {i: {certificate_file: a, key: 'pkcs11:x?pin-value=s3cret'}}").find("s3cret"),
            std::string::npos);
  EXPECT_EQ(
      mistakes_of("modules: {m: {http: {headers: {Authorization: [s3cret], 'a b': s3cret, c: \"s3cret\\n\"}}}}").find("s3cret"),
      std::string::npos);
}

TEST(Load, KnocksAreNoNamesOfIdentities) {
  check({{"identities: {anonymous: {certificate_file: a}}", "1:14: identity name `anonymous` is reserved",
          "identities: {anon: {certificate_file: a}}"},
         {"identities: {rogue: {certificate_file: a}}", "1:14: identity name `rogue` is reserved",
          "identities: {i: {certificate_file: a}}"},
         {"identities: {'': {certificate_file: a}}", "1:14: an empty text", "identities: {i: {certificate_file: a}}"}});
}

TEST(Load, NamesMustBeKnown) {
  check(
      {
          {"modules: {m: {trust: internl}}",
           "4:22: unknown trust store `internl`; did you mean `internal`? known here: internal, public",
           "modules: {m: {trust: internal}}"},
          {"modules: {m: {identity: service-b}}",
           "4:25: unknown identity `service-b`; did you mean `service-a`? known here: billing, service-a",
           "modules: {m: {identity: service-a}}"},
          {"modules: {m: {identities: [billing, x]}}", "4:37: unknown identity `x`; known here: billing, service-a",
           "modules: {m: {identities: [billing]}}"},
          {"modules: {m: {identities: [x]}}", "4:28: unknown identity `x`;", "modules: {m: {identities: []}}"},
          {"modules: {m: {protocol: htps}}", "4:25: unknown protocol `htps`; did you mean `https`? known here: tls, https, smtp",
           "modules: {m: {protocol: https}}"},
          {"modules: {m: {findings: {ignore: [expird]}}}", "4:35: unknown finding `expird`; did you mean `expired`?",
           "modules: {m: {findings: {ignore: [expired]}}}"},
          {"modules: {m: {client_auth: {must_refuse: [eve]}}}",
           "4:43: unknown identity `eve`; known here: anonymous, rogue, billing, service-a",
           "modules: {m: {client_auth: {must_refuse: [billing, rogue]}}}"},
          {"modules: {m: {client_auth: {expect: mandatory}}}",
           "4:37: unknown expectation `mandatory`; known here: required, optional, none",
           "modules: {m: {client_auth: {expect: none}}}"},
          {"targets: [{address: 'a:1', module: m}]", "4:36: unknown module `m`; known here: default",
           "targets: [{address: 'a:1'}]"},
          {"targets: [{address: 'a:1', trust: x}]", "4:35: unknown trust store `x`;",
           "targets: [{address: 'a:1', trust: public}]"},
          {"defaults: {trust: x}", "4:19: unknown trust store `x`;", "defaults: {trust: public}"},
          {"metrics: {detail: all}", "4:19: unknown level of detail `all`; known here: lean, standard, full",
           "metrics: {detail: full}"},
      },
      estate);
}

TEST(Load, AModuleHasOneWayToNameItsIdentities) {
  check({{"{identity: billing, identities: [service-a]}", "4:46: both `identity` and `identities`; keep one of them",
          "{identity: billing}"},
         {"{identities: [billing, billing]}", "4:37: identity `billing` is listed twice", "{identities: [billing, service-a]}"}},
        std::string(estate) + "modules: {m: ", "}");
}

TEST(Load, LabelsAreValidAndNotOurs) {
  check(
      {
          {"target: x", "1:10: label `target` is reserved: the exporter's own metrics carry it", "owner: x"},
          {"subject_cn: x", "1:10: label `subject_cn` is reserved", "subject: x"},
          {"job: x", "1:10: label `job` is reserved: Prometheus sets it itself", "jobs: x"},
          {"instance: x", "1:10: label `instance` is reserved", "_instance: x"},
          {"le: x", "1:10: label `le` is reserved", "LE: x"},
          {"__address__: x", "1:10: label `__address__` is reserved: names with `__` belong to Prometheus", "_address__: x"},
          {"1st: x", "1:10: `1st` is no label name; use letters, digits and `_`", "first1: x"},
          {"a-b: x", "1:10: `a-b` is no label name", "a_b: x"},
          {"'': x", "1:10: `` is no label name", "a: x"},
          {"a: \"x\\ny\"", "1:13: text with a line break", "a: \"x\\u00e9y\""},
          {"a: \xff", "1:13: a byte that is not UTF-8", "a: \xc3\xa9"},
      },
      "labels: {", "}");
}

TEST(Load, LabelsAreCheckedWhereverTheyStand) {
  for (const std::string_view text :
       {"trust: {t: {system: true, labels: {le: x}}}", "identities: {i: {certificate_file: a, labels: {le: x}}}",
        "targets: [{address: 'a:1', labels: {le: x}}]"})
    EXPECT_THAT(mistakes_of(text), HasSubstr("label `le` is reserved")) << text;
}

TEST(Load, TargetsHaveAddressesAndNamesOfTheirOwn) {
  check({
      {"targets: [{name: a}]", "1:11: a target without `address`; give it one: host:port",
       "targets: [{name: a, address: 'a:1'}]"},
      {"targets: [{address: a, protocol: tls}]", "1:21: `a` has no port, and the protocol `tls` has none of its own",
       "targets: [{address: a}]"},
      {"targets: [{address: 'a:99999'}]", "1:21: `99999` is no port; ports go from 1 to 65535", "targets: [{address: 'a:9999'}]"},
      {"targets: [{address: 'https://a/x', protocol: tls}]", "1:21: its URL says `https`, and the module `default` says `tls`",
       "targets: [{address: 'https://a/x'}]"},
      {"targets: [{address: 'https://a/x', http: {path: /y}}]", "1:49: the target's `address` says a path already: `/x`",
       "targets: [{address: 'https://a/', http: {path: /y}}]"},
      {"targets: [{address: 'a:1', server_name: 'a:1'}]",
       "1:41: `a:1` is neither a host name nor an IP address; write the name alone",
       "targets: [{address: 'a:1', server_name: a}]"},
      {"targets:\n - {name: x, address: 'a:1'}\n - {name: x, address: 'a:2'}",
       "3:11: duplicate target name `x`, first on line 2; choose another `name`",
       "targets:\n - {name: x, address: 'a:1'}\n - {name: y, address: 'a:1'}"},
      {"targets:\n - {address: 'a:1'}\n - {address: 'a:1'}",
       "3:4: duplicate target name `a:1`, first on line 2; without a `name` the address is the name",
       "targets:\n - {address: 'a:1'}\n - {address: 'a:1', name: x}"},
      {"targets:\n - {name: 'a:1', address: 'b:1'}\n - {address: 'a:1'}", "3:4: duplicate target name `a:1`",
       "targets:\n - {name: 'a:1', address: 'a:1'}"},
  });
  EXPECT_THAT(mistakes_of("targets: [{address: 'a:1', name: " + std::string(257, 'x') + "}]"),
              HasSubstr("1:34: a name of more than 256 bytes"));
  EXPECT_EQ(mistakes_of("targets: [{address: 'a:1', name: " + std::string(256, 'x') + "}]"), "");
}

TEST(Load, ReadsFiles) {
  const Settings settings = good(
      "trust: {t: {system: true, crl_files: [a.crl]}}\nfiles:\n"
      " - {name: web, paths: ['ssl/**/*.pem', /abs], trust: t, labels: {owner: web}, interval: 1m, follow_symlinks: true,\n"
      "    exclude: [README, '**/old', 'ssl/*.bak', /x/**]}\n"
      " - {name: node, paths: [/host/etc/kubernetes], root: /host/}\n"
      " - {name: kafka, paths: [k.jks], passphrase_file: p, publish_within: 30d, max_series: 5}\n"
      " - {name: more, paths: [m], passphrase_file: [p, /q]}\n");
  const FileSet& web = settings.files.at("web");
  EXPECT_THAT(web.paths, ElementsAre("/etc/ssl/**/*.pem", "/abs"));
  EXPECT_EQ(web.trust, "t");
  EXPECT_THAT(web.exclude, ElementsAre("README", "**/old", "/etc/ssl/*.bak", "/x/**"));
  EXPECT_EQ(settings.files.at("node").root, "/host");
  EXPECT_EQ(web.interval, 1min);
  EXPECT_TRUE(web.follow_symlinks);
  EXPECT_EQ(web.publish.within, std::nullopt);
  EXPECT_EQ(web.publish.max_series, 10000u);
  EXPECT_THAT(web.labels, ElementsAre(Pair("owner", "web")));
  const FileSet& kafka = settings.files.at("kafka");
  EXPECT_THAT(kafka.passphrase_files, ElementsAre("/etc/p"));
  EXPECT_EQ(kafka.publish.within, 30 * 24h);
  EXPECT_EQ(kafka.publish.max_series, 5u);
  EXPECT_FALSE(kafka.follow_symlinks);
  EXPECT_THAT(settings.files.at("more").passphrase_files, ElementsAre("/etc/p", "/q"));
  EXPECT_THAT(settings.trust.at("t").crl_files, ElementsAre("/etc/a.crl"));
}

TEST(Load, ReadsAuthorities) {
  const Settings settings = good(
      "authorities:\n - {name: vpn, openssl_index: index.txt, labels: {owner: net}}\n"
      " - {name: step, issued: [certs], publish_within: 7d, max_series: 0, publish_superseded: true, interval: 1h}\n");
  const Authority& vpn = settings.authorities.at("vpn");
  EXPECT_EQ(vpn.openssl_index, "/etc/index.txt");
  EXPECT_EQ(vpn.publish.within, 90 * 24h);
  EXPECT_EQ(vpn.publish.max_series, 10000u);
  EXPECT_FALSE(vpn.publish_superseded);
  EXPECT_THAT(vpn.labels, ElementsAre(Pair("owner", "net")));
  const Authority& step = settings.authorities.at("step");
  EXPECT_THAT(step.issued, ElementsAre("/etc/certs"));
  EXPECT_EQ(step.publish.within, 7 * 24h);
  EXPECT_EQ(step.publish.max_series, 0u);
  EXPECT_TRUE(step.publish_superseded);
  EXPECT_EQ(step.interval, 1h);
}

TEST(Load, AnAuthorityMayBeAVault) {
  const Settings settings = good(
      "trust: {t: {ca_files: [ca.pem]}}\nauthorities:\n - {name: v, vault_pki: {url: 'https://v:8200/', mount: /team/pki/, "
      "namespace: a/b, token_file: token, trust: t, timeout: 3s}}\n - {name: w, vault_pki: {url: 'http://127.0.0.1:8200', "
      "token_file: token}}\n");
  const VaultPki& vault = *settings.authorities.at("v").vault_pki;
  EXPECT_EQ(vault.url, "https://v:8200");
  EXPECT_EQ(vault.mount, "team/pki");
  EXPECT_EQ(vault.vault_namespace, "a/b");
  EXPECT_EQ(vault.token_file, "/etc/token");
  EXPECT_EQ(vault.trust, "t");
  EXPECT_EQ(vault.timeout, 3s);
  EXPECT_EQ(settings.authorities.at("w").vault_pki->mount, "pki");
}

TEST(Load, AVaultSaysWhereItIsAndNothingElseInItsUrl) {
  const std::string right = "authorities: [{name: a, vault_pki: {url: 'https://v'}}]";
  check({
      {"authorities: [{name: a, vault_pki: {mount: pki}}]", "1:36: `vault_pki` without `url`", right},
      {"authorities: [{name: a, vault_pki: {url: v}}]", "1:42: `v` is no URL of HTTP", right},
      {"authorities: [{name: a, vault_pki: {url: 'https://u:p@v'}}]", "1:42: a URL with a user or password", right},
      {"authorities: [{name: a, vault_pki: {url: 'https://v?a=b'}}]", "1:42: a URL with a query", right},
      {"authorities: [{name: a, vault_pki: {url: 'https://v', mount: '../sys'}}]", "1:62: `../sys` is no path of Vault", right},
      {"authorities: [{name: a, vault_pki: {url: 'https://v', namespace: 'a b'}}]", "1:66: `a b` is no path of Vault", right},
      {"authorities: [{name: a, vault_pki: {url: 'http://v', token_file: t}}]", "1:36: a token over http://", right},
      {"authorities: [{name: a, vault_pki: {url: 'http://127.evil.example', token_file: t}}]", "1:36: a token over http://",
       right},
  });
}

TEST(Load, ATargetMayNameTheFileItServes) {
  EXPECT_EQ(good("targets: [{address: 'a:1', certificate_file: a.pem}]").targets.front()->certificate_file, "/etc/a.pem");
}

TEST(Load, FilesHaveNamesPathsAndKnownTrustStores) {
  check({
      {"files: [{paths: [b]}]", "1:9: files without a `name`", "files: [{name: a, paths: [b]}]"},
      {"files: [{name: a}]", "1:9: files `a` have no `paths`", "files: [{name: a, paths: [b]}]"},
      {"files: [{name: a, paths: []}]", "1:9: files `a` have no `paths`", "files: [{name: a, paths: [b]}]"},
      {"files: [{name: a, paths: [b], trust: c}]", "1:38: unknown trust store `c`; none is known here",
       "files: [{name: a, paths: [b]}]"},
      {"files:\n - {name: a, paths: [b]}\n - {name: a, paths: [c]}", "3:11: duplicate files name `a`, first on line 2",
       "files:\n - {name: a, paths: [b]}\n - {name: c, paths: [b]}"},
      {"files: [{name: a, paths: [b], max_series: 100001}]", "1:43: ", "files: [{name: a, paths: [b], max_series: 100000}]"},
      {"files: [{name: a, paths: [b], passphrase_file: {}}]", "1:48: expected",
       "files: [{name: a, paths: [b], passphrase_file: []}]"},
      {"files: [{name: certificate_file, paths: [b]}]", "1:16: the name `certificate_file` is reserved",
       "files: [{name: certificate_files, paths: [b]}]"},
      {"files: [~]", "1:9: files without a `name`", "files: ~"},
  });
}

TEST(Load, AnAuthorityHasANameAndOneSource) {
  check({
      {"authorities: [{openssl_index: b}]", "1:15: an authority without a `name`", "authorities: [{name: a, openssl_index: b}]"},
      {"authorities: [{name: a}]", "1:15: authority `a` has none of `openssl_index`, `issued` and `vault_pki`",
       "authorities: [{name: a, issued: [b]}]"},
      {"authorities: [{name: a, openssl_index: b, issued: [c]}]", "1:15: authority `a` has more than one of",
       "authorities: [{name: a, openssl_index: b}]"},
      {"authorities: [{name: a, issued: []}]", "1:15: authority `a` has none", "authorities: [{name: a, issued: [b]}]"},
      {"authorities:\n - {name: a, issued: [b]}\n - {name: a, issued: [c]}", "3:11: duplicate authority name `a`",
       "authorities:\n - {name: a, issued: [b]}\n - {name: c, issued: [b]}"},
  });
}

TEST(Load, DurationsAreAboveZero) {
  check({
      {"defaults: {interval: 0s}", "1:22: a duration of zero; write one above zero", "defaults: {interval: 10s}"},
      {"defaults: {interval: -5s}", "1:22: `-5s` is no duration; write a duration like 30s", "defaults: {interval: 1w}"},
      {"defaults: {certificate_retention: 24}", "1:35: `24` has no unit", "defaults: {certificate_retention: 24h}"},
      {"defaults: {timeout: [1s]}", "1:21: expected a duration, found a list", "defaults: {timeout: 1s}"},
      {"modules: {m: {client_auth: {every: 0}}}", "1:36: a duration of zero", "modules: {m: {client_auth: {every: 1s}}}"},
  });
}

TEST(Load, AProbeEndsBeforeTheNextBegins) {
  check({
      {"defaults: {timeout: 61s}",
       "1:21: the timeout of 1m1s is longer than the interval of 1m, set elsewhere,; a probe must end",
       "defaults: {timeout: 60s}"},
      {"defaults: {interval: 9s}", "1:22: the timeout of 10s, set elsewhere, is longer than the interval of 9s",
       "defaults: {interval: 10s}"},
      {"modules: {m: {timeout: 2m, interval: 1m}}", "1:24: the timeout of 2m is longer than the interval of 1m",
       "modules: {m: {timeout: 2m, interval: 3m}}"},
      {"modules: {m: {timeout: 1m}}\ntargets: [{address: 'a:1', module: m, interval: 30s}]",
       "2:49: the timeout of 1m, set elsewhere, is longer",
       "modules: {m: {timeout: 1m}}\ntargets: [{address: 'a:1', module: m}]"},
      {"defaults: {timeout: 2m}\nmodules: {m: {trust: t}}\ntrust: {t: {system: true}}", "1:21: the timeout of 2m",
       "defaults: {timeout: 2m, interval: 2m}"},
  });
}

TEST(Load, TlsSettingsFitTogether) {
  check(
      {
          {"{min_version: 1.4}", "1:34: unknown TLS version `1.4`; did you mean", "{min_version: 1.3}"},
          {"{min_version: '1.3', max_version: '1.2'}", "1:34: min_version 1.3 is above max_version 1.2; no version is left",
           "{min_version: '1.2', max_version: '1.2'}"},
          {"{max_version: '1.1'}", "1:34: min_version 1.2 (set elsewhere) is above max_version 1.1", "{max_version: '1.2'}"},
          {"{security_level: 6}", "1:37: `6` is out of range; write a whole number from 0 to 5", "{security_level: 5}"},
          {"{security_level: -1}", "1:37: `-1` is out of range", "{security_level: 0}"},
          {"{security_level: high}", "1:37: `high` is no number", "{security_level: 2}"},
          {"{security_level: '2'}", "1:37: `2` is no number", "{security_level: 3}"},
          {"{security_level: [2]}", "1:37: expected a number, found a list", "{security_level: 1}"},
          {"{send_server_name: 'no'}", "1:39: `no` is no truth value; write true or false, without quotes",
           "{send_server_name: true}"},
          {"{signature_algorithms: [ed25519]}", "1:43: expected text, found a list", "{signature_algorithms: ed25519}"},
          {"{alpn: h2}", "1:27: expected a list, found text; write [h2]", "{alpn: [h2]}"},
      },
      "modules: {m: {tls: ", "}}");
  EXPECT_THAT(mistakes_of("modules: {m: {tls: {alpn: [" + std::string(256, 'x') + "]}}}"),
              HasSubstr("1:28: an ALPN protocol of more than 255 bytes"));
  EXPECT_EQ(mistakes_of("modules: {m: {tls: {alpn: [" + std::string(255, 'x') + "]}}}"), "");
}

TEST(Load, HttpSettingsAreHttp) {
  check(
      {
          {"{accepted_status: [2x]}", "1:40: `2x` is no HTTP status; write one like 200 or 404, or a class like 2xx",
           "{accepted_status: [2xx]}"},
          {"{accepted_status: [200, 600]}", "1:45: `600` is no HTTP status", "{accepted_status: [200, 599]}"},
          {"{refused_status: [099]}", "1:39: `099` is no HTTP status", "{refused_status: [100]}"},
          {"{refused_status: 496}", "1:38: expected a list, found text; write [496]", "{refused_status: [496]}"},
          {"{path: health}", "1:28: `health` is no HTTP path; begin it with `/`", "{path: /health}"},
          {"{path: /a b}", "1:28: `/a b` is no HTTP path", "{path: /a%20b}"},
          {"{method: G T}", "1:30: `G T` is no HTTP method", "{method: GET}"},
          {"{headers: {'a:': b}}", "1:32: `a:` is no header name", "{headers: {a: b}}"},
          {"{headers: {a: \"b\\r\\nc: d\"}}", "1:35: text with a line break", "{headers: {a: 'b, c: d'}}"},
      },
      "modules: {m: {http: ", ", protocol: https}}");
}

TEST(Load, HttpGoesWithHttps) {
  check({{"modules: {m: {protocol: tls, http: {path: /x}}}",
          "1:36: `http` goes with protocol `auto` or `https`, and here it is `tls`; write `protocol: https`",
          "modules: {m: {http: {path: /x}}}"},
         {"targets: [{address: 'a:1', protocol: smtp, http: {path: /x}}]",
          "1:50: `http` goes with protocol `auto` or `https`, and here it is `smtp`",
          "targets: [{address: 'a:1', protocol: https, http: {path: /x}}]"},
         {"modules: {m: {protocol: tls, http: {path: /x}}}", "1:36: `http` goes with", "defaults: {http: {path: /x}}"}});
}

TEST(Load, TheProbeFramesItsRequestItself) {
  for (const std::string_view name : {"Host", "content-length", "Transfer-Encoding", "CONNECTION"}) {
    const std::string wrong =
        mistakes_of("modules: {m: {protocol: https, http: {headers: {" + std::string(name) + ": s3cret}}}}");
    EXPECT_THAT(wrong, HasSubstr("m:1:49: the probe itself sets the header `" + std::string(name) + "`; remove it")) << name;
    EXPECT_EQ(wrong.find("s3cret"), std::string::npos);
  }
  good("modules: {m: {protocol: https, http: {headers: {X-Forwarded-Host: a, Connections: b, TE: c}}}}");
}

TEST(Load, ReadsWhomProbeMayReach) {
  const ProbeAllow allow =
      good("web: {probe: {allow: {networks: [10.0.0.0/8, '::1'], ports: [443, 8443], names: ['*.internal', a.b, '*']}}}")
          .web.probe.allow;
  EXPECT_THAT(allow.networks,
              ElementsAre(std::get<Network>(parse_network("10.0.0.0/8")), std::get<Network>(parse_network("::1"))));
  EXPECT_THAT(allow.ports, ElementsAre(443, 8443));
  EXPECT_THAT(allow.names, ElementsAre("*.internal", "a.b", "*"));
  for (const std::string_view nothing : {"", "web:", "web: {probe: }", "web: {probe: {allow: }}"})
    EXPECT_THAT(good(nothing).web.probe.allow.ports, IsEmpty()) << nothing;
}

TEST(Load, WhatProbeMayReachIsOpenedInFull) {
  check(
      {
          {"{networks: [10.0.0.1/8], ports: [1]}", "1:34: `10.0.0.1/8` has bits beyond its prefix",
           "{networks: [10.0.0.0/8], ports: [1]}"},
          {"{networks: [internal], ports: [1]}", "1:34: `internal` is no network", "{names: [internal], ports: [1]}"},
          {"{networks: [10.0.0.0/8]}", "1:22: `allow` without `ports` opens nothing; list them",
           "{networks: [10.0.0.0/8], ports: [1]}"},
          {"{ports: [1]}", "1:22: `allow` without `networks` and `names` opens nothing", "{names: ['*'], ports: [1]}"},
          {"{names: ['*'], ports: [0]}", "1:45:", "{names: ['*'], ports: [65535]}"},
          {"{names: ['a*'], ports: [1]}", "1:31: `a*` is no name; write one like", "{names: ['*.a'], ports: [1]}"},
          {"{names: [10.0.0.1], ports: [1]}", "1:31: `10.0.0.1` is no name", "{networks: [10.0.0.1], ports: [1]}"},
          {"{names: ['*.::1'], ports: [1]}", "1:31: `*.::1` is no name", "{networks: ['::1'], ports: [1]}"},
          {"{name: [a], ports: [1], names: [a]}", "1:23: unknown key `name`; did you mean `names`?", "{ports: [1], names: [a]}"},
      },
      "web: {probe: {allow: ", "}}");
}

TEST(Load, FindingsHaveDaysAboveZero) {
  check({{"{certificate_threshold_days: 0}", "1:54: `0` is out of range; write a whole number from 1 to 36500",
          "{certificate_threshold_days: 1}"},
         {"{maximum_validity_days: 1.5}", "1:49: `1.5` is no number", "{maximum_validity_days: 398}"}},
        "modules: {m: {findings: ", "}}");
}

// What nobody wrote is never connected to.
TEST(Load, WithoutARevocationThatIsWrittenNothingIsFetched) {
  const auto revocation = [](const std::string& written) {
    return load_text("modules: {m: {" + written + "}}\ntargets: [{address: 'a:1', module: m}]", "m.yml", vocabulary())
        .modules.at("m")
        ->revocation;
  };
  EXPECT_FALSE(revocation("protocol: tls").fetch_lists);
  EXPECT_EQ(revocation("protocol: tls").crl, RevocationCheck::check);
  EXPECT_EQ(revocation("protocol: tls").ocsp, RevocationCheck::off);
  EXPECT_FALSE(revocation("revocation: {staple: check}").fetch_lists);
  EXPECT_TRUE(revocation("revocation: {crl: check}").fetch_lists);
  EXPECT_TRUE(revocation("revocation: {crl: require}").fetch_lists);
  EXPECT_FALSE(revocation("revocation: {crl: off}").fetch_lists);
}

TEST(Load, RevocationHasThreeWordsAndAResponderThatCanBeAsked) {
  check({{"{ocsp: check, responder: ocsp.internal}", "1:52: the responder `ocsp.internal` is no URL of http or https",
          "{ocsp: check, responder: 'http://ocsp.internal'}"},
         {"{responder: 'http://ocsp.internal'}", "1:39: `responder` without `ocsp`: it is never asked",
          "{ocsp: require, responder: 'http://ocsp.internal'}"},
         {"{ocsp: maybe}", "1:34: unknown check `maybe`", "{ocsp: check}"},
         {"{staple: yes}", "1:36: unknown check `yes`", "{staple: require}"},
         {"{crls: off}", "1:28: unknown key `crls`; did you mean `crl`?", "{crl: off}"}},
        "modules: {m: {revocation: ", "}}");
}

TEST(Load, ReportsEveryMistakeOfAFileInItsOrder) {
  EXPECT_EQ(mistakes_of("targets:\n  - {address: a b}\n  - {adress: 'b:1'}\nwatch: {}\ndefaults: {timeout: 1}\n"),
            "m:2:15: `a b` has no port; write host:port, like a b:443\n"
            "m:3:5: a target without `address`; give it one: host:port\n"
            "m:3:6: unknown key `adress`; did you mean `address`? known here: name, address, module, server_name, "
            "certificate_file, proxy_protocol, labels, protocol, trust, identity, identities, client_auth, tls, proxy, "
            "all_addresses, user, http, findings, "
            "revocation, "
            "interval, timeout, "
            "certificate_retention\n"
            "m:4:1: unknown key `watch`; known here: labels, metrics, trust, identities, defaults, modules, targets, "
            "discovery, files, authorities, callers, storage, rotations, web\n"
            "m:5:21: `1` has no unit; write a duration like 30s, 5m, 1h30m, 12h or 14d");
}

TEST(Load, ReadsAFileAndAnchorsPathsAtItsFolder) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "load_test_folder";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "m.yml").string();
  std::ofstream(path) << "identities: {i: {certificate_file: pki/no-such-file.crt}}\n";
  EXPECT_EQ(load(path, vocabulary()).identities.at("i").certificate_file, (folder / "pki/no-such-file.crt").string());
  std::filesystem::remove_all(folder);
  EXPECT_THROW((void)load(path, vocabulary()), ConfigurationError);
}

TEST(Load, PathsOfAFileInTheWorkingFolderStayRelative) {
  EXPECT_EQ(load_text("identities: {i: {certificate_file: a.crt}}", "m.yml", vocabulary()).identities.at("i").certificate_file,
            "a.crt");
}

}  // namespace
}  // namespace config
