// One probe from a test: the world around it, with good defaults, and the observation it returns.
#pragma once

#include <asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "probes/observations/handshake.h"
#include "probes/tls/identity.h"
#include "tests/support/test_ca.h"

namespace tests::support {

// A small mTLS world: one CA for servers and clients, a good server certificate and a good client identity.
struct World {
  Issued authority = root("Estate CA");
  Issued server = issue({.common_name = "server", .names = {"DNS:localhost", "IP:127.0.0.1"}, .extended_key_usage = "serverAuth"},
                        &authority);
  Issued client = issue({.common_name = "service-a", .names = {}, .extended_key_usage = "clientAuth"}, &authority);

  [[nodiscard]] probes::tls::IdentityPtr identity() const {
    return probes::tls::Identity::of("service-a", {client.certificate.get()}, client.key.get());
  }
};

struct Probing {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string server_name = "localhost";
  bool name_judged = true;
  probes::tls::IdentityPtr identity;  // null: none
  config::Module module{.name = "test", .timeout = std::chrono::seconds(5)};
  std::vector<X509*> also_trusted;      // besides the world's CA
  probes::chain::TrustStorePtr system;  // null: public roots are not recognised
  std::string name_servers;             // as net::Resolver takes them
  probes::observations::Approach approach = {};
  std::string proxy_password = {};
  bool name_may_leave = true;
  std::function<bool(const asio::ip::address&)> may_connect = nullptr;
};

// Probes and waits for the observation; `world`'s CA is the trust store.
[[nodiscard]] probes::observations::Handshake probe_once(const World& world, const Probing& probing);

// "stage/reason" or "stage/reason alert"; "ok" without a failure.
[[nodiscard]] std::string outcome(const probes::observations::Handshake& seen);

// A port of 127.0.0.1 that nobody listens on.
[[nodiscard]] std::uint16_t closed_port();

// A listener whose queue is full and stays so: the kernel drops every further SYN.
class FullListener {
 public:
  FullListener();
  ~FullListener();
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

}  // namespace tests::support
