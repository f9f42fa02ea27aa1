#include "config/load.h"

#include "config/foreign_keys.h"
#include "config/known_keys.h"
#include "config/sections.h"

namespace config {
namespace {

struct Metrics {
  Detail detail = Detail::standard;
};

void take_detail(const Node& node, Metrics& metrics, Reading& reading) {
  static constexpr Word<Detail> words[] = {{"lean", Detail::lean}, {"standard", Detail::standard}, {"full", Detail::full}};
  take_word<Detail>(node, "level of detail", words, metrics.detail, reading.mistakes);
}

constexpr Field<Metrics> metrics_rows[] = {{"detail", take_detail}};
Fields<Metrics> metrics_fields() { return metrics_rows; }

void take_metrics(const Node& node, Settings& settings, Reading& reading) {
  Metrics metrics;
  take_section(node, metrics_fields(), metrics, reading);
  settings.detail = metrics.detail;
}

// In the order in which they are read, whatever the order written: names before their uses.
constexpr Field<Settings> section_rows[] = {
    {"labels", labels_into<&Settings::labels>},
    {"metrics", take_metrics},
    {"trust", take_trust},
    {"identities", take_identities},
    {"defaults", take_defaults},
    {"modules", take_modules},
    {"targets", take_targets},
    {"discovery", take_discovery},
    {"files", take_files},
    {"authorities", take_authorities},
    {"callers", take_callers},
    {"storage", take_storage},
    {"rotations", take_rotations},
    {"web", take_web},
};
Fields<Settings> sections() { return section_rows; }

void take_settings(const Node& root, Settings& settings, Reading& reading) {
  if (!check_keys(root, keys(sections()), reading.mistakes)) return;
  static const Node nothing(Node::Kind::null, {});  // a section left out is an empty one
  for (const Field<Settings>& section : sections()) {
    const Node* written = root.find(section.key);
    section.take(written != nullptr ? *written : nothing, settings, reading);
  }
  if (const Node* discovery = root.find("discovery")) check_clusters(*discovery, settings, reading);
}

Settings settings_of(std::string_view text, const std::string& path, const Vocabulary& vocabulary, Mistakes& mistakes) {
  Settings settings;
  if (const std::optional<Document> document = parse_yaml(text, mistakes)) {
    Reading reading{.mistakes = mistakes,
                    .vocabulary = vocabulary,
                    .settings = settings,
                    .folder = std::filesystem::path(path).parent_path()};
    refuse_variables(document->root(), mistakes);
    take_settings(document->root(), settings, reading);
  }
  if (!mistakes.empty()) throw ConfigurationError(mistakes.text());
  return settings;
}

}  // namespace

Settings load_text(std::string_view text, const std::string& path, const Vocabulary& vocabulary) {
  Mistakes mistakes(path);
  return settings_of(text, path, vocabulary, mistakes);
}

Settings load(const std::string& path, const Vocabulary& vocabulary) {
  Mistakes mistakes(path);
  const std::optional<std::string> text = read_file(path, mistakes);
  if (!text) throw ConfigurationError(mistakes.text());
  return settings_of(*text, path, vocabulary, mistakes);
}

std::vector<SectionKeys> known_keys() {
  std::vector<std::string_view> target = keys(target_fields());
  for (const std::string_view key : keys(module_fields())) target.push_back(key);
  return {
      {"configuration", keys(sections())},
      {"trust_store", keys(trust_fields())},
      {"identity", keys(identity_fields())},
      {"module", keys(module_fields())},
      {"client_auth", keys(client_auth_fields())},
      {"tls", keys(tls_fields())},
      {"http", keys(http_fields())},
      {"proxy_server", keys(proxy_fields())},
      {"findings", keys(findings_fields())},
      {"revocation", keys(revocation_fields())},
      {"target", std::move(target)},
      {"metrics", keys(metrics_fields())},
      {"web", keys(web_fields())},
      {"web_probe", keys(web_probe_fields())},
      {"web_links", keys(links_fields())},
      {"discovery", keys(discovery_fields())},
      {"http_sd", keys(http_sd_fields())},
      {"dns", keys(dns_fields())},
      {"sweep", keys(sweep_fields())},
      {"listeners", keys(listeners_fields())},
      {"kubernetes", keys(kubernetes_fields())},
      {"consul", keys(consul_fields())},
      {"web_probe_allow", keys(allow_fields())},
      {"file_set", keys(file_set_fields())},
      {"authority", keys(authority_fields())},
      {"vault_pki", keys(vault_pki_fields())},
      {"callers", keys(callers_fields())},
      {"storage", keys(storage_fields())},
      {"rotation", keys(rotation_fields())},
  };
}

}  // namespace config
