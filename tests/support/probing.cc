#include "tests/support/probing.h"

#include <algorithm>
#include <csignal>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/thread_pool.hpp>

#include "probes/probe.h"

namespace tests::support {

using probes::observations::Handshake;

namespace {

asio::awaitable<void> watch(probes::Surroundings surroundings, probes::Assignment assignment, asio::io_context& loop,
                            Handshake& seen) {
  seen = co_await probes::probe(surroundings, assignment);
  loop.stop();
}

}  // namespace

Handshake probe_once(const World& world, const Probing& probing) {
  std::signal(SIGPIPE, SIG_IGN);  // as the program does: OpenSSL writes into connections that have gone
  asio::io_context loop;
  asio::thread_pool signer(1);
  Handshake seen;
  {
    probes::net::Resolver resolver(loop.get_executor(), probing.name_servers);
    probes::tls::Contexts contexts;
    std::vector<X509*> anchors = probing.also_trusted;
    anchors.push_back(world.authority.certificate.get());
    config::Target target{.name = "target", .host = probing.host, .port = probing.port, .server_name = probing.server_name};
    target.name_judged = probing.name_judged;
    target.module = std::make_shared<const config::Module>(probing.module);
    probes::Assignment assignment{.target = std::make_shared<const config::Target>(std::move(target)),
                                  .identity = probing.identity,
                                  .trust = probes::chain::TrustStore::of("estate", anchors),
                                  .system = probing.system,
                                  .approach = probing.approach};
    assignment.name_may_leave = probing.name_may_leave;
    assignment.may_connect = probing.may_connect;
    probes::tls::FileContent password{.bytes = probes::tls::Secret(probing.proxy_password.size())};
    std::ranges::copy(probing.proxy_password, password.bytes.data());
    assignment.proxy_password = std::make_shared<const probes::tls::FileContent>(std::move(password));
    asio::co_spawn(loop, watch({resolver, contexts, signer.get_executor()}, std::move(assignment), loop, seen), asio::detached);
    loop.run();
  }
  return seen;
}

std::string outcome(const Handshake& seen) {
  const auto* failure = seen.failure();
  if (failure == nullptr) return "ok";
  std::string text = std::string(word(failure->stage)) + "/" + std::string(word(failure->reason));
  if (failure->alert) text += " " + std::to_string(*failure->alert);
  return text;
}

FullListener::FullListener() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  sockets_.push_back(socket(AF_INET, SOCK_STREAM, 0));
  bind(sockets_[0], reinterpret_cast<sockaddr*>(&address), size);
  getsockname(sockets_[0], reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  listen(sockets_[0], 0);
  for (int i = 0; i < 4; ++i) {
    sockets_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    connect(sockets_.back(), reinterpret_cast<sockaddr*>(&address), size);
  }
}

FullListener::~FullListener() {
  for (const int one : sockets_) close(one);
}

std::uint16_t closed_port() {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace tests::support
