// rotations: from one CA to another. Read last: they bring trust stores of their own, which nothing else may name.
#include "config/sections.h"
#include "config/unique_names.h"

namespace config {
namespace {

constexpr Field<Rotation> fields[] = {
    {"name", name_into},
    {"from", paths_into<&Rotation::from>},
    {"to", paths_into<&Rotation::to>},
    {"quiet", into<&Rotation::quiet>},
};

void check_rotation(const Node& node, const Rotation& rotation, const Settings& settings, Mistakes& mistakes) {
  if (node.find("name") == nullptr)
    mistakes.add(node.place(), "a rotation without a `name`", "give it one: it labels its series");
  if (rotation.from.empty())
    mistakes.add(node.place(), "rotation " + quote(rotation.name) + " has no `from`", "write the files of the old CA");
  if (rotation.to.empty())
    mistakes.add(node.place(), "rotation " + quote(rotation.name) + " has no `to`", "write the files of the new CA");
  for (const std::string& store : {trust_name_of_old(rotation), trust_name_of_new(rotation)})
    if (settings.trust.contains(store))
      mistakes.add(node.place(), "there is a trust store " + quote(store) + " already",
                   "give the rotation another name: its files are read as trust stores of this name");
}

void add_store(Settings& settings, const std::string& name, const std::vector<std::string>& files) {
  settings.trust.emplace(name, TrustStore{.name = name, .ca_files = files, .partial_chain = true});
}

}  // namespace

Fields<Rotation> rotation_fields() { return fields; }

void take_rotations(const Node& node, Settings& settings, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  UniqueNames seen("rotation", reading.mistakes);
  std::vector<Rotation> read;
  for (const Node& item : node.items()) {
    if (item.is_null()) reading.mistakes.add(item.place(), "a rotation without a `name`", "remove the dash, or give it a `name`");
    if (item.is_null() || !check_keys(item, keys(rotation_fields()), reading.mistakes)) continue;
    Rotation rotation;
    take_fields(item, rotation_fields(), rotation, reading);
    check_rotation(item, rotation, settings, reading.mistakes);
    if (rotation.name.empty()) continue;
    seen.add(item, rotation.name, "");
    read.push_back(std::move(rotation));
  }
  for (Rotation& rotation : read) {
    add_store(settings, trust_name_of_old(rotation), rotation.from);
    add_store(settings, trust_name_of_new(rotation), rotation.to);
    settings.rotations.emplace(rotation.name, std::move(rotation));
  }
  if (settings.rotations.empty()) return;
  for (auto& [name, authority] : settings.authorities) authority.ledger = true;  // whether a caller is one of its own
}

}  // namespace config
