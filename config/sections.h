// How the configuration is read: one file per section (load_trust.cc, load_module.cc ...), one row per section in load.cc, and
// one row per key in the section's table of fields. A new key is a member in settings.h, a row, and its line in schema.json.
// Private to this room.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "config/mistakes.h"
#include "config/settings.h"
#include "config/values.h"
#include "config/yaml.h"

namespace config {

// A module while its layers (defaults < module < target) are laid over each other.
struct ModuleDraft {
  Module module;
  bool must_refuse_written = false;  // by any layer: then `expect: required` implies nothing
};

// What reading a section may look at. Sections are read in an order in which every name has been read before it is used.
struct Reading {
  Mistakes& mistakes;
  const Vocabulary& vocabulary;
  const Settings& settings;      // what has been read so far
  std::filesystem::path folder;  // anchors relative paths
  ModuleDraft defaults = {};
  std::map<std::string, ModuleDraft> modules = {};
};

// One key of a section, and how its value is taken.
template <typename Section>
struct Field {
  std::string_view key;
  void (*take)(const Node& value, Section& section, Reading& reading);
};

template <typename Section>
using Fields = std::span<const Field<Section>>;

// Ways to take a value: one row is {"system", into<&TrustStore::system>}.
template <auto member, typename Section>
void into(const Node& value, Section& section, Reading& reading) {
  take(value, section.*member, reading.mistakes);
}
template <auto member, typename Section>
void path_into(const Node& value, Section& section, Reading& reading) {
  if (take(value, section.*member, reading.mistakes)) section.*member = (reading.folder / (section.*member)).string();
}
template <auto member, typename Section>
void paths_into(const Node& value, Section& section, Reading& reading) {
  if (!take(value, section.*member, reading.mistakes)) return;
  for (std::string& path : section.*member) path = (reading.folder / path).string();
}
// One file, or several to try in order.
template <auto member, typename Section>
void passphrase_files_into(const Node& value, Section& section, Reading& reading) {
  if (!value.is_text()) return paths_into<member>(value, section, reading);
  std::string path;
  if (take(value, path, reading.mistakes)) section.*member = {(reading.folder / path).string()};
}
template <auto member, typename Section>
void labels_into(const Node& value, Section& section, Reading& reading) {
  take_labels(value, reading.vocabulary.reserved_labels, section.*member, reading.mistakes);
}
template <auto member, int from, int to, typename Section>
void integer_into(const Node& value, Section& section, Reading& reading) {
  if (int number = 0; take_integer(value, from, to, number, reading.mistakes)) section.*member = number;
}

template <typename Section>
std::vector<std::string_view> keys(Fields<Section> fields) {
  std::vector<std::string_view> found;
  for (const Field<Section>& field : fields) found.push_back(field.key);
  return found;
}

// Takes every field that stands in `mapping`, in the order of the table.
template <typename Section>
void take_fields(const Node& mapping, Fields<Section> fields, Section& section, Reading& reading) {
  for (const Field<Section>& field : fields)
    if (const Node* value = mapping.find(field.key)) field.take(*value, section, reading);
}

// The same for a mapping that has these fields and no others.
template <typename Section>
void take_section(const Node& mapping, Fields<Section> fields, Section& section, Reading& reading) {
  if (check_keys(mapping, keys(fields), reading.mistakes)) take_fields(mapping, fields, section, reading);
}

// The sections, in the order in which they are read.
void take_trust(const Node& node, Settings& settings, Reading& reading);
void take_identities(const Node& node, Settings& settings, Reading& reading);
void take_defaults(const Node& node, Settings& settings, Reading& reading);
void take_modules(const Node& node, Settings& settings, Reading& reading);
void take_targets(const Node& node, Settings& settings, Reading& reading);
void take_discovery(const Node& node, Settings& settings, Reading& reading);
void take_web(const Node& node, Settings& settings, Reading& reading);
void take_files(const Node& node, Settings& settings, Reading& reading);
void take_authorities(const Node& node, Settings& settings, Reading& reading);
void take_callers(const Node& node, Settings& settings, Reading& reading);
void take_storage(const Node& node, Settings& settings, Reading& reading);
void take_rotations(const Node& node, Settings& settings, Reading& reading);

// Their tables.
Fields<TrustStore> trust_fields();
Fields<Identity> identity_fields();
Fields<ModuleDraft> module_fields();  // of `defaults` and of each target, too
Fields<ClientAuth> client_auth_fields();
Fields<Tls> tls_fields();
Fields<Http> http_fields();
Fields<Proxy> proxy_fields();
Fields<Findings> findings_fields();
Fields<Revocation> revocation_fields();
Fields<Target> target_fields();  // besides module_fields()
Fields<Discovery> discovery_fields();
Fields<HttpSd> http_sd_fields();
Fields<Dns> dns_fields();
Fields<Sweep> sweep_fields();
Fields<Listeners> listeners_fields();
Fields<Kubernetes> kubernetes_fields();
Fields<Consul> consul_fields();
Fields<Web> web_fields();
Fields<WebProbe> web_probe_fields();
Fields<ProbeAllow> allow_fields();
Fields<Links> links_fields();
Fields<FileSet> file_set_fields();
Fields<Authority> authority_fields();
Fields<VaultPki> vault_pki_fields();
Fields<Callers> callers_fields();
Fields<Storage> storage_fields();
Fields<Rotation> rotation_fields();

void take_links(const Node& node, Web& web, Reading& reading);  // of `web`

// One source of a discovery, in a file of its own, and what must hold between clusters and files.
void take_kubernetes(const Node& node, Discovery& discovery, Reading& reading);
void take_consul(const Node& node, Discovery& discovery, Reading& reading);
void check_clusters(const Node& node, const Settings& settings, Reading& reading);

// One source of an authority, in the same file as Consul.
void take_vault_pki(const Node& node, Authority& authority, Reading& reading);

// Keys that files and authorities share.
void take_source_name(const Node& node, std::string& name, Reading& reading);
void take_publish_within(const Node& node, Publishing& publish, Reading& reading);
void take_max_series(const Node& node, Publishing& publish, Reading& reading);
template <typename Section>
void name_into(const Node& value, Section& section, Reading& reading) {
  take_source_name(value, section.name, reading);
}
template <typename Section>
void publish_within_into(const Node& value, Section& section, Reading& reading) {
  take_publish_within(value, section.publish, reading);
}
template <typename Section>
void max_series_into(const Node& value, Section& section, Reading& reading) {
  take_max_series(value, section.publish, reading);
}

// Pieces of a module, each laid over what `section` holds already.
void take_client_auth(const Node& node, ModuleDraft& draft, Reading& reading);
void take_tls(const Node& node, ModuleDraft& draft, Reading& reading);
void take_http(const Node& node, ModuleDraft& draft, Reading& reading);
void take_proxy(const Node& node, ModuleDraft& draft, Reading& reading);
void take_header_table(const Node& node, std::map<std::string, std::string>& headers, Reading& reading);  // replaces them
void take_proxy_protocol(const Node& node, ProxyProtocol& into, Reading& reading);

// Lays the module keys of `layer` over `draft`, and checks what must hold between them.
void take_module_keys(const Node& layer, ModuleDraft& draft, Reading& reading);
// The module that the layers make, completed with what they imply.
[[nodiscard]] std::shared_ptr<const Module> completed(const ModuleDraft& draft);

// The module of targets that name none: the one of this name in `modules` or, without one, `defaults` alone.
inline constexpr std::string_view default_module = "default";

// Words that stand for knocks, and so cannot name an identity.
inline constexpr std::string_view knock_words[] = {"anonymous", "rogue"};

}  // namespace config
