// OCSP answers made in a test, fresh, with exactly the flaw they are about.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/test_ca.h"

namespace tests::support {

enum class Told { good, revoked, unknown };

struct WantedAnswer {
  Told status = Told::good;
  int reason = -1;                                                    // RFC 5280 5.3.1, of a revoked one; -1: none is given
  std::chrono::seconds starts = std::chrono::hours(-1);               // from now
  std::optional<std::chrono::seconds> ends = std::chrono::hours(24);  // from now; absent: no nextUpdate
  const Issued* signer = nullptr;                                     // null: the issuer itself
  bool carries_signer = true;                                         // its certificate stands in the answer
  std::string digest = "SHA1";                                        // names the certificate
  const Issued* also = nullptr;                                       // another certificate, told of first, as revoked
};

// DER of a successful answer about `certificate`, issued by `issuer`.
[[nodiscard]] std::string answer_about(const Issued& certificate, const Issued& issuer, const WantedAnswer& wanted = {});

// DER of an answer that says nothing but this: OCSP_RESPONSE_STATUS_*.
[[nodiscard]] std::string refusal_to_answer(int status);

}  // namespace tests::support
