// Which authority keeps an index.txt: the file does not say, and the certificates that `openssl ca` and easy-rsa leave beside it
// do. Blocking.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "probes/observations/certificate.h"
#include "probes/revocation/list.h"
#include "probes/tls/handles.h"

namespace probes::inventory {

// The issuer of what an index lists, as its certificates name it.
class IndexIssuer {
 public:
  // By the last of `serials`, which are as the index at `path` has them; certificates of authorities are passed over. Nothing
  // where none of them lies beside the index, or two have different issuers: then it cannot be told.
  [[nodiscard]] static std::optional<IndexIssuer> beside(const std::string& path, std::span<const std::string_view> serials);

  // One that it issued.
  [[nodiscard]] observations::CertificatePtr issued_certificate() const;

  // Whether the list is of this authority, by name and, where both name one, by key.
  [[nodiscard]] bool issued(const revocation::List& list) const;

 private:
  explicit IndexIssuer(tls::Ptr<X509> certificate) : certificate_(std::move(certificate)) {}
  bool same(X509* other) const;

  tls::Ptr<X509> certificate_;  // one that it issued
};

}  // namespace probes::inventory
