#include <nlohmann/json.hpp>

#include "exporter/explain/facts_json.h"
#include "exporter/inventory/document.h"
#include "exporter/metrics/label.h"
#include "exporter/version.h"

namespace exporter::inventory {

using Json = nlohmann::ordered_json;
using namespace probes::observations;

namespace {

Json place_json(const Place& place) {
  return {{"source", place.source}, {"target", place.target},     {"identity", place.identity}, {"address", place.address},
          {"name", place.name},     {"position", place.position}, {"labels", place.labels}};
}

Json holding_json(const Holding& holding, WallTime now) {
  const Certificate& certificate = *holding.certificate;
  Json object = explain::certificates_json({holding.certificate}).front();
  const auto end = certificate.not_after();
  object["days_to_expiry"] = end ? Json(std::chrono::duration<double, std::ratio<86400>>(*end - now).count()) : Json(nullptr);
  if (holding.listed_only) object["fingerprint_sha256"] = nullptr;
  object["listed_only"] = holding.listed_only;
  object["owners"] = owners_of(holding);
  object["key_places"] = holding.key_places == 0 ? Json(nullptr) : Json(holding.key_places);
  object["places"] = Json::array();
  for (const Place& place : holding.places) object["places"].push_back(place_json(place));
  return object;
}

// Every text in it made fit to be shown.
void clean_texts(Json& json) {
  if (json.is_string()) json = clean(json.get_ref<const std::string&>());
  else if (json.is_structured())
    for (Json& inner : json) clean_texts(inner);
}

}  // namespace

// As label.h cleans it, in pieces that are never cut: a cleaned character takes three bytes at most for each that it had.
std::string clean(std::string_view text) {
  constexpr std::size_t piece = metrics::label_limit / 3 - 1;
  std::string all;
  while (text.size() > piece) {
    std::size_t size = piece;
    while (size > piece - 4 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // between two characters
    all += metrics::clean_label(text.substr(0, size));
    text.remove_prefix(size);
  }
  return all + metrics::clean_label(text);
}

std::string place_words(const Place& place) {
  std::string words = place.source + " " + place.target;
  if (!place.identity.empty()) words += " as " + place.identity;
  if (!place.address.empty()) words += " (" + place.address + ")";
  return place.position == 0 ? words : words + " [" + std::to_string(place.position) + "]";
}

std::string json(const Document& document) {
  Json certificates = Json::array();
  for (const Holding& holding : document.holdings) certificates.push_back(holding_json(holding, document.at));
  Json root = {{"generator", "mtls_exporter " + std::string(version())},
               {"generated", explain::time_text(document.at)},
               {"left_out", document.left_out},
               {"certificates", std::move(certificates)}};
  clean_texts(root);
  return root.dump(2) + "\n";
}

}  // namespace exporter::inventory
