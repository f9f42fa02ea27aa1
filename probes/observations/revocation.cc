#include "probes/observations/revocation.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace probes::observations {

namespace {

constexpr std::array statuses = {RevocationStatus::good, RevocationStatus::unknown, RevocationStatus::unavailable,
                                 RevocationStatus::revoked};

}  // namespace

std::string_view word(RevocationMethod method) {
  switch (method) {
    case RevocationMethod::crl: return "crl";
    case RevocationMethod::staple: return "staple";
    case RevocationMethod::ocsp: return "ocsp";
  }
  return "crl";
}

std::string_view word(RevocationStatus status) {
  switch (status) {
    case RevocationStatus::good: return "good";
    case RevocationStatus::unknown: return "unknown";
    case RevocationStatus::unavailable: return "unavailable";
    case RevocationStatus::revoked: return "revoked";
  }
  return "unknown";
}

std::string_view word(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::unspecified: return "unspecified";
    case RevocationReason::key_compromise: return "key_compromise";
    case RevocationReason::ca_compromise: return "ca_compromise";
    case RevocationReason::affiliation_changed: return "affiliation_changed";
    case RevocationReason::superseded: return "superseded";
    case RevocationReason::cessation_of_operation: return "cessation_of_operation";
    case RevocationReason::certificate_hold: return "certificate_hold";
    case RevocationReason::remove_from_crl: return "remove_from_crl";
    case RevocationReason::privilege_withdrawn: return "privilege_withdrawn";
    case RevocationReason::aa_compromise: return "aa_compromise";
  }
  return "unspecified";
}

std::span<const RevocationStatus> all_revocation_statuses() { return statuses; }

RevocationReason revocation_reason(long number) {
  const bool known = (number >= 0 && number <= 6) || (number >= 8 && number <= 10);
  return known ? static_cast<RevocationReason>(number) : RevocationReason::unspecified;
}

std::optional<RevocationStatus> status_of(const std::vector<RevocationAnswer>& answers, RevocationMethod method) {
  std::optional<RevocationStatus> status;
  for (const RevocationAnswer& answer : answers) {
    if (answer.method != method) continue;
    if (answer.depth == 0 || answer.status >= RevocationStatus::unavailable)
      status = std::max(status.value_or(answer.status), answer.status);
    else status = status.value_or(RevocationStatus::unknown);
  }
  return status;
}

std::string minute_text(std::chrono::sys_seconds at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(at - day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()));
  return text;
}

std::string described(const RevocationAnswer& answer) {
  std::string text(word(answer.status));
  if (answer.status == RevocationStatus::revoked) {
    if (answer.revoked_at) text += " on " + minute_text(*answer.revoked_at);
    text += " (" + std::string(word(answer.reason)) + ")";
  }
  if (!answer.source.empty()) text += ", says " + answer.source;
  if (!answer.source.empty() && answer.until) text += ", until " + minute_text(*answer.until);
  if (!answer.detail.empty()) text += ": " + answer.detail;
  return text;
}

}  // namespace probes::observations
