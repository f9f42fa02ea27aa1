#include "probes/observations/unreadable.h"

#include <string>

namespace probes::observations {

namespace {

std::string both(bool one, std::string_view first, bool other, std::string_view second) {
  std::string text(one ? first : "");
  if (one && other) text += " and ";
  return text.append(other ? second : "");
}

}  // namespace

std::string unreadable_dates(const Certificate& certificate) {
  return both(!certificate.not_before(), "notBefore", !certificate.not_after(), "notAfter");
}

std::string unreadable_names(const Certificate& certificate) {
  return both(!certificate.subject_readable(), "the subject", !certificate.issuer_readable(), "the issuer");
}

std::vector<Problem> unreadable_facts(const Certificate& certificate, int position) {
  std::vector<Problem> found;
  const auto add = [&](Finding finding, std::string detail) {
    found.push_back({finding, row(finding).severity, position, std::move(detail)});
  };
  if (std::string dates = unreadable_dates(certificate); !dates.empty()) add(Finding::unreadable_date, std::move(dates));
  if (std::string names = unreadable_names(certificate); !names.empty()) add(Finding::unreadable_name, std::move(names));
  if (certificate.serial().empty()) add(Finding::unreadable_serial, "");
  if (certificate.key_type() == "unknown") add(Finding::unparsable_key, "");
  return found;
}

}  // namespace probes::observations
