#include "exporter/web/web_config.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "config/load.h"
#include "config/values.h"
#include "config/yaml.h"
#include "exporter/web/tls_words.h"

namespace exporter::web {
namespace {

using config::Mistakes;
using config::Node;
using std::string_view;

constexpr std::size_t largest_file = 1024 * 1024;  // bytes: ten thousand users

constexpr std::array<string_view, 4> sections = {"tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"};
constexpr std::array<string_view, 13> tls_keys = {
    "cert_file",        "cert",           "key_file",      "key",
    "client_auth_type", "client_ca_file", "client_ca",     "client_allowed_sans",
    "min_version",      "max_version",    "cipher_suites", "prefer_server_cipher_suites",
    "curve_preferences"};
constexpr std::array<string_view, 2> http_keys = {"http2", "headers"};
constexpr std::array<string_view, 2> rate_keys = {"interval", "burst"};
constexpr std::array<string_view, 5> header_names = {"Content-Security-Policy", "Strict-Transport-Security",
                                                     "X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection"};

// What reading goes by.
struct Reading {
  std::filesystem::path folder;
  Mistakes& mistakes;
};

template <typename Take>
void with(const Node& mapping, string_view key, Take take) {
  if (const Node* value = mapping.find(key)) take(*value);
}

void take_path(const Node& mapping, string_view key, std::string& into, Reading& reading) {
  with(mapping, key, [&](const Node& value) {
    if (take(value, into, reading.mistakes)) into = (reading.folder / into).string();
  });
}

// PEM as it stands. It may be a private key: it is never quoted.
void take_pem(const Node& mapping, string_view key, std::string& into, Mistakes& mistakes) {
  with(mapping, key, [&](const Node& value) {
    if (value.text().find("-----BEGIN ") == std::string::npos)
      mistakes.add(value.place(), "`" + std::string(key) + "` holds no PEM",
                   "write it as a block (" + std::string(key) + ": |), or name a file with `" + std::string(key) + "_file`");
    else into = value.text();
  });
}

// A list of Go's names, kept as OpenSSL's. A Go name that needs no translation has an empty one.
void take_names(const Node& mapping, string_view key, string_view kind, std::span<const config::Word<string_view>> words,
                std::vector<std::string>& into, Mistakes& mistakes) {
  with(mapping, key, [&](const Node& value) {
    if (!is_list(value, mistakes)) return;
    for (const Node& item : value.items()) {
      string_view name;
      if (take_word(item, kind, words, name, mistakes) && !name.empty()) into.emplace_back(name);
    }
  });
}

bool verifies(ClientAuthType type) {
  return type == ClientAuthType::verify_client_cert_if_given || type == ClientAuthType::require_and_verify_client_cert;
}

// What must hold between the keys of tls_server_config.
void check_tls(const Node& node, const TlsServerConfig& tls, Mistakes& mistakes) {
  const auto place = [&](string_view key) { return node.find(key) ? node.find(key)->place() : node.place(); };
  const auto has = [&](string_view key) { return node.find(key) != nullptr; };
  if (!has("cert_file") && !has("cert")) mistakes.add(node.place(), "`cert_file` is missing", "TLS needs cert_file and key_file");
  if (!has("key_file") && !has("key")) mistakes.add(node.place(), "`key_file` is missing", "TLS needs cert_file and key_file");
  for (const string_view key : {"cert", "key", "client_ca"})
    if (const std::string file = std::string(key) + "_file"; has(key) && has(file))
      mistakes.add(place(key), "both `" + file + "` and `" + std::string(key) + "`", "keep one of them");
  const bool has_authorities = has("client_ca_file") || has("client_ca");
  if (verifies(tls.client_auth_type) && !has_authorities)
    mistakes.add(place("client_auth_type"), "client certificates are to be verified without `client_ca_file`",
                 "name the CAs to trust in client_ca_file");
  if (tls.client_auth_type == ClientAuthType::no_client_cert && has_authorities)
    mistakes.add(place(has("client_ca_file") ? "client_ca_file" : "client_ca"), "`client_ca_file` without `client_auth_type`",
                 "add client_auth_type: RequireAndVerifyClientCert");
  // A name in a certificate that nobody verified proves nothing.
  if (!verifies(tls.client_auth_type) && !tls.client_allowed_sans.empty())
    mistakes.add(place("client_allowed_sans"), "`client_allowed_sans` without verified certificates",
                 "set client_auth_type: RequireAndVerifyClientCert");
  if (tls.min_version > tls.max_version)
    mistakes.add(place("min_version"), "`min_version` is above `max_version`", "leave one of them out");
}

std::optional<TlsServerConfig> take_tls(const Node& node, Reading& reading) {
  if (!check_keys(node, tls_keys, reading.mistakes) || node.entries().empty()) return std::nullopt;
  TlsServerConfig tls;
  Mistakes& mistakes = reading.mistakes;
  take_path(node, "cert_file", tls.cert_file, reading);
  take_path(node, "key_file", tls.key_file, reading);
  take_path(node, "client_ca_file", tls.client_ca_file, reading);
  take_pem(node, "cert", tls.cert, mistakes);
  take_pem(node, "key", tls.key, mistakes);
  take_pem(node, "client_ca", tls.client_ca, mistakes);
  with(node, "client_auth_type",
       [&](const Node& value) { take_word(value, "client_auth_type", client_auth_words(), tls.client_auth_type, mistakes); });
  with(node, "client_allowed_sans", [&](const Node& value) { take(value, tls.client_allowed_sans, mistakes); });
  with(node, "min_version",
       [&](const Node& value) { take_word(value, "TLS version", version_words(), tls.min_version, mistakes); });
  with(node, "max_version",
       [&](const Node& value) { take_word(value, "TLS version", version_words(), tls.max_version, mistakes); });
  take_names(node, "cipher_suites", "cipher suite", cipher_words(), tls.cipher_suites, mistakes);
  take_names(node, "curve_preferences", "curve", curve_words(), tls.curve_preferences, mistakes);
  with(node, "prefer_server_cipher_suites", [&](const Node& value) { take(value, tls.prefer_server_cipher_suites, mistakes); });
  check_tls(node, tls, mistakes);
  return tls;
}

// exporter-toolkit lets only these be set; two of them have few good values.
void take_header(const config::Entry& entry, WebConfig& web, Mistakes& mistakes) {
  std::string value;
  if (!config::check_word(entry.key, "header", header_names, mistakes) || !take(entry.value, value, mistakes)) return;
  const std::string& name = entry.key.text();
  std::string small = value;
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "X-Frame-Options" && small != "deny" && small != "sameorigin")
    return mistakes.add(entry.value.place(), "unknown value of X-Frame-Options", "write deny or sameorigin");
  if (name == "X-Content-Type-Options" && small != "nosniff")
    return mistakes.add(entry.value.place(), "unknown value of X-Content-Type-Options", "write nosniff");
  web.headers.emplace_back(name, value);
}

void take_http(const Node& node, WebConfig& web, Mistakes& mistakes) {
  if (!check_keys(node, http_keys, mistakes)) return;
  bool http2 = false;  // read for the sake of existing files: HTTP/2 is never offered, and no client insists on it
  with(node, "http2", [&](const Node& value) { take(value, http2, mistakes); });
  with(node, "headers", [&](const Node& value) {
    if (!is_table(value, mistakes)) return;
    for (const config::Entry& entry : value.entries()) take_header(entry, web, mistakes);
  });
}

// "$2y$10$" and 53 characters of salt and digest. Says nothing of the hash itself: it is a secret.
const char* unfit(const std::string& hash) {
  const bool kind = hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
  const auto alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bool digits = hash.size() == 60 && hash.find_first_not_of("0123456789", 4) == 6 && hash[6] == '$';
  if (!kind || !digits || hash.find_first_not_of(alphabet, 7) != std::string::npos) return "is no bcrypt hash";
  const int cost = std::stoi(hash.substr(4, 2));
  return cost < 4 || cost > highest_bcrypt_cost ? "has a bcrypt cost that is not between 4 and 14" : nullptr;
}

void take_users(const Node& node, WebConfig& web, Mistakes& mistakes) {
  if (!is_table(node, mistakes)) return;
  for (const auto& [key, value] : node.entries()) {
    std::string hash;
    if (key.text().empty() || key.text().find(':') != std::string::npos)
      mistakes.add(key.place(), "no user can have this name", "a name in basic auth has no colon");
    else if (!take(value, hash, mistakes)) continue;
    else if (const char* why = unfit(hash))
      mistakes.add(value.place(), "the password of " + config::quote(key.text()) + " " + why, "htpasswd -nBC 10 \"\" makes one");
    else web.users[key.text()] = hash;
  }
}

void take_rate_limit(const Node& node, WebConfig& web, Mistakes& mistakes) {
  if (!check_keys(node, rate_keys, mistakes) || node.entries().empty()) return;
  RateLimitConfig limit;
  with(node, "interval", [&](const Node& value) { take(value, limit.interval, mistakes); });
  with(node, "burst", [&](const Node& value) { take_integer(value, 1, 1'000'000, limit.burst, mistakes); });
  if (!node.find("interval")) mistakes.add(node.place(), "`interval` is missing", "interval: 1s earns one request a second");
  web.rate_limit = limit;
}

[[noreturn]] void refuse(const Mistakes& mistakes) { throw config::ConfigurationError(mistakes.text()); }

}  // namespace

WebConfig parse_web_config(string_view text, const std::string& path) {
  Mistakes mistakes(path);
  Reading reading{std::filesystem::path(path).parent_path(), mistakes};
  WebConfig web;
  const auto document = config::parse_yaml(text, mistakes, {.bytes = largest_file, .nodes = 100'000, .depth = 16});
  if (!document) refuse(mistakes);
  const Node& root = document->root();
  if (check_keys(root, sections, mistakes)) {
    with(root, "tls_server_config", [&](const Node& node) { web.tls = take_tls(node, reading); });
    with(root, "http_server_config", [&](const Node& node) { take_http(node, web, mistakes); });
    with(root, "basic_auth_users", [&](const Node& node) { take_users(node, web, mistakes); });
    with(root, "rate_limit", [&](const Node& node) { take_rate_limit(node, web, mistakes); });
  }
  if (!mistakes.empty()) refuse(mistakes);
  return web;
}

WebConfig load_web_config(const std::string& path) {
  Mistakes mistakes(path);
  const auto text = config::read_file(path, mistakes, largest_file);
  if (!text) refuse(mistakes);
  return parse_web_config(*text, path);
}

}  // namespace exporter::web
