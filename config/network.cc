#include "config/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "config/mistakes.h"

namespace config {
namespace {

constexpr int ipv4_prefix = 96;  // of ::ffff:0:0/96

std::optional<AddressBytes> bytes_of(std::string_view text, bool& ipv4) {
  if (text.find('\0') != std::string_view::npos) return {};  // inet_pton would stop there
  const std::string whole(text);
  AddressBytes bytes{};
  in_addr four{};
  ipv4 = inet_pton(AF_INET, whole.c_str(), &four) == 1;
  if (ipv4) {
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(bytes.data() + 12, &four, sizeof four);
    return bytes;
  }
  if (inet_pton(AF_INET6, whole.c_str(), bytes.data()) != 1) return {};
  return bytes;
}

bool bit(const AddressBytes& bytes, int index) {
  return (bytes[static_cast<std::size_t>(index) / 8] >> (7 - index % 8) & 1) != 0;
}

bool same_start(const AddressBytes& left, const AddressBytes& right, int bits) {
  for (int index = 0; index < bits; ++index)
    if (bit(left, index) != bit(right, index)) return false;
  return true;
}

}  // namespace

bool is_ipv4(const AddressBytes& address) {
  constexpr AddressBytes mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(mapped.begin(), mapped.begin() + 12, address.begin());
}

std::variant<Network, std::string> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  bool ipv4 = false;
  const auto bytes = bytes_of(text.substr(0, slash), ipv4);
  if (!bytes) return quote(text) + " is no network; write one like 10.0.0.0/8 or 2001:db8::/32";
  const int longest = ipv4 ? 32 : 128;
  int length = longest;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc() || end != digits.data() + digits.size() || length < 0 || length > longest)
      return quote(text) + " has no prefix length; write /0 to /" + std::to_string(longest);
  }
  const Network network{.first = *bytes, .prefix = ipv4 ? length + ipv4_prefix : length};
  for (int index = network.prefix; index < 128; ++index)
    if (bit(network.first, index))
      return quote(text) + " has bits beyond its prefix; write the network's first address, or a longer prefix";
  return network;
}

bool contains(const Network& network, const AddressBytes& address) {
  const bool ipv4 = network.prefix >= ipv4_prefix && is_ipv4(network.first);
  return ipv4 == is_ipv4(address) && same_start(network.first, address, network.prefix);
}

bool contains(const Network& outer, const Network& inner) { return inner.prefix >= outer.prefix && contains(outer, inner.first); }

}  // namespace config
