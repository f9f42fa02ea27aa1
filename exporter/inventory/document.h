// The inventory as a document, in each of its formats. Pure; any thread. What comes from certificates is hostile: it is made
// valid UTF-8 without control characters, and no cell of a table begins as a formula.
#pragma once

#include <string>
#include <vector>

#include "exporter/inventory/holdings.h"
#include "probes/observations/inventory.h"
#include "probes/observations/wall_time.h"

namespace exporter::inventory {

struct Document {
  std::vector<Holding> holdings;
  std::vector<std::string> left_out;  // what could not be read or reached, for people
  probes::observations::WallTime at{};
};

[[nodiscard]] std::string json(const Document& document);
[[nodiscard]] std::string csv(const Document& document);  // RFC 4180, one line for each certificate; no place for `left_out`
// CycloneDX 1.6, a bill of cryptographic materials: certificates, their keys and algorithms. https://cyclonedx.org
[[nodiscard]] std::string cyclonedx(const Document& document);

// "file /etc/pki/a.pem", "server payments as service-a (10.0.0.1:443)", with the position above 0 behind it: "[1]".
[[nodiscard]] std::string place_words(const Place& place);

// `text` as valid UTF-8 without control characters, whole.
[[nodiscard]] std::string clean(std::string_view text);

}  // namespace exporter::inventory
