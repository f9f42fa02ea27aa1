#include "exporter/explain/facts_json.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "exporter/explain/phrases.h"

namespace exporter::explain {

using Json = nlohmann::ordered_json;
using namespace probes::observations;

namespace {

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string_view kind_word(SubjectAlternativeName::Kind kind) {
  switch (kind) {
    case SubjectAlternativeName::Kind::dns: return "dns";
    case SubjectAlternativeName::Kind::ip: return "ip";
    case SubjectAlternativeName::Kind::uri: return "uri";
    case SubjectAlternativeName::Kind::email: return "email";
    case SubjectAlternativeName::Kind::other: return "other";
  }
  return "other";
}

}  // namespace

std::string time_text(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::hh_mm_ss clock(second - std::chrono::floor<std::chrono::days>(second));
  char text[32];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02dZ", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return date(second) + text;
}

namespace {

// What cannot be read is null.
Json date_json(Date date) { return date ? Json(time_text(*date)) : Json(nullptr); }

Json certificate_json(const Certificate& certificate) {
  Json names = Json::array();
  for (const auto& name : certificate.subject_alternative_names())
    names.push_back({{"kind", kind_word(name.kind)}, {"value", name.value}});
  return {{"subject", certificate.subject()},
          {"subject_common_name", certificate.subject_common_name()},
          {"issuer", certificate.issuer()},
          {"issuer_common_name", certificate.issuer_common_name()},
          {"serial", certificate.serial().empty() ? Json(nullptr) : Json(certificate.serial())},
          {"fingerprint_sha256", certificate.fingerprint_sha256()},
          {"not_before", date_json(certificate.not_before())},
          {"not_after", date_json(certificate.not_after())},
          {"subject_alternative_names", std::move(names)},
          {"key", key_word(certificate)},
          {"key_type", certificate.key_type()},
          {"key_bits", certificate.key_bits() > 0 ? Json(certificate.key_bits()) : Json(nullptr)},
          {"key_curve", certificate.key_curve()},
          {"signature_algorithm", certificate.signature_algorithm()},
          {"authority_key_identifier", certificate.authority_key_identifier()},
          {"subject_key_identifier", certificate.subject_key_identifier()},
          {"extended_key_usages", certificate.extended_key_usages()},
          {"policies", certificate.policies()},
          {"version", certificate.version()},
          {"authority", certificate.authority()},
          {"self_issued", certificate.self_issued()}};
}

}  // namespace

Json certificates_json(const std::vector<CertificatePtr>& certificates) {
  Json all = Json::array();
  for (const CertificatePtr& certificate : certificates) all.push_back(certificate_json(*certificate));
  return all;
}

Json problems_json(const std::vector<Problem>& problems) {
  Json all = Json::array();
  for (const Problem& problem : problems)
    all.push_back({{"finding", word(problem.finding)},
                   {"severity", word(problem.severity)},
                   {"position", or_null(problem.position)},
                   {"meaning", row(problem.finding).meaning},
                   {"rule", row(problem.finding).rule},
                   {"detail", problem.detail}});
  return all;
}

namespace {

Json revocation_json(const std::vector<RevocationAnswer>& answers) {
  Json all = Json::array();
  for (const RevocationAnswer& answer : answers)
    all.push_back({{"method", word(answer.method)},
                   {"status", word(answer.status)},
                   {"certificate", answer.certificate->fingerprint_sha256()},
                   {"depth", answer.depth},
                   {"source", answer.source},
                   {"until", answer.until ? Json(time_text(*answer.until)) : Json(nullptr)},
                   {"revoked_at", answer.revoked_at ? Json(time_text(*answer.revoked_at)) : Json(nullptr)},
                   {"reason", answer.status == RevocationStatus::revoked ? Json(word(answer.reason)) : Json(nullptr)},
                   {"detail", answer.detail}});
  return all;
}

}  // namespace

Json chain_json(const ChainJudgementPtr& chain) {
  if (!chain) return nullptr;
  return {{"valid", chain->valid},
          {"complete", chain->complete},
          {"verify_code", chain->verify_code},
          {"verify_text", chain->verify_text},
          {"expiry", chain->expiry ? Json(time_text(*chain->expiry)) : Json(nullptr)},
          {"path", certificates_json(chain->path)},
          {"problems", problems_json(chain->problems)},
          {"revocation", revocation_json(chain->revocation)}};
}

Json failure_json(const Failure* failure) {
  if (failure == nullptr) return nullptr;
  return {{"stage", word(failure->stage)},
          {"reason", word(failure->reason)},
          {"alert", failure->alert ? Json(alert_word(*failure->alert)) : Json(nullptr)},
          {"alert_number", or_null(failure->alert)},
          {"meaning", meaning({failure->stage, failure->reason})},
          {"detail", failure->detail}};
}

namespace {

Json negotiated_json(const std::optional<Negotiated>& negotiated) {
  if (!negotiated) return nullptr;
  return {
      {"version", negotiated->version}, {"cipher", negotiated->cipher}, {"group", negotiated->group}, {"alpn", negotiated->alpn}};
}

// Without the meaning of the reason, which speaks of an identity that was refused.
Json turned_away_json(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return {{"reason", word(failure->reason)},
          {"alert", failure->alert ? Json(alert_word(*failure->alert)) : Json(nullptr)},
          {"detail", failure->detail}};
}

Json client_json(const ClientAuthentication& client) {
  Json acceptable = nullptr;
  if (client.acceptable)
    acceptable = {{"count", client.acceptable->count},
                  {"names", client.acceptable->names},
                  {"digest", client.acceptable->digest},
                  {"problems", client.acceptable->problems}};
  return {{"requested", client.requested},
          {"requested_late", client.requested_late},
          {"sent", client.sent},
          {"issuer_listed", or_null(client.issuer_listed)},
          {"acceptable", std::move(acceptable)},
          {"verdict", client.verdict ? Json(word(*client.verdict)) : Json(nullptr)},
          {"turned_away", turned_away_json(client.turned_away)},
          {"unasked", client.unasked}};
}

Json phases_json(const Phases& phases) {
  return {{"resolve", seconds(phases.resolve)},   {"connect", seconds(phases.connect)},     {"proxy", seconds(phases.proxy)},
          {"dialogue", seconds(phases.dialogue)}, {"handshake", seconds(phases.handshake)}, {"verdict", seconds(phases.verdict)}};
}

}  // namespace

Json observation_json(const Handshake& seen) {
  return {{"finished", time_text(seen.finished)},
          {"duration_seconds", seconds(seen.duration)},
          {"phase_seconds", phases_json(seen.phases)},
          {"endpoint", seen.endpoint},
          {"failure", failure_json(seen.failure())},
          {"negotiated", negotiated_json(seen.negotiated)},
          {"certificates", certificates_json(seen.certificates)},
          {"chain", chain_json(seen.chain)},
          {"hostname_match", or_null(seen.hostname_match)},
          {"client", client_json(seen.client)},
          {"application_status", or_null(seen.application_status)}};
}

}  // namespace exporter::explain
