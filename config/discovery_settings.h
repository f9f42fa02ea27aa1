// Where targets are found besides the list of `targets`: one struct per source, and what is common to all. Part of Settings
// (settings.h), and as immutable. A source whose settings compare equal after a reload goes on where it was.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/consul_settings.h"
#include "config/kubernetes_settings.h"
#include "config/network.h"

namespace config {

struct Module;

// Prometheus's target files, JSON or YAML.
struct FileSd {
  std::vector<std::string> paths;  // files or globs; absolute, or relative to the configuration file
  bool operator==(const FileSd&) const = default;
};

// The same list as JSON from an HTTP server.
struct HttpSd {
  std::string url;                                               // http:// or https://, no credentials in it
  std::string trust;                                             // a trust store for the server; empty: the system's
  std::string identity;                                          // our client certificate; empty: none
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of a whole request
  bool operator==(const HttpSd&) const = default;
};

enum class DnsType : std::uint8_t { a, aaaa, srv };

// Names whose addresses (A, AAAA) or services (SRV) are targets.
struct Dns {
  std::vector<std::string> names;
  DnsType type = DnsType::srv;
  std::uint16_t port = 0;  // for A and AAAA
  std::string servers;     // "127.0.0.1:5353,[::1]:53"; empty: the system's
  bool operator==(const Dns&) const = default;
};

// Address ranges that are knocked at, to see what speaks TLS there.
struct Sweep {
  std::vector<Network> cidrs;
  std::vector<Network> exclude;  // never touched
  std::vector<std::uint16_t> ports;
  int rate = 50;       // connections begun in a second, at most
  int in_flight = 64;  // connections at once, at most
  bool operator==(const Sweep&) const = default;
};

// Address and port pairs of one sweep at most: four days at the default rate.
inline constexpr std::uint64_t sweep_limit = 1u << 24;

// Configuration files of web servers and proxies. Paths as FileSd's.
struct Nginx {
  std::vector<std::string> paths;
  bool operator==(const Nginx&) const = default;
};
struct Haproxy {
  std::vector<std::string> paths;
  bool operator==(const Haproxy&) const = default;
};

// The TCP ports that listen on this host.
struct Listeners {
  std::vector<std::uint16_t> exclude_ports;  // never touched
  int rate = 10;                             // connections begun in a second, at most
  bool operator==(const Listeners&) const = default;
};

// In the order of the keys `file_sd`, `http_sd`, `dns`, `sweep`, `nginx`, `haproxy`, `kubernetes`, `listeners`, `consul`.
using DiscoverySource = std::variant<FileSd, HttpSd, Dns, Sweep, Nginx, Haproxy, Kubernetes, Listeners, Consul>;

// Who holds a port of this host. Each is empty where it is not known.
struct Holder {
  std::string process;
  std::string unit;  // of systemd, or a container
  std::string user;
  auto operator<=>(const Holder&) const = default;
};

struct Discovery {
  std::string name;  // unique; without one the source's key, numbered from the second on: "file_sd_2"
  DiscoverySource source;
  std::shared_ptr<const Module> module;       // of targets that name none
  std::map<std::string, std::string> labels;  // on every target found, unless it has a label of that name itself
  std::chrono::milliseconds interval{};       // from one look to the next
};

// The key of a source: "file_sd".
[[nodiscard]] std::string_view kind_word(const DiscoverySource& source);

}  // namespace config
