// Flights of real servers, whole and in every way broken; flights made by hand where no server would send them.
#include "probes/look/flight_reader.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "probes/bytes/big_endian.h"
#include "probes/look/client_hello.h"
#include "tests/support/probing.h"
#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace probes::look {
namespace {

using namespace tests::support;
using namespace std::string_literals;
using bytes::big_endian;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// How the flight of a reader that was given `pieces` ends.
Flight read(const std::vector<std::string>& pieces) {
  FlightReader reader;
  for (const std::string& piece : pieces) reader.push(piece);
  return reader.flight();
}
Flight read(const std::string& bytes) { return read(std::vector{bytes}); }

std::vector<std::string> in_pieces(const std::string& bytes, std::size_t size) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

bool is_broken(const Flight& flight) { return std::holds_alternative<Broken>(flight); }
bool wants_more(const Flight& flight) { return std::holds_alternative<NeedMore>(flight); }

// The pieces that a flight is made of.
std::string with_length(std::size_t octets, const std::string& content) {
  return big_endian(static_cast<std::uint32_t>(content.size()), octets) + content;
}
std::string record(const std::string& fragment, std::uint32_t type = 22) {
  return big_endian(type, 1) + big_endian(0x0303, 2) + with_length(2, fragment);
}
std::string message(std::uint32_t type, const std::string& body) { return big_endian(type, 1) + with_length(3, body); }
std::string hello_body(std::uint32_t version = 0x0303, std::uint32_t cipher = 0xc02f, const std::string& rest = "") {
  return big_endian(version, 2) + std::string(32, 'r') + with_length(1, "session") + big_endian(cipher, 2) + '\0' + rest;
}
std::string hello(std::uint32_t version = 0x0303, std::uint32_t cipher = 0xc02f, const std::string& rest = "") {
  return message(2, hello_body(version, cipher, rest));
}
std::string certificates(const std::vector<std::string>& all) {
  std::string list;
  for (const std::string& one : all) list += with_length(3, one);
  return message(11, with_length(3, list));
}
const std::string name_a = "\x30\x03\x31\x01\x00"s;
std::string request(const std::string& names, const std::string& algorithms = "\x04\x01"s) {
  return message(13, with_length(1, "\x01\x40"s) + with_length(2, algorithms) + with_length(2, names));
}
const std::string key_exchange = message(12, "anything"), done = message(14, "");
std::string alert(std::uint32_t level, std::uint32_t number) { return record(big_endian(level, 1) + big_endian(number, 1), 21); }

std::vector<std::string> good() {
  return {hello(), certificates({"leaf", "issuer"}), key_exchange, request(with_length(2, name_a)), done};
}
std::string in_one_record(const std::vector<std::string>& messages) {
  std::string all;
  for (const std::string& one : messages) all += one;
  return record(all);
}
std::string in_records(const std::vector<std::string>& messages) {
  std::string all;
  for (const std::string& one : messages) all += record(one);
  return all;
}
// `good()` with one message exchanged.
std::string with(std::size_t place, const std::string& message) {
  auto messages = good();
  messages[place] = message;
  return in_records(messages);
}

const Look good_look{
    .version = 0x0303, .cipher = 0xc02f, .certificates = {"leaf", "issuer"}, .asks = true, .acceptable = {name_a}};

// openssl s_server, and what it answers to our hello.
class RealServer : public testing::Test {
 protected:
  std::string flight(std::vector<std::string> options) {
    folder_.write("leaf.pem", pem(leaf_.certificate.get()) + pem(leaf_.key.get()));
    folder_.write("root.pem", pem(authority_.certificate.get()));
    const std::uint16_t port = closed_port();
    std::vector<std::string> command = {"openssl",     "s_server",
                                        "-accept",     "127.0.0.1:" + std::to_string(port),
                                        "-cert",       folder_.path() + "/leaf.pem",
                                        "-cert_chain", folder_.path() + "/root.pem",
                                        "-www"};
    command.insert(command.end(), options.begin(), options.end());
    const Process server(command, folder_.path() + "/log");
    EXPECT_TRUE(server.listens(port));
    return answer(port);
  }
  std::vector<std::string> asking() const { return {"-Verify", "1", "-CAfile", folder_.path() + "/root.pem"}; }

  // For tests/fuzz/seeds/server_flight: MTLS_FLIGHT_SEEDS=FOLDER look_test. The first byte is the size of the target's pieces.
  static void keep(const std::string& name, const std::string& flight) {
    const char* folder = std::getenv("MTLS_FLIGHT_SEEDS");
    if (folder != nullptr) std::ofstream(folder + ("/" + name), std::ios::binary) << '\x07' << flight;
  }

  const Issued authority_ = root("Estate CA");
  const Issued leaf_ = issue({.common_name = "server"}, &authority_);
  TemporaryFolder folder_;

 private:
  // All that comes until the reader has enough or the server hangs up.
  static std::string answer(std::uint16_t port) {
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const std::string hello = client_hello({});
    EXPECT_EQ(send(connection, hello.data(), hello.size(), MSG_NOSIGNAL), static_cast<ssize_t>(hello.size()));
    FlightReader reader;
    std::string all(1u << 20, '\0');
    std::size_t size = 0;
    while (wants_more(reader.flight())) {
      const ssize_t more = recv(connection, all.data() + size, all.size() - size, 0);
      if (more <= 0) break;
      reader.push(std::string_view(all).substr(size, static_cast<std::size_t>(more)));
      size += static_cast<std::size_t>(more);
    }
    close(connection);
    return all.substr(0, size);
  }
};

TEST_F(RealServer, ShowsItsChainAndWhomItAsks) {
  auto options = asking();
  options.push_back("-tls1_2");
  const std::string all = flight(options);
  keep("asking", all);
  const Flight seen = read(all);
  ASSERT_TRUE(std::holds_alternative<Look>(seen));
  const Look& look = std::get<Look>(seen);
  EXPECT_EQ(look.version, 0x0303);
  EXPECT_THAT(look.certificates, ElementsAre(der(leaf_.certificate.get()), der(authority_.certificate.get())));
  EXPECT_TRUE(look.asks);
  unsigned char* name = nullptr;
  const int size = i2d_X509_NAME(X509_get_subject_name(authority_.certificate.get()), &name);
  EXPECT_THAT(look.acceptable, ElementsAre(std::string(reinterpret_cast<char*>(name), static_cast<std::size_t>(size))));
  OPENSSL_free(name);
}

// The answer does not depend on how the bytes come, and before the last of them there is none.
TEST_F(RealServer, IsReadInPiecesOfEverySize) {
  auto options = asking();
  options.push_back("-tls1_2");
  const std::string all = flight(options);
  const Flight whole = read(all);
  ASSERT_TRUE(std::holds_alternative<Look>(whole));
  for (const std::size_t size : {1, 2, 3, 5, 7, 100}) EXPECT_EQ(read(in_pieces(all, size)), whole) << size;
  for (std::size_t at = 0; at < all.size(); ++at) {
    FlightReader reader;
    ASSERT_TRUE(wants_more(reader.push(all.substr(0, at)))) << at;
    ASSERT_EQ(reader.push(all.substr(at)), whole) << at;
  }
}

TEST_F(RealServer, ThatDoesNotAskSaysSoAtItsEnd) {
  const std::string all = flight({"-tls1_2"});
  keep("not_asking", all);
  const Flight seen = read(all);
  ASSERT_TRUE(std::holds_alternative<Look>(seen));
  EXPECT_FALSE(std::get<Look>(seen).asks);
  EXPECT_THAT(std::get<Look>(seen).acceptable, IsEmpty());
}

// Its CertificateRequest has no signature algorithms.
TEST_F(RealServer, OfTls11IsRead) {
  auto options = asking();
  options.insert(options.end(), {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  const std::string all = flight(options);
  keep("tls11", all);
  const Flight seen = read(all);
  ASSERT_TRUE(std::holds_alternative<Look>(seen));
  EXPECT_EQ(std::get<Look>(seen).version, 0x0302);
  EXPECT_THAT(std::get<Look>(seen).acceptable, SizeIs(1));
}

TEST_F(RealServer, OfTls13AloneAnswersWithAnAlert) {
  const std::string all = flight({"-tls1_3"});
  keep("tls13_alone", all);
  EXPECT_EQ(read(all), Flight(Alert{70}));
}

TEST(FlightReader, PutsMessagesTogetherHoweverTheyLieInRecords) {
  EXPECT_EQ(read(in_records(good())), Flight(good_look));
  EXPECT_EQ(read(in_one_record(good())), Flight(good_look));
  std::string messages, octets;
  for (const std::string& one : good()) messages += one;
  for (const char octet : messages) octets += record(std::string(1, octet));
  EXPECT_EQ(read(octets), Flight(good_look));
}

TEST(FlightReader, DoesNotSayWhetherItIsAskedBeforeTheFlightIsComplete) {
  auto messages = good();
  messages.erase(messages.begin() + 3);  // the request
  messages.pop_back();
  EXPECT_TRUE(wants_more(read(in_records(messages))));
  messages.push_back(done);
  const Flight seen = read(in_records(messages));
  ASSERT_TRUE(std::holds_alternative<Look>(seen));
  EXPECT_FALSE(std::get<Look>(seen).asks);
}

TEST(FlightReader, AnEmptyListOfAuthoritiesIsAnAnswer) {
  const Flight seen = read(with(3, request("")));
  ASSERT_TRUE(std::holds_alternative<Look>(seen));
  EXPECT_TRUE(std::get<Look>(seen).asks);
  EXPECT_THAT(std::get<Look>(seen).acceptable, IsEmpty());
}

TEST(FlightReader, SeesLengthsThatLie) {
  EXPECT_TRUE(is_broken(read(with(0, message(2, hello_body() + "x")))));
  EXPECT_TRUE(is_broken(read(with(0, message(2, hello_body().substr(0, 20))))));
  EXPECT_TRUE(is_broken(read(with(0, message(2, "")))));
  EXPECT_TRUE(is_broken(read(with(0, hello(0x0303, 0xc02f, "\x00\x05\x00\x17\x00\x00"s)))));
  EXPECT_TRUE(is_broken(read(with(0, hello(0x0303, 0xc02f, "\x00\x04\x00\x17\x00\x01"s)))));
  EXPECT_TRUE(is_broken(read(with(1, message(11, "\x00\x00\x09\x00\x00\x04leaf"s)))));
  EXPECT_TRUE(is_broken(read(with(1, message(11, "\x00\x00\x07\x00\x00\x05leaf"s)))));
  EXPECT_TRUE(is_broken(read(with(1, message(11, with_length(3, with_length(3, "leaf")) + "x")))));
  EXPECT_TRUE(is_broken(read(with(1, message(11, "\x00"s)))));
  EXPECT_TRUE(is_broken(read(with(3, message(13, "\x09\x01"s)))));
  EXPECT_TRUE(is_broken(read(with(3, request(with_length(2, name_a) + "\x00"s)))));
  EXPECT_TRUE(is_broken(read(with(3, request("\x00\x09\x30\x03\x31\x01\x00"s)))));
  EXPECT_TRUE(is_broken(read(with(3, request(with_length(2, name_a + "x"))))));
  EXPECT_TRUE(is_broken(read(with(3, request(with_length(2, "\x30\x09\x31"s))))));
  EXPECT_TRUE(is_broken(read(with(4, message(14, "x")))));
}

TEST(FlightReader, WantsEachMessageInItsTurn) {
  const auto all = good();
  EXPECT_TRUE(is_broken(read(in_records({all[1]}))));
  EXPECT_TRUE(is_broken(read(in_records({done}))));
  EXPECT_TRUE(is_broken(read(in_records({all[0], done})))) << "a server without a certificate";
  EXPECT_TRUE(is_broken(read(in_records({all[0], all[3]}))));
  EXPECT_TRUE(is_broken(read(in_records({all[0], all[0]}))));
  EXPECT_TRUE(is_broken(read(in_records({all[0], all[1], all[1]}))));
  EXPECT_TRUE(is_broken(read(in_records({all[0], all[1], all[3], all[2]}))));
  EXPECT_TRUE(is_broken(read(in_records({all[0], all[1], all[3], all[3]}))));
  EXPECT_TRUE(is_broken(read(in_records({all[0], all[1], message(4, "")}))));
  EXPECT_EQ(read(in_records({message(0, ""), all[0], all[1], message(22, "status"), all[2], all[3], done})), Flight(good_look));
}

TEST(FlightReader, TakesNoOtherVersionAndSuiteThanWereOffered) {
  EXPECT_TRUE(is_broken(read(with(0, hello(0x0300)))));
  EXPECT_TRUE(is_broken(read(with(0, hello(0x0304)))));
  EXPECT_TRUE(is_broken(read(with(0, hello(0x0303, 0xc02f, "\x00\x06\x00\x2b\x00\x02\x03\x04"s))))) << "TLS 1.3 by an extension";
  EXPECT_TRUE(is_broken(read(with(0, hello(0x0303, 0x0034)))));
  EXPECT_EQ(read(with(0, hello(0x0303, 0xc02f, "\x00\x04\x00\x17\x00\x00"s))), Flight(good_look));
}

TEST(FlightReader, EndsWithAFatalAlertAndGoesOnAfterAWarning) {
  EXPECT_EQ(read(alert(2, 40)), Flight(Alert{40}));
  EXPECT_EQ(read(in_records({hello()}) + alert(2, 80)), Flight(Alert{80}));
  EXPECT_EQ(read(alert(1, 0)), Flight(Alert{0})) << "close_notify";
  EXPECT_EQ(read(alert(1, 112) + in_records(good())), Flight(good_look));
  EXPECT_TRUE(is_broken(read(alert(3, 40))));
  EXPECT_TRUE(is_broken(read(record("\x02"s, 21))));
  std::string warnings;
  for (int i = 0; i <= warnings_limit; ++i) warnings += alert(1, 112);
  EXPECT_TRUE(is_broken(read(warnings)));
}

TEST(FlightReader, KnowsWhatIsNoTls) {
  for (const std::string& said :
       {"SSH-2.0-OpenSSH_9.2p1\r\n"s, "HTTP/1.1 400 Bad Request\r\n"s, "220 mail ESMTP\r\n"s, "\x16\x00\x00\x00\x0a"s,
        "\x80\x2e\x04\x00\x01\x00\x02"s, "\x17\x03\x03\x00\x01x"s, "\x14\x03\x03\x00\x01\x01"s}) {
    EXPECT_EQ(read(said), Flight(NotTls{})) << said;
    EXPECT_EQ(read(in_pieces(said, 1)), Flight(NotTls{})) << said;
  }
  EXPECT_TRUE(is_broken(read(in_records({hello()}) + "HTTP/1.1 400"))) << "it began as TLS";
  EXPECT_TRUE(wants_more(read("")));
}

TEST(FlightReader, HasALimitForEverything) {
  EXPECT_TRUE(is_broken(read(record("")))) << "an empty record";
  EXPECT_TRUE(is_broken(read("\x16\x03\x03\x40\x01"s))) << "a record above 16 KiB, by its header alone";
  EXPECT_TRUE(wants_more(read("\x16\x03\x03\x40\x00"s)));
  const std::string too_long = big_endian(11, 1) + big_endian(message_limit + 1, 3);
  EXPECT_TRUE(is_broken(read(in_records({hello(), too_long})))) << "a message above the limit, by its header alone";
  std::vector<std::string> many(certificates_limit, "c");
  EXPECT_TRUE(std::holds_alternative<Look>(read(with(1, certificates(many)))));
  many.push_back("c");
  EXPECT_TRUE(is_broken(read(with(1, certificates(many)))));
  EXPECT_TRUE(is_broken(read(with(1, certificates({})))));
  EXPECT_TRUE(is_broken(read(with(1, certificates({"leaf", ""})))));
  std::string requests;
  for (int i = 0; i <= hello_requests_limit; ++i) requests += message(0, "");
  EXPECT_TRUE(is_broken(read(record(requests))));
}

// Records of one byte each: the bytes that are sent count, and not only those that are kept.
TEST(FlightReader, StopsAtItsLimitOfBytes) {
  const std::string start = big_endian(2, 1) + big_endian(message_limit, 3);
  std::string endless = record(start);
  while (endless.size() < 2 * bytes_limit) endless += record("x");
  EXPECT_TRUE(wants_more(read(endless.substr(0, bytes_limit))));
  EXPECT_TRUE(is_broken(read(endless.substr(0, bytes_limit + 1))));
  EXPECT_TRUE(is_broken(read(in_pieces(endless, 1000))));
}

TEST(FlightReader, AnAnswerStays) {
  FlightReader reader;
  reader.push(in_records(good()));
  EXPECT_EQ(reader.push(alert(2, 40)), Flight(good_look));
  EXPECT_EQ(read(in_records(good()) + "anything"), Flight(good_look));
}

}  // namespace
}  // namespace probes::look
