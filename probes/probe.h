// One probe, from the name to the verdict: resolve, connect, handshake, listen for the late verdict, ask, observe. A coroutine that
// stays on the lane it began on. Whatever happens is in the observation it returns; it never throws.
#pragma once

#include <chrono>
#include <memory>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "config/settings.h"
#include "probes/chain/trust_store.h"
#include "probes/net/resolver.h"
#include "probes/observations/handshake.h"
#include "probes/tls/context.h"
#include "probes/tls/identity.h"

namespace probes {

// What one probe is to do. Shared, immutable.
struct Assignment {
  std::shared_ptr<const config::Target> target;
  tls::IdentityPtr identity;   // null: no client certificate is offered
  chain::TrustStorePtr trust;  // never null
  chain::TrustStorePtr system = nullptr;  // the operating system's, to recognise public roots; null: they are not
  std::chrono::seconds judge_ahead{};  // certificates are judged as of now plus this
};

// What a probe uses of the lane it runs on. Borrowed; outlives the probe.
struct Surroundings {
  net::Resolver& resolver;
  tls::Contexts& contexts;
  asio::any_io_executor signer;  // where handshakes with a key in a token run: signing blocks
};

// Ends within the module's timeout, whatever the server does.
asio::awaitable<observations::Handshake> probe(Surroundings surroundings, Assignment assignment);

}  // namespace probes
