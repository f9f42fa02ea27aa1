// Who may hold how many file descriptors. Shared out at the start, so that idle web clients cannot take those of the probes, nor
// probes those of a scrape. Fixed things (event loops, listeners, files) are counted first, the web and /probe have a part of
// the limit, and scheduled probes have the rest. Pure, but for the last two.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

namespace exporter {

// What wants descriptors besides connections.
struct DescriptorNeeds {
  std::size_t cores = 1;             // at least 1: so many lanes are wanted
  std::size_t listen_addresses = 1;  // of the main server
  bool health_server = false;        // --web.probe-listen-address
  bool telemetry = false;            // --web.telemetry-listen-address
  std::size_t searches = 0;          // discovery sources, sweeps included
  std::size_t sweeps = 0;
  bool revocation = false;  // distribution points or responders are asked
};

struct DescriptorShares {
  std::size_t limit = 0;
  std::size_t lanes = 1;      // at most so many
  std::size_t web = 0;        // connections of the main server
  std::size_t health = 0;     // connections of the health server
  std::size_t probes = 0;     // scheduled probes at once
  std::size_t on_demand = 0;  // answers to /probe at once
  std::size_t sweep = 0;      // connections of each sweep at once
  std::size_t fixed = 0;      // everything else: loops, listeners, name servers, files, watches
  bool lowered = false;       // somebody has less than they would have without a limit
};

// The limit is too low to work with; at least `needed` would do.
struct TooFewDescriptors {
  std::size_t needed = 0;
};

[[nodiscard]] std::variant<DescriptorShares, TooFewDescriptors> shares_of(std::size_t limit, const DescriptorNeeds& needs);

// For people: what is wrong, and where it is mended.
[[nodiscard]] std::string explanation(std::size_t limit, const TooFewDescriptors& too_few);

// The soft RLIMIT_NOFILE; a very large number where there is none.
[[nodiscard]] std::size_t open_file_limit();

// Raises the soft limit to the hard one: the low soft limit is for programs that use select(2). Whoever wants less sets both. To
// be called at start; the limit is inherited by whatever this process starts.
void raise_open_file_limit();

}  // namespace exporter
