#include "config/foreign_keys.h"

#include <algorithm>

namespace config {
namespace {

struct ForeignKey {
  std::string_view key;
  std::string_view instead;  // said only where this key is known; empty: anywhere
  std::string_view advice;
};

constexpr std::string_view convert = "a module of blackbox_exporter or ssl_exporter? deploy/convert makes one of ours of it";
constexpr std::string_view x509 = "a file of x509-certificate-exporter? deploy/convert makes one of ours of it";
constexpr std::string_view prometheus = "this belongs into Prometheus's own configuration, prometheus.yml";
constexpr std::string_view web_file = "this belongs into the file that the flag --web.config.file names";
constexpr std::string_view flag = "this is a flag of the command line: `mtls_exporter --help` lists them";

constexpr ForeignKey foreign_keys[] = {
    {"prober", "protocol", convert},
    {"default_module", "", convert},
    {"tls_config", "trust", "client certificates are `identity`, CAs `trust`, versions stand below `tls`"},
    {"valid_status_codes", "accepted_status", "write `accepted_status`, like [2xx, 404]"},
    {"insecure_skip_verify", "", "nothing is skipped: facts are published whatever the chain is; name its CA in a trust store"},
    {"sources", "", x509},
    {"hostPathsExporter", "", x509},
    {"secretsExporter", "", x509},
    {"scrape_configs", "", prometheus},
    {"scrape_interval", "", prometheus},
    {"rule_files", "", prometheus},
    {"global", "", prometheus},
    {"alerting", "", prometheus},
    {"static_configs", "", prometheus},
    {"groups", "targets", "alerting rules belong into a file that `rule_files` of prometheus.yml names"},
    {"tls_server_config", "", web_file},
    {"basic_auth_users", "", web_file},
    {"http_server_config", "", web_file},
    {"log.level", "", flag},
    {"log.format", "", flag},
    {"log_level", "", flag},
    {"web.listen-address", "", flag},
    {"listen_address", "", flag},
    {"listen", "", flag},
    {"cert_file", "certificate_file", "write `certificate_file`"},
    {"cert", "certificate_file", "write `certificate_file`"},
    {"ca", "ca_files", "write `ca_files`, a list"},
    {"password", "passphrase_file", "secrets stand in files of their own: write `passphrase_file`"},
    {"passphrase", "passphrase_file", "secrets stand in files of their own: write `passphrase_file`"},
    {"pin", "pin_file", "secrets stand in files of their own: write `pin_file`"},
    {"url", "address", "write `address`, which takes URLs, too"},
    {"host", "address", "write `address`, like web.example:443"},
    {"path", "paths", "write `paths`, a list"},
};

bool is_among(std::string_view key, std::span<const std::string_view> known) {
  return std::find(known.begin(), known.end(), key) != known.end();
}

// "${HOST" of "https://${HOST}:443": the first name in braces behind a dollar sign, in the letters that the environment's names
// have. Others, like ${x} of a template, are text.
std::string_view variable_in(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1)) {
    const std::size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", at + 2);
    if (end > at + 2 && end < text.size() && (text[end] == '}' || text[end] == ':')) return text.substr(at, end - at);
  }
  return {};
}

}  // namespace

std::string advice_on_key(std::string_view key, std::span<const std::string_view> known) {
  for (const ForeignKey& row : foreign_keys)
    if (row.key == key && (row.instead.empty() || is_among(row.instead, known))) return std::string(row.advice);
  const std::string_view before_colon = key.substr(0, key.find(':'));
  if (before_colon != key && is_among(before_colon, known))
    return "a space is missing after " + quote(std::string(before_colon) + ":");
  return advice(key, known);
}

std::string advice_on_text(const Node& node, std::span<const std::string_view> known) {
  for (const char* const key : {"address", "expect"})
    if (node.is_text() && is_among(key, known)) return "write {" + std::string(key) + ": \"" + node.text() + "\"}";
  return advice("", known);
}

void refuse_variables(const Node& root, Mistakes& mistakes) {
  if (root.is_text()) {
    if (const std::string_view variable = variable_in(root.text()); !variable.empty())
      mistakes.add(
          root.place(), quote(std::string(variable) + "}") + " would be a variable of the environment, and none is read here",
          "write the value; secrets stand in files (`passphrase_file`, `key_file`), and what differs between machines in "
          "a file that is made for each");
  }
  for (const Node& item : root.items()) refuse_variables(item, mistakes);
  for (const auto& [key, value] : root.entries()) {
    refuse_variables(key, mistakes);
    refuse_variables(value, mistakes);
  }
}

}  // namespace config
