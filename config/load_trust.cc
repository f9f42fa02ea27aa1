// trust: named sets of trust anchors.
#include "config/sections.h"

namespace config {
namespace {

constexpr Field<TrustStore> fields[] = {
    {"ca_files", paths_into<&TrustStore::ca_files>},
    {"crl_files", paths_into<&TrustStore::crl_files>},
    {"passphrase_file", passphrase_files_into<&TrustStore::passphrase_files>},
    {"system", into<&TrustStore::system>},
    {"partial_chain", into<&TrustStore::partial_chain>},
    {"labels", labels_into<&TrustStore::labels>},
};

}  // namespace

Fields<TrustStore> trust_fields() { return fields; }

void take_trust(const Node& node, Settings& settings, Reading& reading) {
  if (!is_table(node, reading.mistakes)) return;
  for (const auto& [name, value] : node.entries()) {
    TrustStore store;
    if (!take(name, store.name, reading.mistakes)) continue;
    take_section(value, trust_fields(), store, reading);
    if (value.find("ca_files") == nullptr && !store.system)
      reading.mistakes.add(name.place(), "trust store " + quote(store.name) + " trusts nothing",
                           "give it `ca_files` or `system: true`");
    settings.trust[store.name] = std::move(store);
  }
}

}  // namespace config
