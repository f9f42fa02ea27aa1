// Servers that are asked over HTTP: the keys that they share, and two of them: Vault's PKI and Consul.
#include <algorithm>
#include <cctype>

#include "config/sections.h"

namespace config {

namespace {

// Credentials in a URL would end up in logs.
template <auto member, typename Section>
void server_url_into(const Node& node, Section& section, Reading& reading) {
  std::string& url = section.*member;
  if (!take(node, url, reading.mistakes)) return;
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  while (url.ends_with('/')) url.pop_back();
  const auto wrong = [&](const std::string& what, const std::string& right) { reading.mistakes.add(node.place(), what, right); };
  if (scheme == 0 || url.size() <= scheme)
    return wrong(quote(node.text()) + " is no URL of HTTP", "write one like https://10.0.0.1:8200");
  if (url.find('@') != std::string::npos) wrong("a URL with a user or password in it", "use `token_file` or `identity`");
  if (url.find_first_of("?#") != std::string::npos) wrong("a URL with a query in it", "write scheme, host and port");
}

template <auto member, typename Section>
void trust_name_into(const Node& node, Section& section, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) section.*member = node.text();
}

template <auto member, typename Section>
void identity_name_into(const Node& node, Section& section, Reading& reading) {
  if (check_word(node, "identity", names(reading.settings.identities), reading.mistakes)) section.*member = node.text();
}

bool is_path(std::string_view text, std::string_view more) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != std::string_view::npos;
  });
}

// What becomes a path of the API, or a header: nothing in it may end either. Slashes around it are how Vault itself prints it.
template <auto member, typename Section>
void api_path_into(const Node& node, Section& section, Reading& reading) {
  std::string text;
  if (!take(node, text, reading.mistakes)) return;
  while (text.ends_with('/')) text.pop_back();
  while (text.starts_with('/')) text.erase(0, 1);
  if (!is_path(text, "-_./") || text.find("..") != std::string::npos)
    return reading.mistakes.add(node.place(), quote(node.text()) + " is no path of Vault", "write one like pki or team/pki");
  section.*member = text;
}

// A name of Consul's, which stands in a query.
template <auto member, typename Section>
void word_into(const Node& node, Section& section, Reading& reading) {
  if (!take(node, section.*member, reading.mistakes)) return;
  if (!is_path(section.*member, "-_."))
    reading.mistakes.add(node.place(), quote(node.text()) + " is no name of Consul's", "write one like dc1");
}

// A token over plain HTTP could be read by anybody on the way; a local agent's port is no way.
void check_token(const Node& node, const std::string& url, const std::string& token_file, Reading& reading) {
  if (token_file.empty() || !url.starts_with("http://")) return;
  std::string_view host = std::string_view(url).substr(7);
  host = host.substr(0, host.find('/'));
  host = host.starts_with("[") ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  const bool local = host == "localhost" || host == "[::1]" ||
                     (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
  if (!local) reading.mistakes.add(node.place(), "a token over http:// could be read by anybody", "write an https:// URL");
}

constexpr Field<VaultPki> vault_rows[] = {
    {"url", server_url_into<&VaultPki::url>},
    {"mount", api_path_into<&VaultPki::mount>},
    {"namespace", api_path_into<&VaultPki::vault_namespace>},
    {"token_file", path_into<&VaultPki::token_file>},
    {"trust", trust_name_into<&VaultPki::trust>},
    {"identity", identity_name_into<&VaultPki::identity>},
    {"timeout", into<&VaultPki::timeout>},
};

constexpr Field<Consul> consul_rows[] = {
    {"url", server_url_into<&Consul::url>},
    {"token_file", path_into<&Consul::token_file>},
    {"datacenter", word_into<&Consul::datacenter>},
    {"namespace", word_into<&Consul::consul_namespace>},
    {"services", into<&Consul::services>},
    {"tags", into<&Consul::tags>},
    {"trust", trust_name_into<&Consul::trust>},
    {"identity", identity_name_into<&Consul::identity>},
    {"timeout", into<&Consul::timeout>},
};

template <typename Section>
void check_server(const Node& node, std::string_view key, const Section& section, Reading& reading) {
  if (node.is_mapping() && node.find("url") == nullptr)
    reading.mistakes.add(node.place(), "`" + std::string(key) + "` without `url`", "give it one");
  check_token(node, section.url, section.token_file, reading);
}

}  // namespace

Fields<VaultPki> vault_pki_fields() { return vault_rows; }
Fields<Consul> consul_fields() { return consul_rows; }

void take_vault_pki(const Node& node, Authority& authority, Reading& reading) {
  VaultPki vault;
  take_section(node, vault_pki_fields(), vault, reading);
  check_server(node, "vault_pki", vault, reading);
  authority.vault_pki = std::move(vault);
}

void take_consul(const Node& node, Discovery& discovery, Reading& reading) {
  Consul consul;
  take_section(node, consul_fields(), consul, reading);
  check_server(node, "consul", consul, reading);
  discovery.source = std::move(consul);
}

}  // namespace config
