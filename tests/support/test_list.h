// Revocation lists made in a test, fresh, with exactly the flaw it is about.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/test_ca.h"

namespace tests::support {

struct Revoked {
  const Issued* certificate = nullptr;
  int reason = -1;                                   // RFC 5280 5.3.1; -1: none is given
  std::chrono::seconds at = std::chrono::hours(-2);  // from now
  const Issued* issuer = nullptr;                    // of an indirect list: the certificate issuer that the entry names
};

// What a list should say. Extensions are written in OpenSSL's configuration notation.
struct WantedList {
  std::vector<Revoked> revoked;
  std::chrono::seconds starts = std::chrono::hours(-1);               // from now
  std::optional<std::chrono::seconds> ends = std::chrono::hours(24);  // from now; absent: no nextUpdate
  std::optional<long> number = 1;
  std::optional<long> base;       // makes it a delta
  std::vector<int> some_reasons;  // bits of onlySomeReasons, RFC 5280 4.2.1.13; empty: all
  bool key_identifier = true;
  std::map<std::string, std::string> extensions;  // by OpenSSL short name
  std::string digest = "SHA256";                  // "" for ED25519 and ED448 signers
};

// DER of a list in the name of `issuer`, signed with the key of `signer`, that of the issuer if null.
[[nodiscard]] std::string list_of(const Issued& issuer, const WantedList& wanted = {}, const Issued* signer = nullptr);
[[nodiscard]] std::string pem_of_list(const std::string& der);

}  // namespace tests::support
