// identities: named client certificates with their keys.
#include <algorithm>

#include "config/sections.h"

namespace config {
namespace {

// A "pkcs11:" URI (RFC 7512). What stands here may be a key pasted by mistake: it is never quoted.
void take_key(const Node& node, Identity& identity, Reading& reading) {
  if (!take(node, identity.key, reading.mistakes)) return;
  if (!identity.key.starts_with("pkcs11:"))
    reading.mistakes.add(node.place(), "`key` is no PKCS#11 URI",
                         "write \"pkcs11:token=...;object=...\", or name a PEM file with `key_file`");
  else if (identity.key.find("pin-value") != std::string::npos)
    reading.mistakes.add(node.place(), "`key` holds the PIN itself", "put it into a file and name that with `pin_file`");
}

void take_identity_trust(const Node& node, Identity& identity, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) identity.trust = node.text();
}

constexpr Field<Identity> fields[] = {
    {"certificate_file", path_into<&Identity::certificate_file>},
    {"key_file", path_into<&Identity::key_file>},
    {"key", take_key},
    {"pin_file", path_into<&Identity::pin_file>},
    {"pkcs12_file", path_into<&Identity::pkcs12_file>},
    {"passphrase_file", path_into<&Identity::passphrase_file>},
    {"trust", take_identity_trust},
    {"labels", labels_into<&Identity::labels>},
};

// Which keys may stand together.
void check_material(const Node& name, const Node& node, Mistakes& mistakes) {
  const auto has = [&](std::string_view key) { return node.find(key) != nullptr; };
  const auto place = [&](std::string_view key) { return node.find(key)->place(); };
  const std::string who = "identity " + quote(name.text());
  if (has("certificate_file") == has("pkcs12_file"))
    mistakes.add(name.place(),
                 who + (has("pkcs12_file") ? " has both `certificate_file` and `pkcs12_file`" : " has no certificate"),
                 "give it one of `certificate_file` (PEM) and `pkcs12_file`");
  else if (has("pkcs12_file"))
    for (const std::string_view key : {"key_file", "key"})
      if (has(key)) mistakes.add(place(key), who + " has its key in `pkcs12_file`", "remove `" + std::string(key) + "`");
  if (has("key_file") && has("key"))
    mistakes.add(place("key"), who + " has both `key_file` and `key`", "give it one: a PEM file, or a PKCS#11 URI");
  if (has("pin_file") && !has("key"))
    mistakes.add(place("pin_file"), "`pin_file` goes with a PKCS#11 `key`", "use `passphrase_file` for an encrypted file");
}

bool check_name(const Node& name, Mistakes& mistakes) {
  const bool reserved = std::find(std::begin(knock_words), std::end(knock_words), name.text()) != std::end(knock_words);
  if (reserved)
    mistakes.add(name.place(), "identity name " + quote(name.text()) + " is reserved: it stands for a knock",
                 "choose another name");
  return !reserved;
}

}  // namespace

Fields<Identity> identity_fields() { return fields; }

void take_identities(const Node& node, Settings& settings, Reading& reading) {
  if (!is_table(node, reading.mistakes)) return;
  for (const auto& [name, value] : node.entries()) {
    Identity identity;
    if (!take(name, identity.name, reading.mistakes) || !check_name(name, reading.mistakes)) continue;
    take_section(value, identity_fields(), identity, reading);
    check_material(name, value, reading.mistakes);
    settings.identities[identity.name] = std::move(identity);
  }
}

}  // namespace config
