#include "probes/net/resolver.h"

#include <ares.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <csignal>
#include <functional>
#include <thread>

#include "tests/support/name_server.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/probing.h"
#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace probes::net {
namespace {

using namespace std::chrono_literals;
using observations::Failure;

asio::awaitable<void> look_up(Resolver& resolver, std::string name, std::chrono::milliseconds patience, Resolved& result,
                              std::size_t& left, asio::io_context& loop) {
  result = co_await resolver.resolve(std::move(name), std::chrono::steady_clock::now() + patience);
  if (--left == 0) loop.stop();
}

asio::awaitable<void> look_up_services(Resolver& resolver, std::string name, Records& result, asio::io_context& loop) {
  result = co_await resolver.records(std::move(name), RecordType::srv, std::chrono::steady_clock::now() + 5s);
  loop.stop();
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

// One resolver that lives through what happens to its name servers, as a lane's does.
class Lookups {
 public:
  explicit Lookups(NameServers servers) : resolver_(loop_.get_executor(), std::move(servers)) {}

  // All at once; "name_not_found" or the first address of each.
  std::vector<std::string> all(const std::vector<std::string>& names, std::chrono::milliseconds patience = 5s) {
    std::vector<Resolved> results(names.size());
    std::size_t left = names.size();
    for (std::size_t i = 0; i < names.size(); ++i)
      asio::co_spawn(loop_, look_up(resolver_, names[i], patience, results[i], left, loop_), asio::detached);
    loop_.restart();
    loop_.run();
    std::vector<std::string> words;
    for (const Resolved& result : results) words.push_back(said(result));
    return words;
  }
  std::string one(const std::string& name, std::chrono::milliseconds patience = 5s) { return all({name}, patience).front(); }

  // Asks again until this is the answer; false after ten seconds.
  bool becomes(const std::string& name, const std::string& answer) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (one(name) != answer) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(50ms);
    }
    return true;
  }

 private:
  asio::io_context loop_;
  Resolver resolver_;
};

std::vector<std::string> thirty(const std::string& suffix) {
  std::vector<std::string> names;
  for (int number = 0; number < 30; ++number) names.push_back("a.host" + std::to_string(number) + suffix);
  return names;
}

std::vector<std::string> thirty_times(const std::string& answer) { return std::vector<std::string>(30, answer); }

// A refused question is resolve_failed; where c-ares 1.18 loses the refusal (the next write on the socket takes it), it is
// resolve_timeout. Never name_not_found.
bool none_is_confident(const std::vector<std::string>& answers) {
  return std::ranges::all_of(answers,
                             [](const auto& answer) { return answer == "resolve_failed" || answer == "resolve_timeout"; });
}

template <typename Action>
std::chrono::milliseconds took(const Action& action) {
  const auto began = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

// A port that is refused by ICMP closes c-ares' socket within its own call; the next one has the number of the first.
TEST(Resolver, FindsAServerThatWasStartedAgain) {
  auto server = std::make_unique<tests::support::NameServer>();
  const std::uint16_t port = server->port();
  Lookups lookups({.list = server->address()});
  EXPECT_EQ(lookups.all(thirty(".example")), thirty_times("127.0.0.1"));
  server.reset();
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(none_is_confident(lookups.all(thirty(".example"), 1s)));
  server = std::make_unique<tests::support::NameServer>(port);
  EXPECT_EQ(lookups.all(thirty(".example")), thirty_times("127.0.0.1"));
}

TEST(Resolver, FindsACachingResolverThatWasStartedAgain) {
  const tests::support::TemporaryFolder folder;
  const std::uint16_t port = tests::support::closed_port();
  const auto started = [&] {
    return std::make_unique<tests::support::Process>(
        std::vector<std::string>{"dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                                 "--log-facility=-", "--pid-file", "--user=root", "--listen-address=127.0.0.1",
                                 "--bind-interfaces", "--port=" + std::to_string(port), "--address=/test/127.0.0.3"},
        folder.path() + "/log");
  };
  auto server = started();
  ASSERT_TRUE(server->listens(port));
  Lookups lookups({.list = "127.0.0.1:" + std::to_string(port)});
  EXPECT_EQ(lookups.all(thirty(".test")), thirty_times("127.0.0.3"));
  server.reset();
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(none_is_confident(lookups.all(thirty(".test"), 1s)));
  server = started();
  ASSERT_TRUE(server->listens(port));
  EXPECT_EQ(lookups.all(thirty(".test")), thirty_times("127.0.0.3"));
}

TEST(Resolver, FollowsAFileThatChanges) {
  const tests::support::NameServer old;
  const tests::support::NameServer other(old.port(), "127.0.0.2");
  const tests::support::TemporaryFolder folder;
  const std::string file = folder.write("resolv.conf", "nameserver 127.0.0.1\n");
  Lookups lookups({.file = file, .port = old.port()});
  EXPECT_EQ(lookups.one("who.example"), "127.0.0.1");
  folder.write("resolv.conf", "nameserver 127.0.0.2\n");  // in place
  EXPECT_TRUE(lookups.becomes("who.example", "127.0.0.2"));
  std::rename(folder.write("next", "nameserver 127.0.0.1\n").c_str(), file.c_str());
  EXPECT_TRUE(lookups.becomes("who.example", "127.0.0.1"));
}

TEST(Resolver, KeepsTheServersOfAFileThatHasGone) {
  const tests::support::NameServer server(0, "127.0.0.2");
  const tests::support::TemporaryFolder folder;
  const std::string file = folder.write("resolv.conf", "nameserver 127.0.0.2\n");
  Lookups lookups({.file = file, .port = server.port()});
  EXPECT_EQ(lookups.one("who.example"), "127.0.0.2");
  std::remove(file.c_str());
  std::this_thread::sleep_for(1200ms);  // the file is looked at once a second
  EXPECT_EQ(lookups.one("who.example"), "127.0.0.2");
}

// What is under way when the file changes ends with the servers it was asked of.
TEST(Resolver, AChangeCutsNoLookUpShort) {
  tests::support::NameServer old;
  const tests::support::NameServer other(old.port(), "127.0.0.2");
  const tests::support::TemporaryFolder folder;
  const std::string file = folder.write("resolv.conf", "nameserver 127.0.0.1\n");
  asio::io_context loop;
  Resolver resolver(loop.get_executor(), NameServers{.file = file, .port = old.port(), .patience = 1s});
  Resolved before, after;
  std::size_t left = 2;
  old.keep_silent(true);
  asio::co_spawn(loop, look_up(resolver, "who.example", 8s, before, left, loop), asio::detached);
  loop.run_for(50ms);
  folder.write("resolv.conf", "nameserver 127.0.0.2\n");
  loop.run_for(1300ms);
  old.keep_silent(false);
  asio::co_spawn(loop, look_up(resolver, "who.example", 8s, after, left, loop), asio::detached);
  loop.run_for(8s);
  ASSERT_EQ(left, 0u);
  EXPECT_EQ(said(before), "127.0.0.1");
  EXPECT_EQ(said(after), "127.0.0.2");
}

TEST(Resolver, SearchesTheDomainsOfTheFile) {
  const tests::support::NameServer server;
  const tests::support::TemporaryFolder folder;
  const std::string file =
      folder.write("resolv.conf", "nameserver 127.0.0.1\nsearch other.example corp.example\noptions ndots:2\n");
  Lookups lookups({.file = file, .port = server.port()});
  EXPECT_EQ(lookups.one("inner"), "127.0.0.1");
  EXPECT_EQ(lookups.one("inner.corp.example"), "127.0.0.1");
  EXPECT_EQ(lookups.one("missing"), "name_not_found");
  EXPECT_EQ(lookups.one("missing.one.two.three"), "name_not_found");
  EXPECT_EQ(lookups.one("inner."), "name_not_found");  // absolute: not searched
}

TEST(Resolver, ARefusedServerLeavesTheWorkToTheOther) {
  const tests::support::NameServer second(0, "127.0.0.2");
  const std::string refused = "127.0.0.1:" + std::to_string(tests::support::closed_port());
  Lookups lookups({.list = refused + "," + second.address(), .patience = 300ms});
  EXPECT_LT(took([&] { EXPECT_EQ(lookups.all(thirty(".example")), thirty_times("127.0.0.1")); }), 1s);
}

// The first look-ups wait for the first server; those after them do not, and find their way back when it answers again.
TEST(Resolver, OnlyTheFirstLookUpsWaitForASilentServer) {
  tests::support::NameServer first;
  const tests::support::NameServer second(0, "127.0.0.2");
  Lookups lookups({.list = first.address() + "," + second.address(), .patience = 500ms, .retry = 2s});
  EXPECT_EQ(lookups.one("who.example"), "127.0.0.1");
  first.keep_silent(true);
  EXPECT_EQ(lookups.all(thirty(".example")), thirty_times("127.0.0.1"));
  for (int round = 0; round < 3; ++round) {
    EXPECT_LT(took([&] { EXPECT_EQ(lookups.one("who.example"), "127.0.0.2"); }), 400ms);
    EXPECT_LT(took([&] { EXPECT_EQ(lookups.all(thirty(".example")), thirty_times("127.0.0.1")); }), 400ms);
  }
#if ARES_VERSION < 0x011d00  // from then on c-ares finds back itself, by chance and after five seconds
  first.keep_silent(false);
  EXPECT_TRUE(lookups.becomes("who.example", "127.0.0.1"));
#endif
}

// A name whose own servers are silent says nothing about ours.
TEST(Resolver, ANameNobodyAnswersForChangesNoOrder) {
  const tests::support::NameServer first;
  const tests::support::NameServer second(0, "127.0.0.2");
  Lookups lookups({.list = first.address() + "," + second.address(), .patience = 100ms});
  EXPECT_EQ(lookups.one("silent.example", 4s), "resolve_timeout");
  EXPECT_EQ(lookups.one("who.example"), "127.0.0.1");
}

TEST(Resolver, RecordsAreOfTheirTypeOrNone) {
  const tests::support::NameServer server;
  asio::io_context loop;
  Resolver resolver(loop.get_executor(), server.address());
  std::vector<Records> results;
  const auto ask = [](Resolver& asked, std::vector<Records>& into, asio::io_context& until) -> asio::awaitable<void> {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    into.push_back(co_await asked.records("a.example", RecordType::a, deadline));
    into.push_back(co_await asked.records("mapped.example", RecordType::aaaa, deadline));
    into.push_back(co_await asked.records("a.example", RecordType::srv, deadline));
    into.push_back(co_await asked.records("missing.example", RecordType::a, deadline));
    into.push_back(co_await asked.records("broken.example", RecordType::a, deadline));
    until.stop();
  };
  asio::co_spawn(loop, ask(resolver, results, loop), asio::detached);
  loop.run();
  EXPECT_EQ(std::get<std::vector<Record>>(results.at(0)), (std::vector<Record>{{.host = "127.0.0.1"}}));
  EXPECT_EQ(std::get<std::vector<Record>>(results.at(1)), (std::vector<Record>{{.host = "::ffff:169.254.169.254"}}));
  EXPECT_EQ(word(std::get<Failure>(results.at(2)).reason), "name_not_found");
  EXPECT_EQ(word(std::get<Failure>(results.at(3)).reason), "name_not_found");
  EXPECT_EQ(word(std::get<Failure>(results.at(4)).reason), "resolve_failed");
}

// What is missing is ours, whatever the library makes of it.
TEST(Resolver, WithoutASocketNothingIsSaidOfAName) {
  const tests::support::NameServer server;
  asio::io_context loop;
  Resolver resolver(loop.get_executor(), server.address());
  const auto ask = [&](const std::string& name) {
    Resolved result;
    std::size_t left = 1;
    loop.restart();
    asio::co_spawn(loop, look_up(resolver, name, 5s, result, left, loop), asio::detached);
    loop.run();
    return result;
  };
  const auto ask_services = [&](const std::string& name) {
    Records result;
    loop.restart();
    asio::co_spawn(loop, look_up_services(resolver, name, result, loop), asio::detached);
    loop.run();
    return result;
  };
  {
    const tests::support::NoDescriptors none;
    for (const char* name : {"a.example", "missing.example"}) {
      const Resolved result = ask(name);
      ASSERT_TRUE(std::holds_alternative<Failure>(result));
      EXPECT_EQ(std::get<Failure>(result).stage, observations::Stage::internal) << name << " " << said(result);
    }
    const Records services = ask_services("missing.example");
    ASSERT_TRUE(std::holds_alternative<Failure>(services));
    EXPECT_EQ(std::get<Failure>(services).stage, observations::Stage::internal);
  }
  EXPECT_EQ(said(ask("a.example")), "127.0.0.1");
  EXPECT_EQ(said(ask("missing.example")), "name_not_found");
}

}  // namespace
}  // namespace probes::net
