// A signature over bytes that need not be kept: for RSA (PKCS#1), ECDSA and DSA their digest is enough to verify it later, by a
// key that nobody knows yet when a list is read. For the others (EdDSA, RSA-PSS) the bytes are kept. Immutable. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "probes/tls/handles.h"

namespace probes::revocation {

class SignedPart {
 public:
  // `part`: what was signed. The algorithm stands inside of what was signed and outside, in DER; `bits`: the content of the BIT
  // STRING.
  SignedPart(std::string_view part, std::string_view inner_algorithm, std::string_view outer_algorithm, std::string_view bits);

  // Whether `key` signed it; worked out once for each key.
  [[nodiscard]] bool by(EVP_PKEY* key) const;

  std::size_t bytes() const { return sizeof *this + signature_.capacity() + digest_.capacity() + part_.capacity(); }

 private:
  bool verify(EVP_PKEY* key) const;
  bool verify_digest(EVP_PKEY* key) const;
  bool verify_part(EVP_PKEY* key) const;

  std::string algorithm_;  // DER; empty: the two are not the same, and nothing verifies
  std::string signature_;
  int digest_nid_ = 0, key_nid_ = 0;
  std::string digest_;  // empty: the part itself is kept
  std::string part_;

  mutable std::mutex mutex_;
  mutable std::map<std::string, bool> keys_;  // by the DER of the key
};

}  // namespace probes::revocation
