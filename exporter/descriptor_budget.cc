#include "exporter/descriptor_budget.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace exporter {

namespace {

// What each holds, counted on the running program.
constexpr std::size_t standard_streams = 3;
constexpr std::size_t loop = 3;          // epoll, its timer, its wake-up
constexpr std::size_t name_servers = 3;  // sockets of c-ares, and /etc/hosts
constexpr std::size_t listener = 2;      // the socket, and a newcomer for whom somebody else has yet to leave
constexpr std::size_t watches = 6;       // inotify and eventfd of the materials, twice while they are read anew, and of the files
constexpr std::size_t asking = 16;       // four requests to distribution points and responders, and the look-ups of their names
constexpr std::size_t telemetry = 16 + 20 + 4;  // civetweb's threads, its queue, what it holds itself
constexpr std::size_t files = 8;                // opened in passing: certificates, folders, /proc, the configuration, tokens

// What is wanted where there are enough.
constexpr std::size_t most_web = 1000, most_health = 100, most_on_demand = 256, most_probes = 8000, most_of_a_sweep = 4096;
// With fewer there is no point in starting.
constexpr std::size_t least_web = 4, least_health = 2, least_on_demand = 2, least_probes = 4;

constexpr std::size_t descriptors_of_a_lane = 64;  // a low limit is not spent on loops

std::size_t fixed(std::size_t lanes, const DescriptorNeeds& needs) {
  const std::size_t loops_with_names = lanes + 1 + needs.searches;  // 1: /probe
  return standard_streams + loops_with_names * (loop + name_servers) + loop + needs.listen_addresses * listener +
         (needs.health_server ? loop + listener : 0) + (needs.telemetry ? telemetry : 0) + (needs.revocation ? asking : 0) +
         watches + files;
}

std::optional<DescriptorShares> shared_out(std::size_t limit, const DescriptorNeeds& needs) {
  DescriptorShares shares{.limit = limit};
  shares.lanes = std::clamp<std::size_t>(limit / descriptors_of_a_lane, 1, needs.cores);
  shares.web = std::clamp(limit / 8, least_web, most_web);
  shares.health = needs.health_server ? std::clamp(limit / 32, least_health, most_health) : 0;
  shares.on_demand = std::clamp(limit / 32, least_on_demand, most_on_demand);
  if (needs.sweeps > 0) shares.sweep = std::clamp<std::size_t>(limit / 16 / needs.sweeps, 1, most_of_a_sweep);
  shares.fixed = fixed(shares.lanes, needs);
  const std::size_t taken = shares.fixed + shares.web + shares.health + shares.on_demand + shares.sweep * needs.sweeps;
  if (limit < taken + least_probes) return std::nullopt;
  shares.probes = std::min(limit - taken, most_probes);
  shares.lowered = shares.probes < most_probes || shares.web < most_web || shares.lanes < needs.cores;
  return shares;
}

}  // namespace

std::variant<DescriptorShares, TooFewDescriptors> shares_of(std::size_t limit, const DescriptorNeeds& needs) {
  if (const auto shares = shared_out(limit, needs)) return *shares;
  std::size_t needed = limit + 1;
  while (!shared_out(needed, needs)) ++needed;
  return TooFewDescriptors{needed};
}

std::string explanation(std::size_t limit, const TooFewDescriptors& too_few) {
  return "the limit of open files is " + std::to_string(limit) + ", and this configuration needs at least " +
         std::to_string(too_few.needed) + ": raise it (LimitNOFILE= of a systemd unit, `ulimit -n` of a shell)";
}

std::size_t open_file_limit() {
  constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max() / 2;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return unlimited;
  return static_cast<std::size_t>(files.rlim_cur);
}

void raise_open_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);  // may be forbidden: the shares are of the limit there is
}

}  // namespace exporter
