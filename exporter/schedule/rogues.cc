#include "exporter/schedule/rogues.h"

#include "probes/client_auth/rogue.h"

namespace exporter {

namespace {

constexpr std::chrono::hours kept{6};
constexpr std::size_t kept_limit = 1024;  // identities that were rotated away leave their rogues behind until then

}  // namespace

probes::tls::IdentityPtr Rogues::like(const probes::tls::IdentityPtr& original, std::chrono::sys_seconds now) {
  const bool resembles = original && !original->chain().empty();
  const std::uint64_t generation = resembles ? original->generation() : 0;
  if (const auto found = by_generation_.find(generation); found != by_generation_.end() && now - found->second.made < kept)
    return found->second.rogue;
  if (by_generation_.size() >= kept_limit) by_generation_.clear();
  auto rogue = resembles ? probes::client_auth::rogue(*original, now) : probes::client_auth::nobody(now);
  by_generation_[generation] = {.rogue = rogue, .made = now};
  return rogue;
}

}  // namespace exporter
