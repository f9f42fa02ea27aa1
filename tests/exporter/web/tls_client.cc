#include "tests/exporter/web/tls_client.h"

#include <openssl/err.h>
#include <sys/time.h>

#include <array>

namespace tests::web {
namespace {

using probes::tls::Ptr;

// The alert in OpenSSL's queue: its reason is 1000 and the number.
int alert_received() {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  return reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256 ? reason - SSL_AD_REASON_OFFSET : 0;
}

Ptr<SSL_CTX> context_for(const Offer& offer) {
  Ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), offer.max_version);
  if (!offer.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), offer.ciphers.c_str());
  if (offer.identity != nullptr) {
    SSL_CTX_use_certificate(context.get(), offer.identity->certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), offer.identity->key.get());
  }
  const std::string protocols = static_cast<char>(offer.protocol.size()) + offer.protocol;
  if (!offer.protocol.empty())
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
  return context;
}

std::string common_name(SSL* ssl) {
  char name[128] = "";
  const Ptr<X509> certificate(SSL_get1_peer_certificate(ssl));
  if (certificate) X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

}  // namespace

TlsAnswer tls_ask(const std::string& address, const std::string& request, const Offer& offer) {
  const Client client(address);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(client.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const Ptr<SSL_CTX> context = context_for(offer);
  const Ptr<SSL> ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), client.number());
  TlsAnswer answer;
  ERR_clear_error();
  answer.shaken = SSL_connect(ssl.get()) == 1;
  if (!answer.shaken) return answer.alert = alert_received(), answer;
  answer.cipher = SSL_get_cipher_name(ssl.get());
  answer.server_common_name = common_name(ssl.get());
  SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
  std::string bytes;
  std::array<char, 16384> buffer;
  ERR_clear_error();
  for (int got = 0; (got = SSL_read(ssl.get(), buffer.data(), buffer.size())) > 0;)
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  answer.alert = alert_received();
  answer.http = parsed(bytes);
  return answer;
}

}  // namespace tests::web
