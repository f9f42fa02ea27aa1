// Owners for OpenSSL's handles: a Ptr<X509> frees its X509. Raw pointers elsewhere borrow and are never stored.
#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace probes::tls {

template <auto release>
struct Release {
  template <typename Handle>
  void operator()(Handle* handle) const {
    release(handle);
  }
};

// clang-format off
template <typename Handle> struct ReleaseOf;
template <> struct ReleaseOf<X509> : Release<X509_free> {};
template <> struct ReleaseOf<X509_NAME> : Release<X509_NAME_free> {};
template <> struct ReleaseOf<X509_STORE> : Release<X509_STORE_free> {};
template <> struct ReleaseOf<X509_STORE_CTX> : Release<X509_STORE_CTX_free> {};
template <> struct ReleaseOf<X509_CRL> : Release<X509_CRL_free> {};
template <> struct ReleaseOf<EVP_PKEY> : Release<EVP_PKEY_free> {};
template <> struct ReleaseOf<EVP_PKEY_CTX> : Release<EVP_PKEY_CTX_free> {};
template <> struct ReleaseOf<SSL> : Release<SSL_free> {};
template <> struct ReleaseOf<SSL_CTX> : Release<SSL_CTX_free> {};
template <> struct ReleaseOf<BIO> : Release<BIO_free_all> {};
template <> struct ReleaseOf<PKCS12> : Release<PKCS12_free> {};
// clang-format on

// Owns one OpenSSL handle.
template <typename Handle>
using Ptr = std::unique_ptr<Handle, ReleaseOf<Handle>>;

// A second owner of the same certificate or key (reference counted by OpenSSL).
inline Ptr<X509> share(X509* certificate) {
  X509_up_ref(certificate);
  return Ptr<X509>(certificate);
}
inline Ptr<EVP_PKEY> share(EVP_PKEY* key) {
  EVP_PKEY_up_ref(key);
  return Ptr<EVP_PKEY>(key);
}

}  // namespace probes::tls
