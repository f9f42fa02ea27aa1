// targets: the servers to watch. A target's own module keys make a module of its own; the others share theirs.
#include <algorithm>

#include "config/address.h"
#include "config/endpoint.h"
#include "config/sections.h"
#include "config/unique_names.h"

namespace config {
namespace {

void take_name(const Node& node, Target& target, Reading& reading) {
  if (take(node, target.name, reading.mistakes) && target.name.size() > name_limit)
    reading.mistakes.add(node.place(), "a name of more than 256 bytes", "shorten it");
}

// Taken once the target has its module, which may know the port (take_endpoint).
void take_address(const Node& node, Target& target, Reading& reading) { take(node, target.host, reading.mistakes); }

void take_endpoint(const Node& node, Target& target, Reading& reading) {
  if (target.host.empty()) return;  // no text, and said to be none
  const auto parsed = parse_endpoint(node.text(), reading.vocabulary.default_ports);
  const auto* endpoint = std::get_if<Endpoint>(&parsed);
  const std::string wrong = endpoint == nullptr ? std::get<std::string>(parsed)
                                                : aim(target, *endpoint, reading.vocabulary.default_ports, reading.settings);
  if (!wrong.empty()) return reading.mistakes.add(node.place(), wrong, "");
  if (target.name.empty()) target.name = node.text();
}

// A path in the URL, and another beside it.
void check_path(const Node& node, const Target& target, Mistakes& mistakes) {
  const Node* http = node.find("http");
  const Node* path = http == nullptr ? nullptr : http->find("path");
  if (path != nullptr && !target.path.empty())
    mistakes.add(path->place(), "the target's `address` says a path already: " + quote(target.path), "keep one of them");
}

void take_module_name(const Node& node, Target& target, Reading& reading) {
  if (check_word(node, "module", names(reading.settings.modules), reading.mistakes))
    target.module = reading.settings.modules.at(node.text());
}

void take_server_name(const Node& node, Target& target, Reading& reading) {
  if (take(node, target.server_name, reading.mistakes) && !is_host(target.server_name))
    reading.mistakes.add(node.place(), quote(node.text()) + " is neither a host name nor an IP address",
                         "write the name alone, without a port");
}

// A key of modules, too; alone it makes no module of the target's own.
void take_target_proxy_protocol(const Node& node, Target& target, Reading& reading) {
  ProxyProtocol version{};
  take_proxy_protocol(node, version, reading);
  target.proxy_protocol = version;
}

constexpr Field<Target> fields[] = {
    {"name", take_name},
    {"address", take_address},
    {"module", take_module_name},
    {"server_name", take_server_name},
    {"certificate_file", path_into<&Target::certificate_file>},
    {"proxy_protocol", take_target_proxy_protocol},
    {"labels", labels_into<&Target::labels>},
};

// The keys of modules that are not the target's own.
std::vector<std::string_view> module_keys() {
  std::vector<std::string_view> found = keys(module_fields());
  std::erase_if(found, [](std::string_view key) {
    return std::any_of(std::begin(fields), std::end(fields), [&](const auto& own) { return own.key == key; });
  });
  return found;
}

bool has_module_keys(const Node& node) {
  const std::vector<std::string_view> known = module_keys();
  return std::any_of(known.begin(), known.end(), [&](std::string_view key) { return node.find(key) != nullptr; });
}

void take_target(const Node& node, Target& target, Reading& reading) {
  target.module = reading.settings.modules.at(std::string(default_module));
  take_fields(node, target_fields(), target, reading);
  if (node.find("address") == nullptr) reading.mistakes.add(node.place(), "a target without `address`", "give it one: host:port");
  if (has_module_keys(node)) {
    ModuleDraft draft = reading.modules.at(target.module->name);
    take_module_keys(node, draft, reading);
    target.module = completed(draft);
  }
  if (const Node* address = node.find("address")) take_endpoint(*address, target, reading);
  check_path(node, target, reading.mistakes);
}

}  // namespace

Fields<Target> target_fields() { return fields; }

void take_targets(const Node& node, Settings& settings, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  std::vector<std::string_view> known = keys(target_fields());
  for (const std::string_view key : module_keys()) known.push_back(key);
  UniqueNames seen("target", reading.mistakes);
  for (const Node& item : node.items()) {
    if (item.is_null() || !check_keys(item, known, reading.mistakes)) {
      if (item.is_null()) reading.mistakes.add(item.place(), "an empty target", "remove the dash, or give it an `address`");
      continue;
    }
    auto target = std::make_shared<Target>();
    take_target(item, *target, reading);
    if (!target->name.empty())
      seen.add(item, target->name, "without a `name` the address is the name: give one of them a `name`");
    settings.targets.push_back(std::move(target));
  }
}

}  // namespace config
