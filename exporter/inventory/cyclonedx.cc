#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "exporter/explain/facts_json.h"
#include "exporter/inventory/document.h"
#include "exporter/version.h"

namespace exporter::inventory {

using Json = nlohmann::ordered_json;
using namespace probes::observations;

namespace {

// What the certificates refer to, each once and by its reference: "algorithm/ecdsa-with-SHA256", "key/0123456789abcdef".
using Components = std::map<std::string, Json>;

Json component(const std::string& reference, const std::string& name, Json properties) {
  return {{"type", "cryptographic-asset"},
          {"bom-ref", reference},
          {"name", name.empty() ? "unnamed" : name},
          {"cryptoProperties", std::move(properties)}};
}

std::string algorithm(Components& components, std::string_view of, std::string_view primitive) {
  const std::string name = clean(of), reference = "algorithm/" + name;
  if (!components.contains(reference))
    components[reference] =
        component(reference, name, {{"assetType", "algorithm"}, {"algorithmProperties", {{"primitive", primitive}}}});
  return reference;
}

std::string key(Components& components, const Certificate& certificate, const std::string& fallback) {
  char digest[24];
  std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(certificate.key_digest()));
  const std::string id = certificate.key_digest() == 0 ? fallback : digest, reference = "key/" + id;
  if (components.contains(reference)) return reference;
  const std::string_view type = certificate.key_type() == "unknown" ? std::string_view() : certificate.key_type();
  Json material = {{"type", "public-key"}, {"id", id}};
  if (certificate.key_bits() > 0) material["size"] = certificate.key_bits();
  if (!type.empty()) material["algorithmRef"] = algorithm(components, key_word(certificate), type == "rsa" ? "pke" : "signature");
  components[reference] = component(reference, "public key " + id + " (" + key_word(certificate) + ")",
                                    {{"assetType", "related-crypto-material"}, {"relatedCryptoMaterialProperties", material}});
  return reference;
}

Json properties_of(const Holding& holding) {
  Json properties = Json::array();
  const auto add = [&](const char* name, std::string_view value) {
    properties.push_back({{"name", std::string("mtls_exporter:") + name}, {"value", clean(value)}});
  };
  if (!holding.certificate->serial().empty()) add("serial", holding.certificate->serial());
  if (!holding.certificate->subject_alternative_names().empty()) add("names", joined_names(*holding.certificate));
  if (!holding.listed_only) add("ca", holding.certificate->authority() ? "yes" : "no");
  for (const std::string& owner : owners_of(holding)) add("owner", owner);
  if (holding.key_places > 0) add("key_places", std::to_string(holding.key_places));
  if (holding.listed_only) add("listed_only", "yes");
  return properties;
}

Json occurrences_of(const Holding& holding) {
  Json occurrences = Json::array();
  for (const Place& place : holding.places) occurrences.push_back({{"location", clean(place_words(place))}});
  return occurrences;
}

Json certificate_component(const Holding& holding, const std::string& reference, Components& components) {
  const Certificate& certificate = *holding.certificate;
  Json facts = {{"subjectName", clean(certificate.subject())}, {"certificateFormat", "X.509"}};
  if (!holding.listed_only) facts["issuerName"] = clean(certificate.issuer());
  if (certificate.not_before() && !holding.listed_only) facts["notValidBefore"] = explain::time_text(*certificate.not_before());
  if (certificate.not_after()) facts["notValidAfter"] = explain::time_text(*certificate.not_after());
  if (!certificate.signature_algorithm().empty())
    facts["signatureAlgorithmRef"] = algorithm(components, certificate.signature_algorithm(), "signature");
  if (!holding.listed_only)
    facts["subjectPublicKeyRef"] = key(components, certificate, "of-" + std::string(certificate.fingerprint_sha256()));
  Json made = component(reference, clean(name_or_serial(certificate)),
                        {{"assetType", "certificate"}, {"certificateProperties", std::move(facts)}});
  if (!holding.listed_only)
    made["hashes"] =
        Json::array({Json::object({{"alg", "SHA-256"}, {"content", std::string(certificate.fingerprint_sha256())}})});
  made["properties"] = properties_of(holding);
  made["evidence"] = {{"occurrences", occurrences_of(holding)}};
  return made;
}

}  // namespace

std::string cyclonedx(const Document& document) {
  Components referred;
  Json components = Json::array();
  for (std::size_t index = 0; index < document.holdings.size(); ++index) {
    const Holding& holding = document.holdings[index];
    const std::string reference = "certificate/" + (holding.listed_only ? "listed-" + std::to_string(index)
                                                                        : std::string(holding.certificate->fingerprint_sha256()));
    components.push_back(certificate_component(holding, reference, referred));
  }
  for (auto& [reference, made] : referred) components.push_back(std::move(made));
  Json left_out = Json::array();
  for (const std::string& text : document.left_out)
    left_out.push_back({{"name", "mtls_exporter:left_out"}, {"value", clean(text)}});
  const Json tool = {{"type", "application"}, {"name", "mtls_exporter"}, {"version", std::string(version())}};
  Json metadata = {{"timestamp", explain::time_text(document.at)}, {"tools", {{"components", Json::array({tool})}}}};
  if (!left_out.empty()) metadata["properties"] = std::move(left_out);
  const Json bill = {{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
                     {"bomFormat", "CycloneDX"},
                     {"specVersion", "1.6"},
                     {"version", 1},
                     {"metadata", std::move(metadata)},
                     {"components", std::move(components)}};
  return bill.dump(2) + "\n";
}

}  // namespace exporter::inventory
