// The probes alone, one after the other on one lane, without schedule, estate and scrape: what one costs in CPU and, under
// callgrind, in instructions. Verdict and chain judgement included.
//
//   probe_loop ADDRESS PORT CERTIFICATE KEY COUNT ROOT SERVER_NAME [PROTOCOL] [AT_ONCE]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include "probes/probe.h"

namespace {

double cpu_milliseconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto milliseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
}

struct Tally {
  int wanted = 0;
  int begun = 0;
  int accepted = 0;
  int other = 0;
};

// One of those that probe at once: takes the next probe as long as there is one.
asio::awaitable<void> work(probes::Surroundings surroundings, probes::Assignment assignment, Tally& tally) {
  while (tally.begun < tally.wanted) {
    ++tally.begun;
    const auto seen = co_await probes::probe(surroundings, assignment);
    const bool good = seen.failure() == nullptr && seen.client.verdict == probes::observations::Verdict::accepted && seen.chain &&
                      seen.chain->valid;
    if (!good && tally.other == 0 && seen.failure() != nullptr)
      std::fprintf(stderr, "probe_loop: %s\n", seen.failure()->detail.c_str());
    ++(good ? tally.accepted : tally.other);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 8) return 2;
  const config::TrustStore anchors{.name = "root", .ca_files = {arguments[6]}};
  const config::Identity identity{.name = "identity", .certificate_file = arguments[3], .key_file = arguments[4]};
  config::Target target{.name = "target",
                        .host = arguments[1],
                        .port = static_cast<std::uint16_t>(std::atoi(arguments[2])),
                        .server_name = arguments[7]};
  config::Module module{.name = "module", .protocol = count > 8 ? arguments[8] : "tls"};
  // Nothing is offered under `tls`, as the plain loop offers nothing: a server that chose HTTP would leave its verdict open.
  if (module.protocol == "tls") module.tls.alpn.emplace();
  target.module = std::make_shared<const config::Module>(std::move(module));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const probes::Assignment assignment{.target = std::make_shared<const config::Target>(std::move(target)),
                                      .identity = probes::tls::Identity::load(identity, nullptr, now),
                                      .trust = probes::chain::TrustStore::load(anchors)};
  asio::io_context loop(1);
  asio::thread_pool signer(1);
  probes::net::Resolver resolver(loop.get_executor());
  probes::tls::Contexts contexts;
  Tally tally{.wanted = std::atoi(arguments[5])};
  const double before = cpu_milliseconds();
  for (int i = 0; i < (count > 9 ? std::atoi(arguments[9]) : 16); ++i)
    asio::co_spawn(loop, work({resolver, contexts, signer.get_executor()}, assignment, tally), asio::detached);
  while (tally.accepted + tally.other < tally.wanted) loop.run_one();
  std::printf("{\"probes\": %d, \"not_accepted\": %d, \"cpu_milliseconds\": %.4f}\n", tally.accepted + tally.other, tally.other,
              (cpu_milliseconds() - before) / tally.wanted);
  return tally.other == 0 ? 0 : 1;
}
