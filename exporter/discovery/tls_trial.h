// Whether an endpoint speaks TLS, in which protocol, and under which name: one probe without an identity for each protocol that
// is tried. What a sweep and the listeners of this host have in common. Used on the thread of its loop alone.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/source.h"
#include "exporter/discovery/sweep_order.h"
#include "probes/net/resolver.h"
#include "probes/tls/context.h"

namespace exporter::discovery {

// "192.0.2.1", "2001:db8::1".
[[nodiscard]] std::string address_text(const config::AddressBytes& address);

class TlsTrial {
 public:
  // `loop` outlives it, and runs what of() does.
  TlsTrial(asio::io_context& loop, std::function<MaterialsPtr()> materials);

  struct Outcome {
    std::optional<Candidate> speaks;  // host, port, protocol and the name that its certificate carries
    bool exhausted = false;           // there was no descriptor for it: nothing was found out
  };

  // The first of `protocols` that gets TLS. Each has five seconds.
  asio::awaitable<Outcome> of(Endpoint endpoint, std::vector<std::string_view> protocols);

  // What a port is tried with: its own protocol where it is a well-known one (the servers of most such protocols greet and hang
  // up on a ClientHello), then TLS from the first byte.
  [[nodiscard]] static std::vector<std::string_view> protocols_of(std::uint16_t port);

 private:
  std::shared_ptr<const config::Module> module_of(std::string_view protocol);

  const std::function<MaterialsPtr()> materials_;
  std::map<std::string, std::shared_ptr<const config::Module>> modules_;  // by protocol
  asio::thread_pool signer_{1};
  asio::thread_pool worker_{1};
  probes::net::Resolver resolver_;
  probes::tls::Contexts contexts_;
};

// The protocol that the module of what is found says, for trials; empty: it leaves it open. One without a dialogue is spoken to
// with TLS from the first byte.
[[nodiscard]] std::string written_protocol(const config::Discovery& discovery);

}  // namespace exporter::discovery
