// The way of one probe to its server: directly, to the addresses of its name in turn, or through a proxy, which looks the name up
// itself. What a proxy refuses is of stage proxy and never the server's failure. Lives in the frame of its probe and on its lane;
// what it is given is borrowed and outlives it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>

#include "probes/net/socket.h"
#include "probes/observations/handshake.h"
#include "probes/probe.h"

namespace probes {

class Route {
 public:
  // `seen`: what is learnt of the way is written there.
  Route(const Surroundings& surroundings, const Assignment& assignment, net::Socket& socket, observations::Handshake& seen)
      : surroundings_(surroundings), assignment_(assignment), socket_(socket), seen_(seen) {}

  using Outcome = asio::awaitable<std::optional<observations::Failure>>;

  // Connects the socket to the server. Why there is no way, if there is none.
  Outcome reach();

  // A fresh connection to the server that was reached.
  Outcome reach_again();

 private:
  using Addresses = std::vector<asio::ip::address>;

  Outcome to_server();
  Outcome to_proxy();
  std::vector<asio::ip::tcp::endpoint> endpoints(const Addresses& addresses, std::uint16_t port, bool judged) const;
  Outcome connect(const Addresses& addresses, std::uint16_t port, bool judged);
  Outcome tunnel();
  asio::awaitable<std::optional<observations::Failure>> take_destination();
  observations::Failure exhausted(const std::string& why) const;
  observations::Failure proxy_unreachable(const std::string& why) const;

  const config::Target& target() const { return *assignment_.target; }
  const config::Proxy* proxy() const { return assignment_.target->module->proxy.get(); }
  bool may_connect(const asio::ip::address& address) const {
    return !assignment_.may_connect || assignment_.may_connect(address);
  }

  const Surroundings& surroundings_;
  const Assignment& assignment_;
  net::Socket& socket_;
  observations::Handshake& seen_;
  asio::ip::tcp::endpoint endpoint_;  // that the socket was connected to: the server's or the proxy's
  std::string destination_;           // whom the proxy is asked for
};

}  // namespace probes
