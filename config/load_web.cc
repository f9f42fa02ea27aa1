// web: what the endpoints may be used for. (TLS and passwords of the endpoints have a file of their own, --web.config.file.)
#include "config/address.h"
#include "config/network.h"
#include "config/sections.h"

namespace config {
namespace {

void take_networks(const Node& node, ProbeAllow& allow, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  for (const Node& item : node.items()) {
    std::string text;
    if (!take(item, text, reading.mistakes)) continue;
    const auto parsed = parse_network(text);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) reading.mistakes.add(item.place(), *wrong, "");
    else allow.networks.push_back(std::get<Network>(parsed));
  }
}

void take_ports(const Node& node, ProbeAllow& allow, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  for (const Node& item : node.items())
    if (int port = 0; take_integer(item, 1, 65535, port, reading.mistakes))
      allow.ports.push_back(static_cast<std::uint16_t>(port));
}

// "*", "*.internal" or a name. An address is no name: it belongs to a network.
bool is_pattern(std::string_view text) {
  if (text == "*") return true;
  if (text.starts_with("*.")) text.remove_prefix(2);
  return is_host(text) && std::holds_alternative<std::string>(parse_network(text));
}

void take_names(const Node& node, ProbeAllow& allow, Reading& reading) {
  std::vector<std::string> patterns;
  if (!take(node, patterns, reading.mistakes)) return;
  for (const Node& item : node.items())
    if (!is_pattern(item.text()))
      reading.mistakes.add(item.place(), quote(item.text()) + " is no name",
                           "write one like web.example, *.internal for all names below it, or \"*\"");
  allow.names = std::move(patterns);
}

constexpr Field<ProbeAllow> allow_rows[] = {{"networks", take_networks}, {"ports", take_ports}, {"names", take_names}};

// What would open nothing was meant to open something.
void take_allow(const Node& node, WebProbe& probe, Reading& reading) {
  take_section(node, allow_fields(), probe.allow, reading);
  if (node.is_null()) return;
  if (node.find("ports") == nullptr)
    reading.mistakes.add(node.place(), "`allow` without `ports` opens nothing", "list them: ports: [443, 8443]");
  if (node.find("networks") == nullptr && node.find("names") == nullptr)
    reading.mistakes.add(node.place(), "`allow` without `networks` and `names` opens nothing",
                         "list some: networks: [10.0.0.0/8], or names: [\"*.internal\"]");
}

constexpr Field<WebProbe> probe_rows[] = {{"allow", take_allow}};

void take_probe(const Node& node, Web& web, Reading& reading) { take_section(node, web_probe_fields(), web.probe, reading); }

constexpr Field<Web> web_rows[] = {{"probe", take_probe}, {"links", take_links}};

}  // namespace

Fields<ProbeAllow> allow_fields() { return allow_rows; }
Fields<WebProbe> web_probe_fields() { return probe_rows; }
Fields<Web> web_fields() { return web_rows; }

void take_web(const Node& node, Settings& settings, Reading& reading) { take_section(node, web_fields(), settings.web, reading); }

}  // namespace config
