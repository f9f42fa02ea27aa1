#include "config/closed.h"

#include <algorithm>
#include <vector>

namespace config {

namespace {

struct Kind {
  Network network;
  std::string_view why;
};

// "10.0.0.0/8", known to be right.
Network network(std::string_view text) { return std::get<Network>(config::parse_network(text)); }

const std::vector<Kind>& closed_kinds() {
  static const std::vector<Kind> kinds = {
      {network("0.0.0.0/8"), "unspecified"},                  // RFC 1122 3.2.1.3; Linux connects it to loopback
      {network("169.254.0.0/16"), "link-local"},              // RFC 3927; 169.254.169.254 and 169.254.170.2 are metadata services
      {network("224.0.0.0/4"), "multicast"},                  // RFC 5771
      {network("240.0.0.0/4"), "reserved or broadcast"},      // RFC 1112 4, RFC 919
      {network("100.100.100.200"), "a metadata service"},     // Alibaba Cloud
      {network("168.63.129.16"), "a metadata service"},       // Azure
      {network("192.0.0.0/24"), "a metadata service"},        // RFC 6890 (IETF protocol assignments); 192.0.0.192 is Oracle's
      {network("::"), "unspecified"},                         // RFC 4291 2.5.2; Linux connects it to loopback
      {network("fe80::/10"), "link-local"},                   // RFC 4291 2.5.6
      {network("fec0::/10"), "site-local"},                   // RFC 3879 deprecates them
      {network("ff00::/8"), "multicast"},                     // RFC 4291 2.7
      {network("fd00:ec2::/32"), "a metadata service"},       // AWS: ::254 and its neighbours
      {network("fd20:ce::254"), "a metadata service"},        // Google Cloud
      {network("fd00:c1::a9fe:a9fe"), "a metadata service"},  // Oracle Cloud
      {network("64:ff9b:1::/48"),
       "of a local translation prefix"},  // RFC 8215: which IPv4 address it means is known to the translator only
  };
  return kinds;
}

// The IPv4 address in four bytes of another.
AddressBytes ipv4_at(const AddressBytes& from, std::size_t offset, std::uint8_t mask = 0) {
  AddressBytes ipv4 = network("0.0.0.0").first;
  for (std::size_t byte = 0; byte < 4; ++byte) ipv4[12 + byte] = from[offset + byte] ^ mask;
  return ipv4;
}

// Where an IPv6 address leads in the IPv4 world, by every notation that some kernel, router or translator follows.
std::vector<AddressBytes> carried(const AddressBytes& address) {
  static const Network compatible = network("::/96"), translated = network("::ffff:0:0:0/96"), nat64 = network("64:ff9b::/96"),
                       six_to_four = network("2002::/16"), teredo = network("2001::/32");
  const auto in = [&](const Network& prefix) { return contains(prefix, address); };
  const bool isatap = (address[8] & ~2) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;  // RFC 5214 6.1
  std::vector<AddressBytes> found;
  if (in(compatible) && !is_loopback(address)) found.push_back(ipv4_at(address, 12));            // RFC 4291 2.5.5.1
  if (in(translated) || in(nat64) || isatap) found.push_back(ipv4_at(address, 12));              // RFC 2765 2.1, RFC 6052 2.1
  if (in(six_to_four)) found.push_back(ipv4_at(address, 2));                                     // RFC 3056 2
  if (in(teredo)) found.insert(found.end(), {ipv4_at(address, 4), ipv4_at(address, 12, 0xff)});  // RFC 4380 4
  return found;
}

std::string_view closed_by_itself(const AddressBytes& address) {
  const auto& kinds = closed_kinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& one) { return contains(one.network, address); });
  return kind == kinds.end() ? std::string_view() : kind->why;
}

}  // namespace

bool is_loopback(const AddressBytes& address) {
  static const Network four = network("127.0.0.0/8"), six = network("::1");
  return contains(four, address) || contains(six, address);
}

bool is_loopback(const Network& inner) {
  static const Network four = network("127.0.0.0/8"), six = network("::1");
  return contains(four, inner) || contains(six, inner);
}

std::string_view closed(const AddressBytes& address) {
  if (const auto why = closed_by_itself(address); !why.empty()) return why;
  for (const AddressBytes& inner : carried(address)) {
    if (is_loopback(inner)) return "loopback in another notation";
    if (const auto why = closed_by_itself(inner); !why.empty()) return why;
  }
  return {};
}

}  // namespace config
