// What a handshake under way costs in memory: many probes at once of a server that accepts and says nothing. Prints one line of
// JSON.
//
//   in_flight ADDRESS PORT CERTIFICATE KEY COUNT ROOT SERVER_NAME
#include <malloc.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include "probes/probe.h"

namespace {

double resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6);
  return 0;
}

asio::awaitable<void> watch(const probes::Surroundings& surroundings, const probes::Assignment& assignment, int& timed_out) {
  const auto seen = co_await probes::probe(surroundings, assignment);
  timed_out += seen.failure() != nullptr && seen.failure()->reason == probes::observations::Reason::handshake_timeout;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 8) return 2;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  using namespace std::chrono_literals;
  const config::Identity identity{.name = "identity", .certificate_file = arguments[3], .key_file = arguments[4]};
  config::Target target{.name = "target",
                        .host = arguments[1],
                        .port = static_cast<std::uint16_t>(std::atoi(arguments[2])),
                        .server_name = arguments[7]};
  target.module = std::make_shared<const config::Module>(config::Module{.name = "module", .timeout = 10s});
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const probes::Assignment assignment{.target = std::make_shared<const config::Target>(std::move(target)),
                                      .identity = probes::tls::Identity::load(identity, nullptr, now),
                                      .trust = probes::chain::TrustStore::load({.name = "root", .ca_files = {arguments[6]}})};
  asio::io_context loop(1);
  asio::thread_pool signer(1);
  probes::net::Resolver resolver(loop.get_executor());
  probes::tls::Contexts contexts;
  const int wanted = std::atoi(arguments[5]);
  int timed_out = 0;
  const probes::Surroundings surroundings{resolver, contexts, signer.get_executor()};
  const auto begin = [&](int probes) {
    for (int i = 0; i < probes; ++i) asio::co_spawn(loop, watch(surroundings, assignment, timed_out), asio::detached);
  };
  begin(8);  // contexts, allocator and reactor are warm
  loop.run_for(1s);
  const double before = resident_kib();
  begin(wanted);
  loop.run_for(6s);
  const double after = resident_kib();
  loop.run_for(10s);
  std::printf("{\"in_flight\": %d, \"timed_out\": %d, \"kib_each\": %.1f}\n", wanted, timed_out, (after - before) / wanted);
  return timed_out == wanted + 8 ? 0 : 1;
}
