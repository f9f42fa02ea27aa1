// The TLS peer's SSL_CTX and its callbacks.
#include <algorithm>
#include <cstring>

#include "tests/support/tls_peer_session.h"

namespace tests::support {

namespace {

void on_key_log(const SSL* ssl, const char* line) { Session::of(ssl).write_state().on_key_log(ssl, line); }

// RFC 8446 4.4.2: certificate_request_context<0..255>, certificate_list<0..2^24-1>; RFC 5246 7.4.2: the list alone.
bool is_empty_certificate(const SSL* ssl, const unsigned char* message, std::size_t size) {
  const std::size_t context = SSL_version(ssl) == TLS1_3_VERSION ? 1u + message[4] : 0u;
  return size == 4 + context + 3;
}

void on_message(int written, int, int content_type, const void* bytes, std::size_t size, SSL* ssl, void*) {
  const auto* message = static_cast<const unsigned char*>(bytes);
  if (written && content_type == SSL3_RT_HEADER) Session::of(ssl).write_state().on_record_written();
  if (!written && content_type == SSL3_RT_HANDSHAKE && size > 0 && message[0] == SSL3_MT_FINISHED) Session::of(ssl).on_finished();
  if (!written && content_type == SSL3_RT_HANDSHAKE && size >= 7 && message[0] == SSL3_MT_CERTIFICATE)
    Session::of(ssl).on_certificate_message(is_empty_certificate(ssl, message, size));
  // RFC 8879: our peers leave the judgement of those to OpenSSL.
  if (!written && content_type == SSL3_RT_HANDSHAKE && size > 0 && message[0] == 25) Session::of(ssl).on_compressed_certificate();
}

int on_client_chain(X509_STORE_CTX* chain, void*) {
  const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return Session::of(ssl).judge(chain) ? 1 : 0;
}

int on_protocols(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size,
                 void* context) {
  const auto& options = *static_cast<const TlsPeerOptions*>(context);
  if (options.alpn.empty()) return SSL_TLSEXT_ERR_NOACK;
  for (const std::string& ours : options.alpn)
    for (unsigned at = 0; at < offered_size; at += 1u + offered[at])
      if (offered[at] == ours.size() && std::memcmp(offered + at + 1, ours.data(), ours.size()) == 0) {
        *chosen = offered + at + 1;
        *size = offered[at];
        return SSL_TLSEXT_ERR_OK;
      }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

probes::tls::Ptr<SSL_CTX> peer_context(const TlsPeerOptions& options, const Issued& identity) {
  probes::tls::Ptr<SSL_CTX> made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.get();
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, options.min_version);
  SSL_CTX_set_max_proto_version(context, options.max_version);
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
  if (options.max_version >= TLS1_2_VERSION && options.min_version >= TLS1_2_VERSION)
    SSL_CTX_set_cipher_list(context, "ECDHE+AES128:!SHA");
  SSL_CTX_set_num_tickets(context, static_cast<std::size_t>(options.tickets));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_use_certificate(context, identity.certificate.get());
  SSL_CTX_use_PrivateKey(context, identity.key.get());
  for (X509* certificate : options.chain) SSL_CTX_add1_chain_cert(context, certificate);
  if (options.client_anchor) X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options.client_anchor);
  for (X509* authority : options.acceptable) SSL_CTX_add_client_CA(context, authority);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("peer"), 4);
  SSL_CTX_set_keylog_callback(context, &on_key_log);
  SSL_CTX_set_msg_callback(context, &on_message);
  SSL_CTX_set_cert_verify_callback(context, &on_client_chain, nullptr);
  SSL_CTX_set_alpn_select_cb(context, &on_protocols, const_cast<TlsPeerOptions*>(&options));
  if (options.configure) options.configure(context);
  return made;
}

}  // namespace tests::support
