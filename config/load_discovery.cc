// discovery: where targets are found besides `targets`. An entry has exactly one source, and what is common to all of them.
#include <algorithm>
#include <set>

#include "config/address.h"
#include "config/sections.h"

namespace config {
namespace {

using namespace std::chrono_literals;

void take_paths(const Node& node, std::vector<std::string>& paths, Reading& reading) {
  if (!take(node, paths, reading.mistakes)) return;
  if (paths.empty()) reading.mistakes.add(node.place(), "no path", "list one at least");
  for (std::string& path : paths) path = (reading.folder / path).string();
}

template <typename Source>
void take_files(const Node& node, Discovery& discovery, Reading& reading) {
  Source source;
  take_paths(node, source.paths, reading);
  discovery.source = std::move(source);
}

// Credentials in a URL would end up in logs; a path without them is all that a target list needs.
void take_url(const Node& node, HttpSd& http, Reading& reading) {
  if (!take(node, http.url, reading.mistakes)) return;
  const bool known = http.url.starts_with("https://") || http.url.starts_with("http://");
  if (!known)
    reading.mistakes.add(node.place(), quote(http.url) + " is no URL of HTTP", "write one like https://cmdb.internal/targets");
  const std::string authority = http.url.substr(0, http.url.find('/', http.url.find("//") + 2));
  if (known && authority.find('@') != std::string::npos)
    reading.mistakes.add(node.place(), "a URL with a user or password in it", "use `identity` for a client certificate");
}

void take_trust_name(const Node& node, HttpSd& http, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) http.trust = node.text();
}

void take_identity_name(const Node& node, HttpSd& http, Reading& reading) {
  if (check_word(node, "identity", names(reading.settings.identities), reading.mistakes)) http.identity = node.text();
}

constexpr Field<HttpSd> http_sd_rows[] = {
    {"url", take_url}, {"trust", take_trust_name}, {"identity", take_identity_name}, {"timeout", into<&HttpSd::timeout>}};

void take_http_sd(const Node& node, Discovery& discovery, Reading& reading) {
  HttpSd http;
  if (node.is_text()) take_url(node, http, reading);
  else take_section(node, http_sd_fields(), http, reading);
  if (!node.is_text() && node.find("url") == nullptr)
    reading.mistakes.add(node.place(), "`http_sd` without `url`", "give it one");
  discovery.source = std::move(http);
}

void take_names(const Node& node, Dns& dns, Reading& reading) {
  if (!take(node, dns.names, reading.mistakes)) return;
  for (const Node& item : node.items())
    if (!is_host(item.text()))
      reading.mistakes.add(item.place(), quote(item.text()) + " is no name", "write one like _https._tcp.internal");
}

void take_type(const Node& node, Dns& dns, Reading& reading) {
  static constexpr Word<DnsType> words[] = {{"A", DnsType::a}, {"AAAA", DnsType::aaaa}, {"SRV", DnsType::srv}};
  take_word<DnsType>(node, "type of record", words, dns.type, reading.mistakes);
}

void take_dns_port(const Node& node, Dns& dns, Reading& reading) {
  if (int port = 0; take_integer(node, 1, 65535, port, reading.mistakes)) dns.port = static_cast<std::uint16_t>(port);
}

constexpr Field<Dns> dns_rows[] = {
    {"names", take_names}, {"type", take_type}, {"port", take_dns_port}, {"servers", into<&Dns::servers>}};

void take_dns(const Node& node, Discovery& discovery, Reading& reading) {
  Dns dns;
  take_section(node, dns_fields(), dns, reading);
  if (node.is_mapping() && dns.names.empty()) reading.mistakes.add(node.place(), "`dns` without `names`", "list one at least");
  const bool service = dns.type == DnsType::srv;
  if (service != (dns.port == 0))
    reading.mistakes.add(node.place(), service ? "SRV records name their port themselves" : "A and AAAA records name no port",
                         service ? "leave `port` out" : "give it one: port: 443");
  discovery.source = std::move(dns);
}

void take_networks(const Node& node, std::vector<Network>& networks, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  for (const Node& item : node.items()) {
    std::string text;
    if (!take(item, text, reading.mistakes)) continue;
    const auto parsed = parse_network(text);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) reading.mistakes.add(item.place(), *wrong, "");
    else networks.push_back(std::get<Network>(parsed));
  }
}

template <auto member>
void networks_into(const Node& node, Sweep& sweep, Reading& reading) {
  take_networks(node, sweep.*member, reading);
}

template <typename Owner, std::vector<std::uint16_t> Owner::*member>
void ports_into(const Node& node, Owner& owner, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  for (const Node& item : node.items())
    if (int port = 0; take_integer(item, 1, 65535, port, reading.mistakes))
      (owner.*member).push_back(static_cast<std::uint16_t>(port));
}

constexpr Field<Sweep> sweep_rows[] = {{"cidrs", networks_into<&Sweep::cidrs>},
                                       {"exclude", networks_into<&Sweep::exclude>},
                                       {"ports", ports_into<Sweep, &Sweep::ports>},
                                       {"rate", integer_into<&Sweep::rate, 1, 10000>},
                                       {"in_flight", integer_into<&Sweep::in_flight, 1, 4096>}};

std::uint64_t pairs_of(const Sweep& sweep) {
  std::uint64_t addresses = 0;
  for (const Network& network : sweep.cidrs)
    addresses += network.prefix <= 128 - 25 ? sweep_limit + 1 : std::uint64_t{1} << (128 - network.prefix);
  return addresses * sweep.ports.size();
}

void take_sweep(const Node& node, Discovery& discovery, Reading& reading) {
  Sweep sweep;
  take_section(node, sweep_fields(), sweep, reading);
  if (sweep.cidrs.empty()) reading.mistakes.add(node.place(), "`sweep` without `cidrs`", "list one: cidrs: [10.1.0.0/24]");
  if (sweep.ports.empty()) reading.mistakes.add(node.place(), "`sweep` without `ports`", "list one: ports: [443, 8443]");
  if (pairs_of(sweep) > sweep_limit)
    reading.mistakes.add(node.place(), "a sweep of more than 16777216 addresses and ports", "name smaller ranges or fewer ports");
  discovery.source = std::move(sweep);
}

constexpr Field<Listeners> listeners_rows[] = {{"exclude_ports", ports_into<Listeners, &Listeners::exclude_ports>},
                                               {"rate", integer_into<&Listeners::rate, 1, 1000>}};

void take_listeners(const Node& node, Discovery& discovery, Reading& reading) {
  Listeners listeners;
  take_section(node, listeners_fields(), listeners, reading);
  discovery.source = std::move(listeners);
}

void take_module_name(const Node& node, Discovery& discovery, Reading& reading) {
  if (check_word(node, "module", names(reading.settings.modules), reading.mistakes))
    discovery.module = reading.settings.modules.at(node.text());
}

struct Kind {
  std::string_view key;
  std::chrono::milliseconds interval;  // unless written; files are looked at sooner where they change
};
constexpr Kind kinds[] = {{"file_sd", 5min}, {"http_sd", 1min},    {"dns", 30s},        {"sweep", 24h},  {"nginx", 5min},
                          {"haproxy", 5min}, {"kubernetes", 5min}, {"listeners", 1min}, {"consul", 5min}};
static_assert(std::size(kinds) == std::variant_size_v<DiscoverySource>);

constexpr Field<Discovery> fields[] = {
    {"name", into<&Discovery::name>},
    {"module", take_module_name},
    {"labels", labels_into<&Discovery::labels>},
    {"file_sd", take_files<FileSd>},
    {"http_sd", take_http_sd},
    {"dns", take_dns},
    {"sweep", take_sweep},
    {"nginx", take_files<Nginx>},
    {"haproxy", take_files<Haproxy>},
    {"kubernetes", take_kubernetes},
    {"listeners", take_listeners},
    {"consul", take_consul},
    {"interval", into<&Discovery::interval>},
};

std::size_t sources_in(const Node& item) {
  return static_cast<std::size_t>(
      std::count_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return item.find(kind.key) != nullptr; }));
}

Discovery entry(const Node& item, Reading& reading) {
  Discovery discovery;
  discovery.module = reading.settings.modules.at(std::string(default_module));
  take_fields(item, discovery_fields(), discovery, reading);
  if (discovery.interval.count() == 0) discovery.interval = kinds[discovery.source.index()].interval;
  return discovery;
}

// The source's key, numbered from the second on, unless somebody is called so.
std::string free_name(const Discovery& discovery, const std::set<std::string>& taken) {
  const std::string key(kinds[discovery.source.index()].key);
  std::string name = key;
  for (int number = 2; taken.contains(name); ++number) name = key + "_" + std::to_string(number);
  return name;
}

}  // namespace

Fields<Discovery> discovery_fields() { return fields; }
Fields<HttpSd> http_sd_fields() { return http_sd_rows; }
Fields<Dns> dns_fields() { return dns_rows; }
Fields<Sweep> sweep_fields() { return sweep_rows; }
Fields<Listeners> listeners_fields() { return listeners_rows; }

std::string_view kind_word(const DiscoverySource& source) { return kinds[source.index()].key; }

void take_discovery(const Node& node, Settings& settings, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  std::set<std::string> taken;
  for (const Node& item : node.items()) {
    if (!check_keys(item, keys(discovery_fields()), reading.mistakes)) continue;
    if (sources_in(item) != 1) {
      reading.mistakes.add(item.place(), "a discovery needs exactly one source, and has " + std::to_string(sources_in(item)),
                           "write one of file_sd, http_sd, dns, sweep, nginx, haproxy, kubernetes, listeners, consul");
      continue;
    }
    Discovery discovery = entry(item, reading);
    if (!discovery.name.empty() && !taken.insert(discovery.name).second)
      reading.mistakes.add(item.find("name")->place(), "duplicate name " + quote(discovery.name), "choose another `name`");
    settings.discovery.push_back(std::move(discovery));
  }
  for (Discovery& discovery : settings.discovery)
    if (discovery.name.empty()) taken.insert(discovery.name = free_name(discovery, taken));
}

}  // namespace config
