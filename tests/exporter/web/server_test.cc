#include "exporter/web/server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <future>
#include <optional>
#include <random>
#include <stop_token>
#include <thread>

#include "exporter/web/endpoints.h"
#include "tests/exporter/web/client.h"
#include "tests/exporter/web/unzip.h"
#include "tests/support/no_descriptors.h"

namespace exporter::web {
namespace {

using namespace std::chrono_literals;
using tests::web::Answer;
using tests::web::ask;
using tests::web::Client;
using tests::web::get;

Sources sources() {
  return {
      .scrape =
          [](Format format) {
            return pieces_of(format == Format::text ? "up 1\n" + std::string(4000, '#') + "\n" : std::string("up 1\n# EOF\n"));
          },
      .every_target_tried = [] { return true; },
      .reload = [] { return std::nullopt; },
      .enable_lifecycle = true};
}

// A running server on a free port.
struct Open {
  explicit Open(ServerLimits limits = {}, std::vector<Route> more = {}) : server(options(limits), routes(std::move(more))) {
    server.start();
    address = server.addresses().front();
  }
  static ServerOptions options(const ServerLimits& limits) { return {.listen_addresses = {"127.0.0.1:0"}, .limits = limits}; }
  static std::vector<Route> routes(std::vector<Route> more) {
    std::vector<Route> all = endpoints(sources());
    for (Route& route : more) all.push_back(std::move(route));
    return all;
  }
  Server server;
  std::string address;
};

TEST(Server, AnswersAScrape) {
  const Open open;
  const Answer answer = ask(open.address, get("/metrics"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer.headers.at("content-length"), std::to_string(answer.body.size()));
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(answer.body.starts_with("up 1\n"));
}

TEST(Server, NegotiatesFormatAndCoding) {
  const Open open;
  EXPECT_EQ(ask(open.address, get("/metrics", "Accept: application/openmetrics-text\r\n")).body, "up 1\n# EOF\n");
  const Answer zipped = ask(open.address, get("/metrics", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(zipped.headers.at("content-encoding"), "gzip");
  EXPECT_LT(zipped.body.size(), 200u);
  EXPECT_TRUE(zipped.body.starts_with("\x1f\x8b"));
}

TEST(Server, SaysWhatIsWrongWithARequest) {
  const Open open;
  EXPECT_EQ(ask(open.address, get("/nowhere")).status, 404);
  const Answer wrong = ask(open.address, "DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(ask(open.address, get("/" + std::string(9000, 'a'))).status, 414);
  EXPECT_EQ(ask(open.address, get("/", "X: " + std::string(200'000, 'a') + "\r\n")).status, 431);
  EXPECT_EQ(ask(open.address, "POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(200'000, 'a'))
                .status,
            413);
  EXPECT_EQ(ask(open.address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n").status,
            400);
  EXPECT_EQ(ask(open.address, "GET / HTTP/2.0\r\n\r\n").status, 505);
}

TEST(Server, AnswersHeadWithoutABody) {
  const Open open;
  const Answer answer = ask(open.address, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-length"), "4006");
  EXPECT_EQ(answer.body, "");
}

TEST(Server, IgnoresAPipelinedSecondRequest) {
  const Open open;
  const Answer answer = ask(open.address, get("/-/healthy") + get("/metrics"));
  EXPECT_EQ(answer.body, "mtls_exporter is healthy.\n");
}

TEST(Server, AHandlerThatThrowsIsAnInternalError) {
  const Open open({}, {{"/throws", {"GET"}, at_once([](const Request&) -> Response { throw std::runtime_error("secret"); })}});
  const Answer answer = ask(open.address, get("/throws"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.bytes.find("secret"), std::string::npos);
}

TEST(Server, AHandlerMayReplyLater) {
  std::promise<Reply> asked;
  const Open open({}, {{"/later", {"GET"}, [&](const RequestPtr&, const Reply& reply) { asked.set_value(reply); }}});
  const Client client(open.address);
  client.send(get("/later"));
  const Reply reply = asked.get_future().get();
  reply({.body = "first"});
  reply({.body = "second"});
  EXPECT_EQ(client.answer().body, "first");
}

// What /probe gives its probes up by.
TEST(Server, TellsAHandlerThatItsClientHasGone) {
  std::promise<std::stop_token> asked;
  const Open open({}, {{"/later", {"GET"}, [&](const RequestPtr& request, const Reply&) { asked.set_value(request->gone); }}});
  std::optional<Client> client(open.address);
  client->send(get("/later"));
  const std::stop_token gone = asked.get_future().get();
  EXPECT_FALSE(gone.stop_requested());
  std::promise<void> told;
  const std::stop_callback callback(gone, [&] { told.set_value(); });
  client.reset();
  EXPECT_EQ(told.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Server, BytesAfterARequestAreNoGoodbye) {
  std::promise<std::pair<std::stop_token, Reply>> asked;
  const Open open({}, {{"/later", {"GET"}, [&](const RequestPtr& request, const Reply& reply) {
                          asked.set_value({request->gone, reply});
                        }}});
  const Client client(open.address);
  client.send(get("/later") + "more");
  const auto [gone, reply] = asked.get_future().get();
  client.send("and more");
  EXPECT_FALSE(gone.stop_requested());
  reply({.body = "answer"});
  EXPECT_EQ(client.answer().body, "answer");
}

TEST(Server, AHandlerThatNeverRepliesIsGivenUp) {
  const Open open({.answer_time = 50ms}, {{"/never", {"GET"}, [](const RequestPtr&, const Reply&) {}}});
  EXPECT_EQ(ask(open.address, get("/never")).status, 503);
}

TEST(Server, AReplyAfterTheEndDoesNoHarm) {
  std::promise<Reply> asked;
  std::optional<Open> open;
  open.emplace(ServerLimits{},
               std::vector<Route>{{"/later", {"GET"}, [&](const RequestPtr&, const Reply& reply) { asked.set_value(reply); }}});
  const Client client(open->address);
  client.send(get("/later"));
  const Reply reply = asked.get_future().get();
  open.reset();
  reply({.body = "too late"});
  EXPECT_TRUE(client.closed());
}

TEST(Server, CutsATrickledRequestAtTheDeadline) {
  const Open open({.request_time = 200ms});
  const Client client(open.address);
  const std::string bytes = get("/metrics");
  const auto begun = std::chrono::steady_clock::now();
  std::size_t sent = 0;
  // One byte whenever nothing has come back yet: at this pace the request would take over ten times the deadline.
  pollfd waiting{.fd = client.number(), .events = POLLIN, .revents = 0};
  while (sent + 1 < bytes.size() && ::poll(&waiting, 1, 100) == 0) client.send({&bytes[sent++], 1});
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 200ms);
  EXPECT_LT(sent + 1, bytes.size());
}

TEST(Server, ClosesASilentConnectionAtTheDeadline) {
  const Open open({.request_time = 100ms});
  EXPECT_TRUE(Client(open.address).closed());
}

void allow_many_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

class IdleConnections : public testing::TestWithParam<int> {};

TEST_P(IdleConnections, DoNotHoldUpAScrape) {
  allow_many_descriptors();
  const Open open;
  std::vector<Client> idle;
  for (int count = 0; count < GetParam(); ++count) {
    idle.emplace_back(open.address);
    if (count % 2 == 0) idle.back().send("GET /metrics HTTP/1.1\r\nHost");
  }
  EXPECT_EQ(ask(open.address, get("/metrics")).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Two, IdleConnections, testing::Values(2, 100, 500));

// A server with five idle clients, in a process that has no descriptor left but those that a test gives back.
class FullTable : public testing::Test {
 protected:
  FullTable() {
    const std::size_t before = open_descriptors();
    for (int count = 0; count < 5; ++count) idle_.emplace_back(open_.address);
    while (open_descriptors() < before + 10) std::this_thread::sleep_for(1ms);  // both ends of each
    limit_.emplace(1024);
    fill();
  }

  static std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
  }

  void fill() {
    for (int number = ::dup(STDERR_FILENO); number >= 0; number = ::dup(STDERR_FILENO)) taken_.emplace_back(number);
  }

  const Open open_;
  std::vector<Client> idle_;
  std::optional<tests::support::NoDescriptors> limit_;
  std::vector<Descriptor> taken_;
};

TEST_F(FullTable, SomebodyIdleMakesRoomForWhoeverAsks) {
  taken_.pop_back();
  const auto begun = std::chrono::steady_clock::now();
  const Client late(open_.address);  // has the last one
  late.send(get("/metrics"));
  EXPECT_EQ(late.answer().status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s);
}

TEST_F(FullTable, NobodyGoesWhereNobodyWaits) {
  taken_.pop_back();
  taken_.pop_back();
  const Client last(open_.address);  // has both
  last.send(get("/metrics"));
  EXPECT_EQ(last.answer().status, 200);
  for (const Client& client : idle_) {
    client.send(get("/metrics"));
    EXPECT_EQ(client.answer().status, 200);
  }
}

TEST(Server, SlowReadersDoNotHoldUpAScrape) {
  allow_many_descriptors();
  std::atomic<int> rendered = 0;
  Sources large = sources();
  large.scrape = [&](Format) { return ++rendered, pieces_of(std::string(8 * 1024 * 1024, '#')); };
  Server server({.listen_addresses = {"127.0.0.1:0"}}, endpoints(large));
  server.start();
  std::vector<Client> slow;
  for (int count = 0; count < 500; ++count) {
    slow.emplace_back(server.addresses().front(), 4096);
    slow.back().send(get("/metrics"));
  }
  EXPECT_EQ(ask(server.addresses().front(), get("/metrics")).body.size(), 8u * 1024 * 1024);
  EXPECT_EQ(ask(server.addresses().front(), get("/-/healthy")).status, 200);
}

// `count` pieces of a hundred thousand bytes, each of the next letter.
Pieces alphabet(int count) {
  return [count, given = 0, piece = std::string()]() mutable -> std::string_view {
    if (given == count) return {};
    piece.assign(100'000, static_cast<char>('a' + given++ % 26));
    return piece;
  };
}

std::string text_of(const Pieces& pieces) {
  std::string all;
  for (std::string_view piece = pieces(); !piece.empty(); piece = pieces()) all.append(piece);
  return all;
}

TEST(Server, SendsATextOfManyPiecesInChunks) {
  Sources many = sources();
  many.scrape = [](Format) { return alphabet(30); };
  Server server({.listen_addresses = {"127.0.0.1:0"}}, endpoints(many));
  server.start();
  const std::string address = server.addresses().front(), wanted = text_of(alphabet(30));
  const Answer chunked = ask(address, get("/metrics"));
  EXPECT_EQ(chunked.headers.at("transfer-encoding"), "chunked");
  EXPECT_TRUE(chunked.whole);
  EXPECT_TRUE(chunked.body == wanted) << chunked.body.size();
  const Answer old = ask(address, "GET /metrics HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.headers.count("transfer-encoding") + old.headers.count("content-length"), 0u);
  EXPECT_TRUE(old.body == wanted) << old.body.size();
  const Answer head = ask(address, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(head.bytes.substr(head.bytes.find("\r\n\r\n")), "\r\n\r\n");
  const Answer zipped = ask(address, get("/metrics", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(zipped.headers.at("content-encoding"), "gzip");
  EXPECT_TRUE(tests::web::unzipped(zipped.body) == wanted);
}

TEST(Server, SendsGzipOfManyPiecesInChunks) {
  std::string noise(1'000'000, '\0');
  std::mt19937 random(1);
  for (char& byte : noise) byte = static_cast<char>(random());
  Sources large = sources();
  large.scrape = [&](Format) { return pieces_of(noise); };
  Server server({.listen_addresses = {"127.0.0.1:0"}}, endpoints(large));
  server.start();
  const Answer zipped = ask(server.addresses().front(), get("/metrics", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(zipped.headers.at("transfer-encoding"), "chunked");
  EXPECT_TRUE(zipped.whole);
  EXPECT_TRUE(tests::web::unzipped(zipped.body) == noise);
}

TEST(Server, AScrapeHalfSentWaitsForNoHandler) {
  Sources many = sources();
  many.scrape = [](Format) { return alphabet(300); };
  std::promise<void> entered, released;
  std::vector<Route> routes = endpoints(many);
  routes.push_back({"/busy", {"GET"}, at_once([&](const Request&) -> Response {
                      entered.set_value();
                      released.get_future().wait();
                      return {};
                    })});
  Server server({.listen_addresses = {"127.0.0.1:0"}, .limits = {.handler_threads = 1}}, std::move(routes));
  server.start();
  const Client reader(server.addresses().front(), 4096), busy(server.addresses().front());
  reader.send(get("/metrics"));
  char first = 0;
  ASSERT_EQ(::recv(reader.number(), &first, 1, MSG_PEEK), 1);
  busy.send(get("/busy"));
  entered.get_future().wait();  // the only handler thread has begun the scrape and is busy now
  EXPECT_EQ(reader.answer().body.size(), 30'000'000u);
  released.set_value();
}

TEST(Server, MakesNoMoreThanItsReaderTakes) {
  std::atomic<int> made = 0;
  Sources endless = sources();
  endless.scrape = [&](Format) {
    return [&made, piece = std::string(256 * 1024, '#')] { return ++made, std::string_view(piece); };
  };
  Server server({.listen_addresses = {"127.0.0.1:0"}, .limits = {.connections = 1, .sending_time = 300ms}}, endpoints(endless));
  server.start();
  const Client slow(server.addresses().front(), 4096);
  slow.send(get("/metrics"));
  // The only place is free again once the server has given up.
  while (made == 0 || ask(server.addresses().front(), get("/-/healthy")).status == 503) continue;
  EXPECT_LT(made, 100) << "what the kernel's buffers hold, not what there is";
}

TEST(Server, ATextThatBreaksOffIsNotTakenForWhole) {
  Sources broken = sources();
  broken.scrape = [](Format) {
    return [pieces = alphabet(5)]() -> std::string_view {
      std::string_view piece = pieces();
      if (piece.starts_with('d')) throw std::runtime_error("no memory");
      return piece;
    };
  };
  Server server({.listen_addresses = {"127.0.0.1:0"}}, endpoints(broken));
  server.start();
  const Answer answer = ask(server.addresses().front(), get("/metrics"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.whole);
  EXPECT_EQ(answer.body.size(), 300'000u);
  // HTTP/1.0 has no chunks: there only a reset tells.
  const Client old(server.addresses().front());
  old.send("GET /metrics HTTP/1.0\r\n\r\n");
  ssize_t got = 1;
  for (std::array<char, 65536> buffer; got > 0;) got = ::recv(old.number(), buffer.data(), buffer.size(), 0);
  EXPECT_EQ(got, -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST(Server, GivesUpOnAReaderThatNeverReads) {
  Sources large = sources();
  large.scrape = [](Format) { return pieces_of(std::string(64 * 1024 * 1024, '#')); };
  Server server({.listen_addresses = {"127.0.0.1:0"}, .limits = {.connections = 1, .sending_time = 100ms}}, endpoints(large));
  server.start();
  const Client slow(server.addresses().front(), 4096);
  slow.send(get("/metrics"));
  // The only place is free again once the server has given up.
  while (ask(server.addresses().front(), get("/-/healthy")).status == 503) continue;
  EXPECT_LT(slow.rest().size(), 64u * 1024 * 1024);
}

TEST(Server, AnIdleConnectionMakesRoomWhenThePlaceIsFull) {
  const Open open({.connections = 3});
  const Client first(open.address), second(open.address), third(open.address);
  EXPECT_EQ(ask(open.address, get("/metrics")).status, 200);
  EXPECT_TRUE(first.closed());
}

TEST(Server, TurnsAwayWhenEverybodyIsBusy) {
  std::promise<Reply> asked;
  const Open open({.connections = 1},
                  {{"/later", {"GET"}, [&](const RequestPtr&, const Reply& reply) { asked.set_value(reply); }}});
  const Client busy(open.address);
  busy.send(get("/later"));
  const Reply reply = asked.get_future().get();
  EXPECT_EQ(Client(open.address).answer().status, 503);
  reply({.body = "done"});
  EXPECT_EQ(busy.answer().body, "done");
  EXPECT_EQ(ask(open.address, get("/-/healthy")).status, 200);
}

TEST(Server, SurvivesFiveThousandMalformedRequests) {
  const Open open;
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const std::vector<std::string> models = {
      get("/metrics", "Accept: text/plain;q=0.5\r\nAccept-Encoding: gzip\r\n"),
      "POST /-/reload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
      "GET /-/ready?a=%20&b=+ HTTP/1.0\r\nX: y\r\n\r\n",
  };
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = models[random() % models.size()];
    for (auto edits = 1 + random() % 6; edits > 0; --edits) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.insert(at, 1, "\r\n \t:,;%\0/"[random() % 10]); break;
        case 2: bytes.erase(at, 1 + random() % 4); break;
        default: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 20)); break;
      }
      if (bytes.empty()) bytes = "x";
    }
    const Client client(open.address);
    client.send(bytes);
    ::shutdown(client.number(), SHUT_WR);
    const std::string answer = client.rest();
    ASSERT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 ")) << testing::PrintToString(bytes);
  }
  EXPECT_EQ(ask(open.address, get("/metrics")).status, 200);
}

TEST(Server, AnEmptyHostAnswersOverBothProtocols) {
  Server server({.listen_addresses = {":0"}}, endpoints(sources()));
  server.start();
  const std::string address = server.addresses().front();
  const std::string port = address.substr(address.rfind(':'));
  EXPECT_EQ(ask("127.0.0.1" + port, get("/-/healthy")).status, 200);
  if (!address.starts_with("[::]")) GTEST_SKIP() << "this machine has no IPv6";
  EXPECT_EQ(ask("[::1]" + port, get("/-/healthy")).status, 200);
}

TEST(Server, SaysWhichAddressCannotBeUsed) {
  const Open open;
  Server second({.listen_addresses = {"127.0.0.1:0", open.address}}, endpoints(sources()));
  try {
    second.start();
    FAIL() << "the port is taken";
  } catch (const ListenError& error) {
    EXPECT_NE(std::string(error.what()).find(open.address), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace exporter::web
