// Kubernetes manifests on disk, and what the API prints: Secrets (base64 in `data`, text in `stringData`), ConfigMaps (text in
// `data`, base64 in `binaryData`), Lists of them, and whatever has a certificate among its values, as webhooks and APIServices
// have in `caBundle`. Whatever a key of a Secret or ConfigMap holds is read by its content: PEM, a keystore.
#include <openssl/crypto.h>

#include <algorithm>

#include "probes/inventory/format.h"
#include "probes/inventory/yaml_pieces.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

constexpr int deepest_list = 4;

// Most keys of a Secret are passwords and tokens: only what has a format is read.
void read_value(const std::string& bytes, const std::string& alias, const Reading& reading) {
  if (const Format* format = format_of(bytes)) format->read(bytes, reading.inside(alias));
}

void read_encoded(const std::string& base64, const std::string& alias, const Reading& reading) {
  std::string bytes;
  if (decode_base64(base64, bytes)) read_value(bytes, alias, reading);
  else reading.inside(alias).trouble(SourceReason::bad_manifest, "not base64");
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

void read_values(const config::Node& object, std::string_view field, bool encoded, const Reading& reading) {
  const config::Node* values = object.find(field);
  const config::Node* metadata = object.find("metadata");
  if (values == nullptr) return;
  for (const auto& [key, value] : values->entries()) {
    const std::string alias = (metadata == nullptr ? std::string() : text_of(*metadata, "name")) + "/" + key.text();
    if (encoded) read_encoded(value.text(), alias, reading);
    else read_value(value.text(), alias, reading);
  }
}

// "NAME/caBundle"; of a webhook, which has a name of its own, "NAME/WEBHOOK/caBundle".
void read_texts(const config::Node& node, const std::string& alias, const Reading& reading) {
  if (node.is_text() && is_pem(node.text())) read_value(node.text(), alias, reading);
  for (const config::Node& item : node.items()) {
    const std::string name = text_of(item, "name");
    read_texts(item, name.empty() ? alias : alias + "/" + name, reading);
  }
  for (const auto& [key, value] : node.entries()) {
    const bool inner = value.is_mapping() || value.is_sequence();
    read_texts(value, inner ? alias : alias + "/" + key.text(), reading);
  }
}

// `listed`: what a List of one kind says of items that do not say it themselves.
void read_object(const config::Node& object, const std::string& listed, const Reading& reading, int depth) {
  constexpr std::string_view list = "List";
  const std::string written = text_of(object, "kind"), kind = written.empty() ? listed : written;
  if (kind == "Secret") {
    read_values(object, "data", true, reading);
    read_values(object, "stringData", false, reading);
  } else if (kind == "ConfigMap") {
    read_values(object, "data", false, reading);
    read_values(object, "binaryData", true, reading);
  } else if (const config::Node* items = object.find("items"); items != nullptr && items->is_sequence() && depth < deepest_list) {
    const std::string of = kind.ends_with(list) ? kind.substr(0, kind.size() - list.size()) : std::string();
    for (const config::Node& item : items->items()) read_object(item, of, reading, depth + 1);
  } else {
    const config::Node* metadata = object.find("metadata");
    read_texts(object, metadata == nullptr ? std::string() : text_of(*metadata, "name"), reading);
  }
}

}  // namespace

bool is_manifest(std::string_view bytes) {
  constexpr std::string_view kinds[] = {"Secret", "ConfigMap", "SecretList", "ConfigMapList"};
  if (bytes.find("apiVersion") == std::string_view::npos) return false;
  return std::ranges::any_of(kinds, [&](std::string_view kind) { return says(bytes, "kind", kind); }) ||
         (bytes.find("caBundle") != std::string_view::npos && bytes.find(base64_of_pem) != std::string_view::npos);
}

void read_manifest(std::string_view bytes, Reading reading) {
  if (reading.nesting() > 0) return reading.trouble(SourceReason::bad_manifest, "a manifest inside a manifest");
  for_each_document(bytes, reading, SourceReason::bad_manifest,
                    [&](const config::Node& root) { read_object(root, {}, reading, 0); });
}

}  // namespace probes::inventory
