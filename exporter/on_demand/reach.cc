#include "exporter/on_demand/reach.h"

#include <algorithm>

#include "config/closed.h"
#include "config/mistakes.h"

namespace exporter::on_demand {

using config::AddressBytes;
using config::closed;
using config::is_loopback;
using config::Network;
using config::ProbeAllow;
using config::quote;

namespace {

constexpr std::string_view loopback_closed = "loopback is not open; web.probe.allow would have to name a network of it";

bool name_matches(std::string_view name, std::string_view pattern) {
  if (pattern == "*") return true;
  if (!pattern.starts_with("*.")) return name == canonical_host(pattern);
  const std::string suffix = "." + canonical_host(pattern.substr(2));
  return name.size() > suffix.size() && name.ends_with(suffix);
}

bool name_is_open(const ProbeAllow& allow, const std::string& host) {
  const std::string name = canonical_host(host);
  return std::any_of(allow.names.begin(), allow.names.end(),
                     [&](const std::string& pattern) { return name_matches(name, pattern); });
}

bool in_a_network(const ProbeAllow& allow, const AddressBytes& address) {
  return std::any_of(allow.networks.begin(), allow.networks.end(),
                     [&](const Network& network) { return contains(network, address); });
}

// 0.0.0.0/0 was not written with this machine in mind.
bool loopback_is_open(const ProbeAllow& allow, const AddressBytes& address) {
  return std::any_of(allow.networks.begin(), allow.networks.end(),
                     [&](const Network& network) { return is_loopback(network) && contains(network, address); });
}

// RFC 6761 6.3: resolvers should know these for loopback, and some ask the DNS.
bool is_local_name(const std::string& host) {
  const std::string name = canonical_host(host);
  return name == "localhost" || name.ends_with(".localhost");
}

// Why the configuration does not open `address`; a name that is open needs no network where none is given.
std::string refusal_of(const ProbeAllow& allow, const AddressBytes& address, bool by_name) {
  if (is_loopback(address)) return loopback_is_open(allow, address) ? "" : std::string(loopback_closed);
  if (in_a_network(allow, address) || (by_name && allow.networks.empty())) return "";
  return "the address is in no network of web.probe.allow";
}

}  // namespace

std::optional<AddressBytes> literal(std::string_view host) {
  const auto parsed = config::parse_network(host.substr(0, host.find('%')));  // a zone says by which interface, not where
  const auto* network = std::get_if<Network>(&parsed);
  if (network == nullptr || host.find('/') != std::string_view::npos) return {};
  return network->first;
}

std::string canonical_host(std::string_view host) {
  if (const auto address = literal(host)) return {address->begin(), address->end()};
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

Reach Reach::of_target(const config::Target& target, std::optional<AddressBytes> only) {
  Reach reach;
  reach.configured_ = literal(target.host);
  reach.only_ = only;
  return reach;
}

Reach Reach::opened(const ProbeAllow& allow, const std::string& host, std::uint16_t port) {
  Reach reach;
  reach.allow_ = allow;
  const auto address = literal(host);
  reach.by_name_ = !address && name_is_open(allow, host);
  if (allow.ports.empty()) reach.refusal_ = "only configured targets can be probed; web.probe.allow opens more";
  else if (std::find(allow.ports.begin(), allow.ports.end(), port) == allow.ports.end())
    reach.refusal_ = "port " + std::to_string(port) + " is not in web.probe.allow.ports";
  else if (address) reach.refusal_ = reach.refusal(*address);
  else if (is_local_name(host) &&
           std::none_of(allow.networks.begin(), allow.networks.end(), [](const Network& one) { return is_loopback(one); }))
    reach.refusal_ = std::string(loopback_closed);
  else if (!reach.by_name_) reach.refusal_ = "the name " + quote(host) + " is not in web.probe.allow.names";
  return reach;
}

std::string Reach::refusal(const AddressBytes& address) const {
  if (only_ && *only_ != address) return "it is no address of the target";
  if (configured_ && *configured_ == address) return "";
  if (const auto why = closed(address); !why.empty()) return "the address is " + std::string(why) + ", which is never probed";
  return allow_ ? refusal_of(*allow_, address, by_name_) : "";
}

}  // namespace exporter::on_demand
