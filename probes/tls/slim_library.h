// The OpenSSL libraries that certificates are read and handshakes run in. At every certificate it reads OpenSSL 3.0 goes through
// all decoders and key managements of its library context to find the one for the public key: two fifths of a handshake. These
// contexts hold one provider of our own that lends the default provider's algorithms: all that a certificate and a TLS client
// need, without the decoders, encoders and stores that neither uses. Keys and certificates of the default context can be used in
// them and the other way round; OpenSSL moves them.
#pragma once

#include "probes/tls/handles.h"

namespace probes::tls {

// Each is made on first use, for the life of the process; null (the default context) where OpenSSL refuses, which costs time and
// nothing else. openssl.cnf has no say in them. Any thread.

// Reads certificates.
[[nodiscard]] OSSL_LIB_CTX* slim_library();

// The same without any decoder: a certificate received in it has no readable key until known_certificate() has looked at it.
[[nodiscard]] OSSL_LIB_CTX* handshake_library();

// A certificate that was read in the slim library, for use outside: the same one or, where the slim library cannot read its
// key (an intermediate with an SM2 key, an X25519 key), another with its DER, read in the default context.
[[nodiscard]] Ptr<X509> outside_slim_library(X509* certificate);

// Reads one certificate from DER, as d2i_X509() does and in half its time; `at` is moved behind it. Null where there is none.
[[nodiscard]] Ptr<X509> read_certificate(const unsigned char*& at, long size);

}  // namespace probes::tls
