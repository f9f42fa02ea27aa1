// CAs, and certificates that name them, for tests of who hangs on which.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "probes/observations/chain.h"
#include "tests/support/an_estate.h"

namespace tests::support {

// A CA of this key. `issuer` empty: a root.
inline probes::observations::CertificatePtr a_ca(const std::string& name, int days, std::uint64_t key,
                                                 const std::string& key_identifier, const std::string& issuer = "",
                                                 const std::string& issuer_key_identifier = "") {
  probes::observations::CertificateDraft draft = draft_of(*a_certificate(name, days));
  draft.subject = "CN=" + name;
  draft.issuer = issuer.empty() ? draft.subject : issuer;
  draft.self_issued = issuer.empty();
  draft.authority = true;
  draft.key_digest = key;
  draft.subject_key_identifier = key_identifier;
  draft.authority_key_identifier = issuer.empty() ? key_identifier : issuer_key_identifier;
  return packed(draft);
}

inline probes::observations::CertificatePtr issued_by(const std::string& name, const std::string& issuer,
                                                      const std::string& key_identifier, int days = 60) {
  probes::observations::CertificateDraft draft = draft_of(*a_certificate(name, days));
  draft.subject = "CN=" + name;
  draft.issuer = issuer;
  draft.fingerprint_sha256 = name + " of " + issuer + key_identifier;
  draft.authority_key_identifier = key_identifier;
  draft.self_issued = false;
  return packed(draft);
}

inline probes::observations::ChainJudgementPtr a_path(std::vector<probes::observations::CertificatePtr> path, bool valid = true) {
  auto judged = std::make_shared<probes::observations::ChainJudgement>();
  judged->valid = valid;
  if (valid) judged->expiry = *path.front()->not_after();
  judged->path = std::move(path);
  return judged;
}

}  // namespace tests::support
