// Where a server listens, as people write it: "name:443", "192.0.2.1:443", "[2001:db8::1]:443".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace config {

struct Address {
  std::string host;  // a name or an IP literal without brackets
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

// The address, or what is wrong with `text` and what would be right. Ports 1 to 65535.
[[nodiscard]] std::variant<Address, std::string> parse_address(std::string_view text);

// Could be looked up in the DNS (letters, digits, "-", "_" and dots; RFC 1035 2.3.4 lengths), or is an IP literal without
// brackets.
[[nodiscard]] bool is_host(std::string_view text);

// "host:port", with brackets around an IPv6 literal.
[[nodiscard]] std::string address_text(const Address& address);

}  // namespace config
