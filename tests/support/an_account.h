// Probes to explain, on a fixed clock: one for every reason and every verdict, with the facts that go with it. Our identity
// service-a is issued by Partner CA; the server payments-api by Estate CA, through Estate Issuing CA.
#pragma once

#include <string>
#include <vector>

#include "exporter/explain/account.h"
#include "tests/support/an_estate.h"

namespace tests::support {

struct Named {
  std::string common_name;
  std::string issuer;
  int days_left = 90;
};

// Unlike a_certificate()'s, no two of these have the same fingerprint.
probes::observations::CertificatePtr a_named_certificate(const Named& named);

// Payments-api asked with service-a, against the trust store `internal`.
exporter::explain::Asked an_asking();

// Accepted, HTTP 200, chain complete and trusted.
probes::observations::Handshake a_trusted_probe();

probes::observations::Handshake a_probe_that_met(probes::observations::StageReason pair);
probes::observations::Handshake a_probe_with(probes::observations::Verdict verdict);

inline constexpr probes::observations::Verdict all_verdicts[] = {
    probes::observations::Verdict::accepted, probes::observations::Verdict::rejected, probes::observations::Verdict::unconfirmed,
    probes::observations::Verdict::not_requested};

}  // namespace tests::support
