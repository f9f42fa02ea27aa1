// The lookalikes that knock: made once per identity and kept for some hours. Used on one lane's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>

#include "probes/tls/identity.h"

namespace exporter {

class Rogues {
 public:
  // The rogue that resembles `original`, or nobody in particular when it is null or has no certificate. Null only if OpenSSL
  // fails.
  [[nodiscard]] probes::tls::IdentityPtr like(const probes::tls::IdentityPtr& original, std::chrono::sys_seconds now);

 private:
  struct Entry {
    probes::tls::IdentityPtr rogue;
    std::chrono::sys_seconds made{};
  };
  std::map<std::uint64_t, Entry> by_generation_;
};

}  // namespace exporter
