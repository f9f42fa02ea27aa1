// The judgement on one chain: four questions answered apart (valid, complete, rightly named, until when) and every
// finding, not the first. Plain values; shared between all observations of the same chain.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/finding.h"
#include "probes/observations/revocation.h"

namespace probes::observations {

struct ChainJudgement {
  bool valid = false;     // OpenSSL's verdict against the named trust store, for the purpose, at the security level
  bool complete = false;  // the set as received reaches an anchor without help
  int verify_code = 0;    // X509_V_*; 0 when valid
  std::string verify_text;
  std::optional<std::chrono::sys_seconds> expiry;  // earliest notAfter on the longest-lived trusted path; absent: no path
  std::vector<CertificatePtr> path;                // that path, leaf first, anchor included; else the best attempt
  std::vector<Problem> problems;                   // of the chain (position empty) and of its certificates
  std::vector<RevocationAnswer> revocation;        // of the certificates of a trusted path, where somebody was asked
  bool revocation_pending = false;                 // somebody that was to be asked has not been asked yet
  std::optional<std::chrono::sys_seconds> revocation_until;  // when those answers may change by themselves; absent: never
};

using ChainJudgementPtr = std::shared_ptr<const ChainJudgement>;

}  // namespace probes::observations
