// The web configuration file of the Prometheus exporters (exporter-toolkit, docs/web-configuration.md) as values: TLS, client
// certificates, basic auth, headers, rate limit. Reading it opens no other file; policy.h makes it work.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.h"

namespace exporter::web {

// Go's crypto/tls words for what is asked of a client.
enum class ClientAuthType {
  no_client_cert,
  request_client_cert,
  require_any_client_cert,
  verify_client_cert_if_given,
  require_and_verify_client_cert
};

struct TlsServerConfig {
  std::string cert_file;  // PEM, leaf first
  std::string cert;       // ... or the PEM itself; exactly one of the two is set, as with the key and the CAs
  std::string key_file;   // PEM, not encrypted
  std::string key;
  ClientAuthType client_auth_type = ClientAuthType::no_client_cert;
  std::string client_ca_file;  // PEM; this or client_ca is set whenever certificates are verified
  std::string client_ca;
  std::vector<std::string> client_allowed_sans;  // one of them must be in the client's certificate; empty: any will do
  config::TlsVersion min_version = config::TlsVersion::tls1_2;
  config::TlsVersion max_version = config::TlsVersion::tls1_3;
  std::vector<std::string> cipher_suites;  // TLS 1.2 and below, OpenSSL's names; empty: OpenSSL's default
  bool prefer_server_cipher_suites = true;
  std::vector<std::string> curve_preferences;  // OpenSSL's names; empty: OpenSSL's default
};

struct RateLimitConfig {
  std::chrono::milliseconds interval{};  // a request is earned every so often
  int burst = 1;                         // that many can be saved up
};

struct WebConfig {
  std::optional<TlsServerConfig> tls;  // absent: plain HTTP
  std::vector<std::pair<std::string, std::string>> headers;
  std::map<std::string, std::string> users;  // bcrypt hashes by name; empty: no basic auth
  std::optional<RateLimitConfig> rate_limit;
};

// bcrypt's cost is a power of two: 14 is about a second of one core, and every guess of a stranger costs us as much.
inline constexpr int highest_bcrypt_cost = 14;

// Reads `path`; paths in it are relative to its folder. Throws config::ConfigurationError with every mistake.
[[nodiscard]] WebConfig load_web_config(const std::string& path);

// The same for text in memory; `path` names it in errors and anchors relative paths.
[[nodiscard]] WebConfig parse_web_config(std::string_view text, const std::string& path);

}  // namespace exporter::web
