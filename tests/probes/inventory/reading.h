// Reads bytes as a file of the tests would be read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/inventory/format.h"

namespace tests::inventory {

inline probes::tls::Secret secret(std::string_view text) {
  probes::tls::Secret made(text.size());
  std::copy(text.begin(), text.end(), made.data());
  return made;
}

inline probes::observations::Inventory read(std::string_view bytes, const std::vector<std::string>& passphrases = {},
                                            const std::string& path = "file") {
  std::vector<probes::tls::Secret> secrets;
  for (const std::string& passphrase : passphrases) secrets.push_back(secret(passphrase));
  probes::observations::Inventory found;
  probes::inventory::read_bytes(bytes, probes::inventory::Reading(path, secrets, found));
  return found;
}

// "alias:position CN", in order.
inline std::vector<std::string> names(const probes::observations::Inventory& found) {
  std::vector<std::string> all;
  for (const auto& one : found.certificates)
    all.push_back(std::string(one.place.alias())
                      .append(":" + std::to_string(one.position) + " ")
                      .append(one.certificate->subject_common_name()));
  return all;
}

inline std::vector<std::string> reasons(const probes::observations::Inventory& found) {
  std::vector<std::string> all;
  for (const auto& one : found.troubles) all.emplace_back(word(one.reason));
  return all;
}

}  // namespace tests::inventory
