// Networks as people write them: "10.0.0.0/8", "2001:db8::/32", or one address alone. Plain values, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace config {

// An address in 16 bytes; an IPv4 address as ::ffff:a.b.c.d (RFC 4291 2.5.5.2), so that both its notations are one address.
using AddressBytes = std::array<std::uint8_t, 16>;

struct Network {
  AddressBytes first{};
  int prefix = 128;  // bits of `first` that count; 96 and up for IPv4
  bool operator==(const Network&) const = default;
};

// The network, or what is wrong with `text` and what would be right.
[[nodiscard]] std::variant<Network, std::string> parse_network(std::string_view text);

// Whether `address` lies in `network`. An IPv6 network, "::/0" too, holds no IPv4 address.
[[nodiscard]] bool contains(const Network& network, const AddressBytes& address);

// Whether all of `inner` lies in `outer`.
[[nodiscard]] bool contains(const Network& outer, const Network& inner);

// ::ffff:a.b.c.d
[[nodiscard]] bool is_ipv4(const AddressBytes& address);

}  // namespace config
