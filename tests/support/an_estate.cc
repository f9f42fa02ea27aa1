#include "tests/support/an_estate.h"

#include "exporter/estate/observe.h"

namespace tests::support {

using namespace probes::observations;
using exporter::WatchSlot;

std::shared_ptr<const config::Module> a_module(config::ClientAuth client_auth) {
  config::Module module{.name = "mtls_https", .protocol = "https", .trust = "internal", .identities = {"service-a"}};
  module.client_auth = std::move(client_auth);
  module.findings.certificate_threshold_days = 21;
  return std::make_shared<const config::Module>(std::move(module));
}

std::shared_ptr<const config::Target> a_target(std::string name, std::shared_ptr<const config::Module> module,
                                               config::Labels labels) {
  return std::make_shared<const config::Target>(config::Target{.name = std::move(name),
                                                               .host = "payments.internal",
                                                               .port = 8443,
                                                               .labels = std::move(labels),
                                                               .module = std::move(module)});
}

config::Settings settings_of(std::vector<std::shared_ptr<const config::Target>> targets, config::Detail detail) {
  config::Settings settings;
  settings.targets = std::move(targets);
  settings.detail = detail;
  settings.identities["service-a"] = {.name = "service-a"};
  settings.trust["internal"] = {.name = "internal"};
  return settings;
}

CertificatePtr a_certificate(std::string common_name, int days_left) {
  const auto now = std::chrono::floor<std::chrono::seconds>(today);
  return packed({.subject = "CN=" + common_name,
                 .subject_common_name = common_name,
                 .issuer = "CN=Internal CA",
                 .issuer_common_name = "Internal CA",
                 .serial = "0a1b",
                 .fingerprint_sha256 = std::string(64, 'f'),
                 .not_before = now - std::chrono::hours(24 * 30),
                 .not_after = now + std::chrono::hours(24 * days_left),
                 .subject_alternative_names = {{SubjectAlternativeName::Kind::dns, common_name}},
                 .key_type = "ec",
                 .key_bits = 256,
                 .key_curve = "P-256",
                 .signature_algorithm = "ecdsa-with-SHA256"});
}

ChainJudgementPtr a_judgement(bool valid, std::vector<Problem> problems) {
  const auto now = std::chrono::floor<std::chrono::seconds>(today);
  ChainJudgement judgement{.valid = valid, .complete = valid, .problems = std::move(problems)};
  if (valid) judgement.expiry = now + std::chrono::hours(24 * 60);
  return std::make_shared<const ChainJudgement>(std::move(judgement));
}

Handshake a_good_probe(WallTime at) {
  Handshake probe{.finished = at, .duration = std::chrono::milliseconds(25), .endpoint = "192.0.2.1:8443"};
  probe.phases = {.connect = std::chrono::milliseconds(1),
                  .handshake = std::chrono::milliseconds(4),
                  .verdict = std::chrono::milliseconds(20)};
  probe.negotiated = {.version = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384", .group = "X25519", .alpn = "h2"};
  probe.certificates = {a_certificate("payments.internal"), a_certificate("Internal CA", 60)};
  probe.chain = a_judgement();
  probe.hostname_match = true;
  probe.client = {.requested = true,
                  .sent = true,
                  .issuer_listed = true,
                  .acceptable = std::make_shared<const AcceptableAuthorities>(
                      AcceptableAuthorities{.count = 1, .names = {"CN=Internal CA"}, .digest = "00112233aabbccdd"}),
                  .verdict = Verdict::accepted};
  probe.application_status = 200;
  return probe;
}

Handshake a_failed_probe(Stage stage, Reason reason, WallTime at) {
  Handshake probe{.finished = at, .duration = std::chrono::milliseconds(7), .endpoint = "192.0.2.1:8443"};
  probe.outcome = Failed{.stage = stage, .reason = reason, .detail = "for people"};
  return probe;
}

WatchSlot a_slot(Handshake last, config::ClientAuth client_auth, std::string identity) {
  WatchSlot slot{.target = a_target("payments-api", a_module(std::move(client_auth))), .identity = std::move(identity)};
  return exporter::after_probe(std::move(slot), std::move(last));
}

}  // namespace tests::support
