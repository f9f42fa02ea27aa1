#include "probes/net/resolver.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "tests/support/name_server.h"

namespace probes::net {
namespace {

using namespace std::chrono_literals;
using observations::Failure;

asio::awaitable<void> look_up(Resolver& resolver, std::string name, std::chrono::milliseconds patience, Resolved& result,
                              std::size_t& left, asio::io_context& loop) {
  result = co_await resolver.resolve(std::move(name), std::chrono::steady_clock::now() + patience);
  if (--left == 0) loop.stop();
}

// Looks up several names at once on one loop; the results in the order of the names.
std::vector<Resolved> resolve(const std::vector<std::string>& names, const std::string& servers,
                              std::chrono::milliseconds patience) {
  asio::io_context loop;
  std::vector<Resolved> results(names.size());
  Resolver resolver(loop.get_executor(), servers);
  std::size_t left = names.size();
  for (std::size_t i = 0; i < names.size(); ++i)
    asio::co_spawn(loop, look_up(resolver, names[i], patience, results[i], left, loop), asio::detached);
  loop.run();
  return results;
}

std::string said(const Resolved& resolved) {
  if (const auto* failure = std::get_if<Failure>(&resolved)) return std::string(word(failure->reason));
  return std::get<std::vector<asio::ip::address>>(resolved).front().to_string();
}

TEST(Resolver, LiteralsNeedNoServer) {
  const auto results = resolve({"127.0.0.1", "::1"}, "127.0.0.1:1", 1s);
  EXPECT_EQ(said(results[0]), "127.0.0.1");
  EXPECT_EQ(said(results[1]), "::1");
}

TEST(Resolver, EveryAnswerOfAServerHasItsResult) {
  const tests::support::NameServer server;
  const auto results = resolve({"a.example", "missing.example", "broken.example"}, server.address(), 5s);
  EXPECT_EQ(said(results[0]), "127.0.0.1");
  EXPECT_EQ(said(results[1]), "name_not_found");
  EXPECT_EQ(said(results[2]), "resolve_failed");
}

TEST(Resolver, ANameNobodyAnswersForDelaysNoOther) {
  const tests::support::NameServer server;
  const auto results = resolve({"silent.example", "a.example", "silent.another", "a.another"}, server.address(), 300ms);
  EXPECT_EQ(said(results[0]), "resolve_timeout");
  EXPECT_EQ(said(results[1]), "127.0.0.1");
  EXPECT_EQ(said(results[2]), "resolve_timeout");
  EXPECT_EQ(said(results[3]), "127.0.0.1");
}

TEST(Resolver, EveryAddressOfANameIsKept) {
  const tests::support::NameServer server;
  const auto results = resolve({"many.example"}, server.address(), 5s);
  EXPECT_EQ(std::get<std::vector<asio::ip::address>>(results[0]).size(), 28u);
}

}  // namespace
}  // namespace probes::net
