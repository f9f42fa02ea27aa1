#include "probes/net/proxy_protocol.h"

#include <cstdint>
#include <string_view>

#include "probes/bytes/big_endian.h"

namespace probes::net {

using asio::ip::tcp;

namespace {

// The two addresses in the form of their family: without a zone, which means something on this machine only.
struct Ends {
  bool v6;
  std::string source, destination;              // as text
  std::string source_bytes, destination_bytes;  // in network byte order
};

template <typename Address>
std::string bytes_of(const Address& address) {
  const auto bytes = address.to_bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_v4(const asio::ip::address& address) { return address.is_v4() || address.to_v6().is_v4_mapped(); }

asio::ip::address_v4 v4(const asio::ip::address& address) {
  return address.is_v4() ? address.to_v4() : asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

asio::ip::address_v6 v6(const asio::ip::address& address) {
  return address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4())
                         : asio::ip::address_v6(address.to_v6().to_bytes());
}

Ends ends(const tcp::endpoint& source, const tcp::endpoint& destination) {
  const auto make = [](bool is_v6, const auto& from, const auto& to) {
    return Ends{is_v6, from.to_string(), to.to_string(), bytes_of(from), bytes_of(to)};
  };
  if (is_v4(source.address()) && is_v4(destination.address()))
    return make(false, v4(source.address()), v4(destination.address()));
  return make(true, v6(source.address()), v6(destination.address()));
}

}  // namespace

std::string proxy_header_v1(const tcp::endpoint& source, const tcp::endpoint& destination) {
  const Ends both = ends(source, destination);
  return std::string("PROXY ") + (both.v6 ? "TCP6 " : "TCP4 ") + both.source + " " + both.destination + " " +
         std::to_string(source.port()) + " " + std::to_string(destination.port()) + "\r\n";
}

std::string proxy_header_v2(const tcp::endpoint& source, const tcp::endpoint& destination) {
  constexpr std::string_view signature("\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a", 12);
  constexpr char version_and_command = 0x21, tcp_over_ipv4 = 0x11, tcp_over_ipv6 = 0x21;
  const Ends both = ends(source, destination);
  std::string addresses = both.source_bytes + both.destination_bytes;
  addresses += bytes::big_endian(source.port(), 2) + bytes::big_endian(destination.port(), 2);

  std::string header(signature);
  header.push_back(version_and_command);
  header.push_back(both.v6 ? tcp_over_ipv6 : tcp_over_ipv4);
  header += bytes::big_endian(static_cast<std::uint32_t>(addresses.size()), 2);
  return header + addresses;
}

}  // namespace probes::net
