// SSL contexts: one per (identity, TLS settings), made on first use, shared read-only afterwards. Each lane keeps its own
// set, so there is no lock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "config/settings.h"
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
  // The context for a module and an identity (null: none), or why there is none. The pointer is valid until the next call.
  [[nodiscard]] std::variant<SSL_CTX*, Unfit> get(const std::shared_ptr<const config::Module>& module,
                                                  const IdentityPtr& identity);

 private:
  struct Entry {
    std::shared_ptr<const config::Module> module;  // keeps the key's address from being used again
    Ptr<SSL_CTX> context;
    std::uint64_t used = 0;
  };
  void forget_the_oldest();
  std::map<std::pair<const config::Module*, std::uint64_t>, Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace probes::tls
