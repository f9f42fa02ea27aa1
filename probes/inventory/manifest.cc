// Kubernetes manifests on disk: Secrets (base64 in `data`, text in `stringData`), ConfigMaps (text in `data`, base64 in
// `binaryData`), and Lists of both. Whatever a key holds is read by its content: PEM, a keystore.
#include <openssl/crypto.h>

#include "probes/inventory/format.h"
#include "probes/inventory/yaml_pieces.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

constexpr int deepest_list = 4;

// Most keys of a Secret are passwords and tokens: only what has a format is read.
void read_value(const std::string& bytes, const std::string& alias, const Reading& reading) {
  if (format_of(bytes) != nullptr) read_bytes(bytes, reading.inside(alias));
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

void read_object(const config::Node& object, const Reading& reading, int depth) {
  const std::string kind = text_of(object, "kind");
  if (kind == "Secret") {
    read_values(object, "data", true, reading);
    read_values(object, "stringData", false, reading);
  } else if (kind == "ConfigMap") {
    read_values(object, "data", false, reading);
    read_values(object, "binaryData", true, reading);
  } else if (const config::Node* items = object.find("items"); items != nullptr && depth < deepest_list) {
    for (const config::Node& item : items->items()) read_object(item, reading, depth + 1);
  }
}

}  // namespace

bool is_manifest(std::string_view bytes) {
  return bytes.find("apiVersion") != std::string_view::npos &&
         (says(bytes, "kind", "Secret") || says(bytes, "kind", "ConfigMap"));
}

void read_manifest(std::string_view bytes, Reading reading) {
  if (reading.nesting() > 0) return reading.trouble(SourceReason::bad_manifest, "a manifest inside a manifest");
  for_each_document(bytes, reading, SourceReason::bad_manifest, [&](const config::Node& root) { read_object(root, reading, 0); });
}

}  // namespace probes::inventory
