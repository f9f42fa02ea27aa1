// Certificates in the objects of a cluster. Whatever a key of a Secret or ConfigMap holds is read by its content, as files are.
#include <openssl/x509.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/cluster/object.h"
#include "probes/inventory/format.h"
#include "probes/inventory/path_pattern.h"
#include "probes/inventory/scan.h"

namespace exporter::cluster {

using probes::inventory::Format;
using probes::inventory::Reading;
using probes::observations::Inventory;
using probes::observations::SourceReason;
using probes::tls::Secret;

namespace {

// A value of `data` as bytes, wiped with it.
class Decoded {
 public:
  explicit Decoded(std::string_view base64) { good_ = probes::inventory::decode_base64(base64, bytes_); }
  ~Decoded() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  bool good() const { return good_; }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  bool good_ = false;
};

bool is_keystore(const Format& format) {
  return format.read == probes::inventory::read_pkcs12 || format.read == probes::inventory::read_java_keystore;
}

bool names_a_passphrase(std::string key) {
  std::ranges::transform(key, key.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return key.find("pass") != std::string::npos;
}

Secret secret_of(std::string_view bytes) {
  if (bytes.ends_with('\n')) bytes.remove_suffix(1);
  if (bytes.ends_with('\r')) bytes.remove_suffix(1);
  Secret secret(bytes.size());
  std::ranges::copy(bytes, secret.data());
  return secret;
}

// Passphrases of a keystore lie beside it, under keys that say so: Strimzi's `user.password`, `keystore-pass`, `PASSWORD`. Each
// try costs thousands of hashes.
constexpr std::size_t most_passphrases = 8;

std::vector<Secret> passphrases_in(const Json* data, bool encoded) {
  std::vector<Secret> found;
  if (data == nullptr || !data->is_object()) return found;
  for (const auto& [key, value] : data->items()) {
    if (found.size() == most_passphrases || !names_a_passphrase(std::string(key))) continue;
    if (!encoded) {
      found.push_back(secret_of(text(&value)));
      continue;
    }
    const Decoded decoded(text(&value));
    if (decoded.good() && decoded.bytes().size() <= probes::tls::passphrase_limit) found.push_back(secret_of(decoded.bytes()));
  }
  return found;
}

// One object being read.
class ObjectReader {
 public:
  ObjectReader(std::string path, const config::Kubernetes& settings) : path_(std::move(path)), settings_(settings) {}

  void read_values(const Json* values, bool encoded, const Json* passphrases) {
    if (values == nullptr || !values->is_object()) return;
    for (const auto& [name, value] : values->items()) {
      const std::string key(name);
      if (!encoded) {
        read_value(text(&value), key, nullptr, false);
        continue;
      }
      const Decoded decoded(text(&value));
      if (decoded.good()) read_value(decoded.bytes(), key, passphrases, true);
      else found_.troubles.push_back({SourceReason::bad_manifest, path_, key + ": not base64"});
    }
  }

  void read_bundle(std::string_view base64, const std::string& key) {
    const Decoded decoded(base64);
    if (decoded.good()) read_value(decoded.bytes(), key, nullptr, false);
    else found_.troubles.push_back({SourceReason::bad_manifest, path_, key + ": not base64"});
  }

  ObjectPtr object(std::string space, std::string name) {
    if (found_.certificates.empty() && found_.revocation_lists.empty() && found_.troubles.empty()) return nullptr;
    Certificates held{.found = std::move(found_), .der = {}};
    for (const auto& handle : handles_) {
      std::string der(static_cast<std::size_t>(std::max(i2d_X509(handle.get(), nullptr), 0)), '\0');
      auto* out = reinterpret_cast<unsigned char*>(der.data());
      i2d_X509(handle.get(), &out);
      held.der.push_back(std::move(der));
    }
    return std::make_shared<const Object>(Object{std::move(space), std::move(name), std::move(held)});
  }

 private:
  // Most keys are passwords, tokens and settings: only what has a format is read. A manifest in a ConfigMap is no object of the
  // cluster.
  void read_value(std::string_view bytes, const std::string& key, const Json* passphrases, bool encoded) {
    if (bytes.size() > probes::inventory::largest_file) return;
    const Format* format = probes::inventory::format_of(bytes);
    if (format == nullptr || format->read == probes::inventory::read_manifest) return;
    std::vector<Secret> secrets;
    if (is_keystore(*format)) {
      secrets = passphrases_in(passphrases, encoded);
      for (Secret& more : probes::inventory::read_passphrases(settings_.passphrase_files, found_.troubles))
        secrets.push_back(std::move(more));
    }
    format->read(bytes, Reading(path_, secrets, found_).without_files().with_handles(handles_).inside(key));
  }

  const std::string path_;
  const config::Kubernetes& settings_;
  Inventory found_;
  std::vector<probes::tls::Ptr<X509>> handles_;
};

bool excluded(const std::string& path, const config::Kubernetes& settings) {
  return std::ranges::any_of(settings.exclude,
                             [&](const std::string& pattern) { return probes::inventory::path_matches(pattern, path); });
}

// What webhooks and conversions of custom resources have.
void read_client(const Json* owner, const std::string& key, ObjectReader& reader) {
  if (const auto bundle = text(member(member(owner, "clientConfig"), "caBundle")); !bundle.empty())
    reader.read_bundle(bundle, key);
}

}  // namespace

ObjectPtr read_certificates(const Json& object, std::string_view kind, const config::Kubernetes& settings) {
  const Json* metadata = member(object, "metadata");
  std::string space(text(member(metadata, "namespace"))), name(text(member(metadata, "name")));
  const std::string path = (space.empty() ? std::string(kind) : space) + "/" + name;
  if (excluded(path, settings)) return nullptr;
  ObjectReader reader(path, settings);
  const Json* data = member(object, "data");
  if (kind == "secrets") {
    if (text_of(object, "type") == "helm.sh/release.v1") return nullptr;  // a packed chart, and no certificate in a known format
    reader.read_values(data, true, data);
  } else if (kind == "configmaps") {
    reader.read_values(data, false, nullptr);
    reader.read_values(member(object, "binaryData"), true, nullptr);
  } else {
    for (const Json& webhook : items(member(object, "webhooks"))) read_client(&webhook, text_of(webhook, "name"), reader);
    const Json* spec = member(object, "spec");
    if (const auto bundle = text(member(spec, "caBundle")); !bundle.empty()) reader.read_bundle(bundle, "caBundle");
    read_client(member(member(spec, "conversion"), "webhook"), "conversion", reader);
  }
  return reader.object(std::move(space), std::move(name));
}

}  // namespace exporter::cluster
