#include "exporter/web/tls_acceptor.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "config/load.h"

namespace exporter::web {
namespace {

// `what` failed for `file`; OpenSSL's queue says why.
[[noreturn]] void fail(const std::string& file, const std::string& what) {
  const unsigned long code = ERR_peek_last_error();
  const char* why = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  throw config::ConfigurationError(file + ": " + what + (why ? std::string(" (") + why + ")" : ""));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ":") + part;
  return text;
}

int number(config::TlsVersion version) {
  switch (version) {
    case config::TlsVersion::tls1_0: return TLS1_VERSION;
    case config::TlsVersion::tls1_1: return TLS1_1_VERSION;
    case config::TlsVersion::tls1_2: return TLS1_2_VERSION;
    case config::TlsVersion::tls1_3: return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

std::string ip_text(const ASN1_OCTET_STRING* address) {
  const int size = ASN1_STRING_length(address);
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  char text[INET6_ADDRSTRLEN] = "";
  if (size != 4 && size != 16) return "";
  return inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text) ? text : "";
}

std::string text_of(const GENERAL_NAME& name) {
  if (name.type == GEN_IPADD) return ip_text(name.d.iPAddress);
  if (name.type != GEN_DNS && name.type != GEN_EMAIL && name.type != GEN_URI) return "";
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.ia5)),
          static_cast<std::size_t>(ASN1_STRING_length(name.d.ia5))};
}

bool has_one_of(X509* certificate, const std::vector<std::string>& allowed) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool found = false;
  for (int at = 0; at < sk_GENERAL_NAME_num(names); ++at)
    found = found || std::find(allowed.begin(), allowed.end(), text_of(*sk_GENERAL_NAME_value(names, at))) != allowed.end();
  GENERAL_NAMES_free(names);
  return found;
}

// Called once for each certificate of a chain that verifies so far, the client's own (depth 0) last.
int check_name(int verified, X509_STORE_CTX* chain) {
  if (verified != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return verified;
  const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* acceptor = static_cast<const TlsAcceptor*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (acceptor->allowed_sans().empty()) return 1;
  if (has_one_of(X509_STORE_CTX_get_current_cert(chain), acceptor->allowed_sans())) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

int take_any(int, X509_STORE_CTX*) { return 1; }

// HTTP/1.1 is all we speak. RFC 7301 3.2: no overlap is the fatal alert no_application_protocol.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned int in_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, ours, sizeof ours - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

using probes::tls::Ptr;

// An encrypted key must fail, not ask the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

// What stands in the web configuration itself, for messages.
constexpr const char* inline_file = "tls_server_config";

Ptr<BIO> reader(const std::string& pem) { return Ptr<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

// Every certificate of `pem`, in its order.
std::vector<Ptr<X509>> certificates(const std::string& pem) {
  const Ptr<BIO> bio = reader(pem);
  std::vector<Ptr<X509>> found;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) found.emplace_back(certificate);
  ERR_clear_error();  // the end is an error, too
  return found;
}

bool use_chain(SSL_CTX* context, const std::string& pem) {
  const auto chain = certificates(pem);
  if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1) return false;
  return std::all_of(chain.begin() + 1, chain.end(),
                     [&](const auto& issuer) { return SSL_CTX_add1_chain_cert(context, issuer.get()) == 1; });
}

bool use_key(SSL_CTX* context, const std::string& pem) {
  const Ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr));
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

void set_authorities(SSL_CTX* context, const TlsServerConfig& config) {
  if (config.client_ca.empty()) {
    if (SSL_CTX_load_verify_locations(context, config.client_ca_file.c_str(), nullptr) != 1)
      fail(config.client_ca_file, "no CA certificates can be read from client_ca_file");
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(config.client_ca_file.c_str()));
    return;
  }
  const auto authorities = certificates(config.client_ca);
  if (authorities.empty()) fail(inline_file, "no CA certificates can be read from client_ca");
  for (const auto& authority : authorities)
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1)
      fail(inline_file, "a certificate of client_ca cannot be used");
}

void set_client_auth(SSL_CTX* context, const TlsServerConfig& config) {
  switch (config.client_auth_type) {
    case ClientAuthType::no_client_cert: return SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    case ClientAuthType::request_client_cert: return SSL_CTX_set_verify(context, SSL_VERIFY_PEER, take_any);
    case ClientAuthType::require_any_client_cert:
      return SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, take_any);
    case ClientAuthType::verify_client_cert_if_given: SSL_CTX_set_verify(context, SSL_VERIFY_PEER, check_name); break;
    case ClientAuthType::require_and_verify_client_cert:
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, check_name);
      break;
  }
  set_authorities(context, config);
}

void set_certificate(SSL_CTX* context, const TlsServerConfig& config) {
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  const bool has_chain = config.cert.empty() ? SSL_CTX_use_certificate_chain_file(context, config.cert_file.c_str()) == 1
                                             : use_chain(context, config.cert);
  if (!has_chain)
    fail(config.cert.empty() ? config.cert_file : inline_file,
         "no certificate can be read from cert" + std::string(config.cert.empty() ? "_file" : ""));
  const bool has_key = config.key.empty() ? SSL_CTX_use_PrivateKey_file(context, config.key_file.c_str(), SSL_FILETYPE_PEM) == 1
                                          : use_key(context, config.key);
  if (!has_key || SSL_CTX_check_private_key(context) != 1)
    fail(config.key.empty() ? config.key_file : inline_file,
         "no key that fits the certificate can be read from key" + std::string(config.key.empty() ? "_file" : ""));
}

void set_handshake(SSL_CTX* context, const TlsServerConfig& config) {
  SSL_CTX_set_min_proto_version(context, number(config.min_version));
  SSL_CTX_set_max_proto_version(context, number(config.max_version));
  // OpenSSL allows TLS 1.0 and 1.1, whose signatures use SHA-1, at security level 0 only.
  if (config.min_version < config::TlsVersion::tls1_2) SSL_CTX_set_security_level(context, 0);
  if (!config.cipher_suites.empty() && SSL_CTX_set_cipher_list(context, joined(config.cipher_suites).c_str()) != 1)
    fail(config.cert_file, "OpenSSL knows none of the cipher_suites");
  if (!config.curve_preferences.empty() && SSL_CTX_set1_groups_list(context, joined(config.curve_preferences).c_str()) != 1)
    fail(config.cert_file, "OpenSSL refuses the curve_preferences");
  if (config.prefer_server_cipher_suites) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
}

}  // namespace

TlsAcceptor::TlsAcceptor(const TlsServerConfig& config)
    : context_(SSL_CTX_new(TLS_server_method())), allowed_sans_(config.client_allowed_sans) {
  ERR_clear_error();
  SSL_CTX* context = context_.get();
  if (context == nullptr) fail(config.cert_file, "OpenSSL cannot start");
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // No resumption: a resumed session would carry a verdict on the client's certificate past a change of the CAs.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  set_handshake(context, config);
  set_certificate(context, config);
  set_client_auth(context, config);
}

}  // namespace exporter::web
