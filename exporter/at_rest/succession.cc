#include "exporter/at_rest/succession.h"

#include <algorithm>
#include <vector>

#include "exporter/estate/stored_leaves.h"

namespace exporter {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;

std::string succession_of(const Certificate& certificate, bool vouches) {
  if (vouches) return certificate.subject().empty() ? std::string() : "CA" + std::string(certificate.subject());
  std::string key = purpose_of(certificate);
  if (key.empty()) return key;
  key.append(1, '\0').append(certificate.key_type());
  std::vector<std::string_view> usages(certificate.extended_key_usages().begin(), certificate.extended_key_usages().end());
  std::ranges::sort(usages);
  for (const std::string_view usage : usages) key.append(1, '\0').append(usage);
  if (certificate.subject_alternative_names().empty()) key.append(1, '\0').append(certificate.issuer());
  return key;
}

bool succeeds(const Certificate& later, const Certificate& certificate) {
  return later.not_before() && later.not_after() && certificate.not_before() && certificate.not_after() &&
         *later.not_before() > *certificate.not_before() && *later.not_after() > *certificate.not_after();
}

// Of those that one succeeds the latest is enough, so that a history of a thousand renewals costs as much as one.
void Succession::add(const CertificatePtr& certificate, bool vouches) {
  std::string key = succession_of(*certificate, vouches);
  if (key.empty() || !certificate->not_before() || !certificate->not_after()) return;
  const auto [begin, end] = latest_.equal_range(key);
  for (auto at = begin; at != end; ++at) {
    if (succeeds(*at->second, *certificate) || at->second == certificate) return;
    if (succeeds(*certificate, *at->second)) return void(at->second = certificate);
  }
  latest_.emplace(std::move(key), certificate);
}

bool Succession::succeeded(const Certificate& certificate, bool vouches) const {
  const auto [begin, end] = latest_.equal_range(succession_of(certificate, vouches));
  return std::any_of(begin, end, [&](const auto& entry) { return succeeds(*entry.second, certificate); });
}

}  // namespace exporter
