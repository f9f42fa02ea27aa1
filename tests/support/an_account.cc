#include "tests/support/an_account.h"

#include <cstdio>
#include <functional>
#include <optional>

namespace tests::support {

using namespace probes::observations;

namespace {

// The alert that usually comes with a reason.
std::optional<std::uint8_t> usual_alert(StageReason pair) {
  switch (pair.reason) {
    case Reason::protocol_version: return 70;
    case Reason::no_shared_cipher: return 40;
    case Reason::unrecognized_name: return 112;
    case Reason::no_application_protocol: return 120;
    case Reason::alert: return 80;
    case Reason::certificate_required: return 116;
    case Reason::unknown_ca: return 48;
    case Reason::certificate_expired: return 45;
    case Reason::certificate_revoked: return 44;
    case Reason::bad_certificate: return 42;
    case Reason::unsupported_certificate: return 43;
    case Reason::access_denied: return 49;
    default: return {};
  }
}

// What had been learnt by the time a probe failed at `stage`.
Handshake as_far_as(Stage stage) {
  Handshake seen = a_trusted_probe();
  seen.application_status.reset();
  if (stage == Stage::application) return seen;
  seen.client.verdict.reset();
  if (stage == Stage::client_certificate) return seen;
  Handshake early{.finished = seen.finished, .duration = std::chrono::milliseconds(7)};
  if (stage != Stage::resolve) early.endpoint = seen.endpoint;
  return early;
}

}  // namespace

CertificatePtr a_named_certificate(const Named& named) {
  CertificateDraft certificate = draft_of(*a_certificate(named.common_name, named.days_left));
  certificate.issuer = "CN=" + named.issuer;
  certificate.issuer_common_name = named.issuer;
  certificate.self_issued = named.issuer == named.common_name;
  char print[17];
  std::snprintf(print, sizeof print, "%016zx", std::hash<std::string>()(named.common_name + "/" + named.issuer));
  certificate.fingerprint_sha256.replace(0, 16, print);
  return packed(certificate);
}

exporter::explain::Asked an_asking() {
  CertificateDraft leaf = draft_of(*a_named_certificate({.common_name = "service-a", .issuer = "Partner CA", .days_left = 40}));
  leaf.extended_key_usages = {"clientAuth"};
  return {.target = a_target("payments-api", a_module()),
          .identity = "service-a",
          .presented = {packed(leaf)},
          .identity_problems = {},
          .trust = "internal"};
}

Handshake a_trusted_probe() {
  Handshake seen = a_good_probe();
  const auto leaf = a_named_certificate({.common_name = "payments.internal", .issuer = "Estate Issuing CA"});
  const auto issuing = a_named_certificate({.common_name = "Estate Issuing CA", .issuer = "Estate CA", .days_left = 60});
  const auto root = a_named_certificate({.common_name = "Estate CA", .issuer = "Estate CA", .days_left = 3000});
  const auto retired = a_named_certificate({.common_name = "Estate Issuing CA", .issuer = "Retired CA", .days_left = -3});
  seen.certificates = {leaf, issuing, retired};
  ChainJudgement judgement{.valid = true, .complete = true, .expiry = *issuing->not_after(), .path = {leaf, issuing, root}};
  judgement.problems = {
      {.finding = Finding::superfluous, .severity = Severity::info, .position = 2, .detail = "not on the path"}};
  seen.chain = std::make_shared<const ChainJudgement>(std::move(judgement));
  seen.client.acceptable = std::make_shared<const AcceptableAuthorities>(AcceptableAuthorities{
      .count = 2, .names = {"CN=Estate CA", "CN=Old Estate CA"}, .digest = "00112233aabbccdd", .problems = {}});
  return seen;
}

Handshake a_probe_that_met(StageReason pair) {
  Handshake seen = as_far_as(pair.stage);
  seen.outcome = Failed{.stage = pair.stage, .reason = pair.reason, .alert = usual_alert(pair), .detail = ""};
  if (pair.reason == Reason::http_status) seen.application_status = 503;
  if (pair.reason == Reason::refused_by_application) seen.application_status = 400;
  if (pair.stage != Stage::client_certificate) return seen;
  if (pair.reason == Reason::unknown_ca || pair.reason == Reason::bad_certificate) seen.client.issuer_listed = false;
  if (pair.reason != Reason::identity_unusable) seen.client.verdict = Verdict::rejected;
  const bool held_back = pair.reason == Reason::identity_unusable || pair.reason == Reason::certificate_required ||
                         pair.reason == Reason::no_suitable_signature;
  if (held_back) seen.client.sent = false;
  return seen;
}

Handshake a_probe_with(Verdict verdict) {
  Handshake seen = a_trusted_probe();
  seen.client.verdict = verdict;
  if (verdict != Verdict::accepted) seen.application_status.reset();
  if (verdict == Verdict::not_requested) seen.client = {.verdict = verdict};
  return seen;
}

}  // namespace tests::support
