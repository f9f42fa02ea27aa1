// The header that names a client's address ahead of everything else on a connection: haproxy's PROXY protocol, as `accept-proxy`
// and `listen ... proxy_protocol` insist on it. https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, sections 2.1
// and 2.2. Pure; any thread.
#pragma once

#include <string>

#include <asio/ip/tcp.hpp>

namespace probes::net {

// Version 1, a line of text. The ends are of one family; IPv4-mapped IPv6 addresses are written as IPv4.
[[nodiscard]] std::string proxy_header_v1(const asio::ip::tcp::endpoint& source, const asio::ip::tcp::endpoint& destination);

// Version 2, binary, with the command PROXY: LOCAL would make a server forget the header's addresses, and some refuse it.
[[nodiscard]] std::string proxy_header_v2(const asio::ip::tcp::endpoint& source, const asio::ip::tcp::endpoint& destination);

}  // namespace probes::net
