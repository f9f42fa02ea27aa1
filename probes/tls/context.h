// SSL contexts: one per (identity, TLS settings), made on first use, shared read-only afterwards. Each lane keeps its own
// set, so there is no lock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "config/settings.h"
#include "probes/observations/handshake.h"
#include "probes/tls/handles.h"
#include "probes/tls/identity.h"

namespace probes::tls {

// Why no context can be made: for people.
struct Unfit {
  std::string why;
  bool identity = false;  // the identity's certificate or key is what OpenSSL refuses; else the settings are
};

// A context offering `settings`, with `identity`'s certificate when there is one (borrowed during the call). Any thread.
[[nodiscard]] std::variant<Ptr<SSL_CTX>, Unfit> make_context(const config::Tls& settings, const Identity* identity);

// What OpenSSL does not understand in `settings` (a cipher list, a group); empty when all is well. Any thread.
[[nodiscard]] std::optional<std::string> unfit(const config::Tls& settings);

// The contexts of one lane; used on its thread only.
class Contexts {
 public:
  // What one try of a probe offers besides the module's settings.
  struct Variant {
    observations::Offer offer = observations::Offer::usual;
    bool tls12 = false;  // at most TLS 1.2
    auto operator<=>(const Variant&) const = default;
  };

  // The context for a module and an identity (null: none), or why there is none. `usual`: what the protocol offers by ALPN where
  // the module does not say. The pointer is valid until the next call.
  [[nodiscard]] std::variant<SSL_CTX*, Unfit> get(const std::shared_ptr<const config::Module>& module,
                                                  const IdentityPtr& identity, std::span<const std::string_view> usual,
                                                  Variant variant);

 private:
  struct Entry {
    std::shared_ptr<const config::Module> module;  // keeps the key's address from being used again
    Ptr<SSL_CTX> context;
    std::uint64_t used = 0;
  };
  void forget_the_oldest();
  std::map<std::tuple<const config::Module*, std::uint64_t, Variant>, Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace probes::tls
