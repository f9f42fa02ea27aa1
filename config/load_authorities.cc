// authorities: where certificate authorities keep what they have issued.
#include "config/sections.h"
#include "config/unique_names.h"

namespace config {
namespace {

constexpr Field<Authority> fields[] = {
    {"name", name_into},
    {"openssl_index", path_into<&Authority::openssl_index>},
    {"issued", paths_into<&Authority::issued>},
    {"vault_pki", take_vault_pki},
    {"crl_files", paths_into<&Authority::crl_files>},
    {"publish_superseded", into<&Authority::publish_superseded>},
    {"interval", into<&Authority::interval>},
    {"publish_within", publish_within_into},
    {"max_series", max_series_into},
    {"labels", labels_into<&Authority::labels>},
};

void check_authority(const Node& node, const Authority& authority, Mistakes& mistakes) {
  const Node* issued = node.find("issued");
  const bool lists = issued != nullptr && !(issued->is_sequence() && issued->items().empty());
  const bool index = node.find("openssl_index") != nullptr, vault = node.find("vault_pki") != nullptr;
  const int sources = int{lists} + int{index} + int{vault};
  if (node.find("name") == nullptr)
    mistakes.add(node.place(), "an authority without a `name`", "give it one: it labels its series");
  if (sources != 1)
    mistakes.add(node.place(),
                 "authority " + quote(authority.name) + (sources == 0 ? " has none of" : " has more than one of") +
                     " `openssl_index`, `issued` and `vault_pki`",
                 "give it one: an index.txt, the certificates themselves, or a Vault");
}

}  // namespace

Fields<Authority> authority_fields() { return fields; }

void take_authorities(const Node& node, Settings& settings, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  UniqueNames seen("authority", reading.mistakes);
  for (const Node& item : node.items()) {
    if (item.is_null())
      reading.mistakes.add(item.place(), "an authority without a `name`", "remove the dash, or give it a `name`");
    if (item.is_null() || !check_keys(item, keys(authority_fields()), reading.mistakes)) continue;
    Authority authority;
    take_fields(item, authority_fields(), authority, reading);
    check_authority(item, authority, reading.mistakes);
    if (authority.name.empty()) continue;
    seen.add(item, authority.name, "");
    settings.authorities.emplace(authority.name, std::move(authority));
  }
}

}  // namespace config
