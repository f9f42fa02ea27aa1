#include "exporter/at_rest/vault_scan.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "exporter/at_rest/vault_answers.h"
#include "probes/revocation/database.h"

namespace exporter {

using probes::inventory::PublishedLists;
using probes::inventory::Standing;
using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::PublishedRevocations;
using probes::observations::SourceReason;

namespace {

// By name and, where both name it, by key.
bool issued_by(const Certificate& certificate, const Certificate& issuer) {
  const auto named = certificate.authority_key_identifier(), own = issuer.subject_key_identifier();
  return certificate.issuer() == issuer.subject() && (named.empty() || own.empty() || named == own);
}

}  // namespace

std::optional<PublishedRevocations> compared_with(const vault::Reading& read, const PublishedLists& lists,
                                                  std::chrono::sys_seconds now) {
  const auto published = probes::revocation::latest(lists.of_this_authority ? lists.lists : read.lists);
  if (!read.comparable || published.empty()) return std::nullopt;
  std::map<std::string, std::chrono::sys_seconds> ends;  // by serial
  for (const auto& [certificate, revoked] : read.certificates)
    if (revoked && certificate->not_after()) ends[vault::serial_of(certificate->serial())] = *certificate->not_after();
  std::vector<probes::revocation::DatabaseEntry> database;
  // Of a certificate that was tidied away the end is not known: it need not be listed any more.
  for (const std::string& serial : read.revoked) {
    const auto end = ends.find(serial);
    database.push_back({serial, end == ends.end() ? std::chrono::sys_seconds::min() : end->second});
  }
  return probes::revocation::compared(database, published, now);
}

Scanned scanned_vault(const config::Authority& authority, const vault::Reading& read,
                      const std::optional<PublishedRevocations>& published, std::chrono::sys_seconds now) {
  Told told{.issued = {},
            .vouched_for =
                [&](const Certificate& certificate) {
                  return read.whole && read.keeps_all && std::ranges::any_of(read.issuers, [&](const CertificatePtr& issuer) {
                           return issued_by(certificate, *issuer);
                         });
                },
            .revocation_lists = read.revocation_lists,
            .published_revocations = published,
            .troubles = read.troubles};
  for (const auto& [certificate, revoked] : read.certificates)
    told.issued.push_back({certificate, revoked ? Standing::revoked : Standing::good});
  Scanned found = scanned_told(authority, std::move(told), now);
  // A new token is seen at once; while the old one does, its folder may change as it likes.
  if (read.refused && !authority.vault_pki->token_file.empty())
    found.folders.insert(std::filesystem::path(authority.vault_pki->token_file).parent_path().string());
  using enum SourceReason;
  for (const SourceReason reason : {unreachable, SourceReason::timeout, tls_failed, http_status, bad_syntax})
    found.slot.errors.try_emplace(reason, 0);
  return found;
}

}  // namespace exporter
