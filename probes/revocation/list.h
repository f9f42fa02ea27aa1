// A certificate revocation list (RFC 5280 5), as read once and looked into many times: what it covers, when it holds, and its
// entries as one sorted block of bytes, about 40 for each. A list of a million entries is an ordinary list; OpenSSL's X509_CRL
// would keep ten times that, and it is never made. Immutable; shared by every trust store that names the same list. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/x509v3.h>

#include "probes/observations/revocation.h"
#include "probes/revocation/signature.h"
#include "probes/tls/handles.h"

namespace probes::revocation {

// One entry of a list.
struct Entry {
  observations::RevocationReason reason = observations::RevocationReason::unspecified;
  std::optional<std::chrono::sys_seconds> at;  // the revocationDate, if it can be read
};

struct ParsedList;

class List {
 public:
  // Reads one list in DER; null: it is none, in whole or in part. Takes a copy of what it needs.
  [[nodiscard]] static std::shared_ptr<const List> read(std::string_view der);

  // As read(), remembered by the digest of the DER for as long as somebody holds the list.
  [[nodiscard]] static std::shared_ptr<const List> remembered(std::string_view der);

  const X509_NAME* issuer() const { return issuers_.front().get(); }  // borrowed
  std::chrono::sys_seconds this_update() const { return this_update_; }
  std::optional<std::chrono::sys_seconds> next_update() const { return next_update_; }
  const std::string& number() const { return number_; }                            // decimal; empty: carries none
  const ASN1_INTEGER* crl_number() const { return own_number_.get(); }             // null: carries none; borrowed
  const ASN1_INTEGER* base_number() const { return base_number_.get(); }           // of a delta; null: a complete list; borrowed
  const AUTHORITY_KEYID* key_identifier() const { return key_identifier_.get(); }  // null: carries none; borrowed
  const ISSUING_DIST_POINT* scope() const { return scope_.get(); }                 // null: everything of its issuer; borrowed
  bool indirect() const { return scope_ && scope_->indirectCRL > 0; }              // it speaks for other issuers, too
  bool understood() const { return understood_; }  // false: it has a critical extension whose meaning nobody here knows
  std::uint64_t entries() const { return places_.size(); }
  std::size_t bytes() const;  // in memory, about

  // The extensions that a delta and its base must have in common, in DER.
  const std::string& scope_der() const { return scope_der_; }
  const std::string& key_identifier_der() const { return key_identifier_der_; }

  // Whether `key` signed it.
  [[nodiscard]] bool signed_by(EVP_PKEY* key) const { return signed_->by(key); }

  // What it says of the certificate of this issuer and serial; nothing: it is not listed. Under 10 us, whatever its size.
  [[nodiscard]] std::optional<Entry> find(const X509_NAME* issuer, const ASN1_INTEGER* serial) const;

 private:
  template <typename Handle, void (*release)(Handle*)>
  struct Releasing {
    void operator()(Handle* handle) const { release(handle); }
  };
  template <typename Handle, void (*release)(Handle*)>
  using Owned = std::unique_ptr<Handle, Releasing<Handle, release>>;

  List() = default;
  bool take_heading(ParsedList& parsed);
  bool take_extensions(std::string_view der);
  bool take_scope();
  bool take_entries(std::string_view der);
  bool take_entry(std::string_view der, std::uint16_t& issuer);
  bool take_entry_extensions(std::string_view der, std::uint16_t& issuer, observations::RevocationReason& reason);
  void sort();

  std::vector<tls::Ptr<X509_NAME>> issuers_;  // its own, then those that an indirect list's entries name
  std::chrono::sys_seconds this_update_{};
  std::optional<std::chrono::sys_seconds> next_update_;
  std::string number_;
  Owned<ASN1_INTEGER, ASN1_INTEGER_free> own_number_, base_number_;
  Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free> key_identifier_;
  Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> scope_;
  std::string scope_der_, key_identifier_der_;
  bool understood_ = true;

  std::unique_ptr<const SignedPart> signed_;

  // Each entry: length of the serial, serial, reason, issuer (2), date (8); places_ are sorted by serial.
  std::string pool_;
  std::vector<std::uint32_t> places_;
};

using ListPtr = std::shared_ptr<const List>;

}  // namespace probes::revocation
