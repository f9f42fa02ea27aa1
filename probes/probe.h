// One probe, from the name to the verdict: resolve, connect (through a proxy), handshake, listen for the late verdict, ask,
// observe. A coroutine that stays on the lane it began on. Whatever happens is in the observation it returns; it never throws.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include "config/settings.h"
#include "probes/chain/trust_store.h"
#include "probes/net/resolver.h"
#include "probes/observations/handshake.h"
#include "probes/revocation/wanted.h"
#include "probes/tls/context.h"
#include "probes/tls/identity.h"
#include "probes/tls/secret_file.h"

namespace probes {

// What one probe is to do. Shared, immutable.
struct Assignment {
  std::shared_ptr<const config::Target> target;
  tls::IdentityPtr identity;                             // null: no client certificate is offered
  chain::TrustStorePtr trust;                            // never null
  chain::TrustStorePtr system = nullptr;                 // the operating system's, to recognise public roots; null: they are not
  std::shared_ptr<revocation::Remote> remote = nullptr;  // distribution points and responders; null: never asked
  std::chrono::seconds judge_ahead{};                    // certificates are judged as of now plus this
  std::chrono::milliseconds at_most{};   // of the whole probe, where that is less than the module's timeout; zero: no less
  observations::Approach approach = {};  // what an earlier probe of this server learnt
  bool settled_approach = false;         // no other offer than that of `approach` is tried: it is a knock
  bool keep_der = false;                 // the observation holds the certificates in DER, too
  std::stop_token abandon = {};          // once asked to stop, the probe ends as if its time were up
  // Asked of each address right before it is connected to, on the probe's thread; false passes it over. Empty: every address will
  // do.
  std::function<bool(const asio::ip::address&)> may_connect = nullptr;
  // Through a proxy: it may be asked for the name, which it looks up itself; false: for an address that the name has here and
  // that `may_connect` has judged.
  bool name_may_leave = true;
  std::shared_ptr<const tls::FileContent> proxy_password = nullptr;  // null: none is needed
  // Told, on the probe's thread, when this machine has no descriptor or memory for a socket: the failure, `internal`, then says
  // nothing of the server, and the probe is worth making again. May be empty.
  std::function<void()> exhausted = nullptr;
};

// What a probe uses of the lane it runs on. Borrowed; outlives the probe.
struct Surroundings {
  net::Resolver& resolver;
  tls::Contexts& contexts;
  asio::any_io_executor signer;       // where handshakes with a key in a token run: signing blocks
  asio::any_io_executor worker = {};  // where what takes long and cannot be interrupted is read and judged; empty: on the lane
};

// Ends within the module's timeout (and at_most), whatever the server does. What it is given is borrowed until it has ended:
// thousands of probes may be waiting for an answer, so a probe keeps no second copy of anything.
asio::awaitable<observations::Handshake> probe(const Surroundings& surroundings, const Assignment& assignment);

}  // namespace probes
