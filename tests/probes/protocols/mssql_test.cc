// MS-TDS 2.2.6.5, and how TLS travels in its packets.
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include "probes/protocols/dialogues.h"
#include "probes/protocols/tds.h"
#include "tests/support/scripted_stream.h"

namespace probes::protocols {
namespace {

using namespace std::literals;
using tests::support::run;
using tests::support::ScriptedStream;
using Result = Upgrade::Result;

const Question nobody{};

// VERSION and ENCRYPTION.
std::string options(char encryption) {
  return "\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff"s + std::string(6, '\x0c') + encryption;
}
std::string answer(const std::string& payload) { return tds::packets(tds::response, payload); }
Upgrade answered(const std::string& text) {
  ScriptedStream server({text});
  return run(mssql_starttls(server, nobody));
}

TEST(Mssql, AsksForEncryption) {
  ScriptedStream server({answer(options(1))});
  EXPECT_EQ(run(mssql_starttls(server, nobody)).result, Result::agreed);
  const std::string sent = server.written;
  ASSERT_EQ(sent.size(), 47u);
  EXPECT_EQ(sent.substr(0, 8), "\x12\x01\x00\x2f\x00\x00\x00\x00"s);  // PRELOGIN, the last packet, 47 octets
  EXPECT_EQ(sent[8 + 0x20], '\x01');                                  // ENCRYPT_ON, where the option says it stands
}

TEST(Mssql, TakesEveryModeThatEncrypts) {
  for (const char mode : {'\0', '\1', '\3'}) EXPECT_EQ(answered(answer(options(mode))).result, Result::agreed) << int{mode};
  EXPECT_EQ(answered(answer(options(2))).result, Result::refused);
  EXPECT_EQ(answered(answer(options(9))).result, Result::refused);
}

TEST(Mssql, ReadsAnAnswerInSeveralPackets) {
  const std::string whole = options(1);
  std::string first = answer(whole.substr(0, 7)), second = answer(whole.substr(7));
  first[1] = '\0';  // more follow
  EXPECT_EQ(answered(first + second).result, Result::agreed);
}

TEST(Mssql, KnowsWhatIsNoAnswer) {
  EXPECT_EQ(answered("HTTP/1.1 400 Bad Request\r\n").result, Result::malformed);
  EXPECT_EQ(answered(answer("\xaa\x00\x01"s)).result, Result::malformed);              // an error token
  EXPECT_EQ(answered(answer("\x00\x00\x0b\x00\x06\xff"s)).result, Result::malformed);  // nothing of encryption
  EXPECT_EQ(answered(answer("\x00\x00\x0b\x00\x06\x01\x00\x99\x00\x01\xff"s)).result, Result::malformed);  // beyond the end
  EXPECT_EQ(answered(answer("")).result, Result::malformed);
  EXPECT_EQ(answered("\x04\x01\x00\x03\x00\x00\x00\x00"s).result, Result::malformed);  // shorter than its header
  EXPECT_EQ(answered(answer(options(1)) + "x").result, Result::plaintext_left);
  EXPECT_EQ(answered("").result, Result::ended);
}

// A wire, and the other end of its connection.
class Wired : public testing::Test {
 protected:
  Wired() : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}), socket_(loop_.get_executor(), net::Moment::max()) {
    asio::co_spawn(loop_, socket_.connect(acceptor_.local_endpoint(), net::Moment::max()), asio::detached);
    loop_.run();
    other_.emplace(acceptor_.accept());
    wire_ = mssql_wire(socket_);
  }

  void comes(const std::string& bytes) { asio::write(*other_, asio::buffer(bytes)); }
  std::string received(std::size_t size) {
    std::string text(size, '\0');
    ssize_t came = -1;
    for (int tries = 0; came < 0 && tries < 1000; ++tries) {
      came = wire_->receive(text);
      if (came < 0) usleep(1000);
    }
    text.resize(came < 0 ? 0 : static_cast<std::size_t>(came));
    return text;
  }
  std::string left() {
    std::array<char, 16384> buffer{};
    const std::size_t size = other_->read_some(asio::buffer(buffer));
    return {buffer.data(), size};
  }

  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  net::Socket socket_;
  std::optional<asio::ip::tcp::socket> other_;
  std::unique_ptr<net::Wire> wire_;
};

TEST_F(Wired, WrapsWhatLeavesUntilTheHandshakeIsComplete) {
  EXPECT_EQ(wire_->send("hello"), 5);
  EXPECT_EQ(left(), "\x12\x01\x00\x0d\x00\x00\x00\x00hello"s);
  wire_->handshake_complete();
  EXPECT_EQ(wire_->send("hello"), 5);
  EXPECT_EQ(left(), "hello");
}

TEST_F(Wired, CutsWhatIsLongIntoPacketsOfOneMessage) {
  const std::string whole(5000, 'a');
  EXPECT_EQ(wire_->send(whole), 5000);
  std::string all;
  while (all.size() < 5016) all += left();
  EXPECT_EQ(all.substr(0, 4), "\x12\x00\x10\x00"s);
  EXPECT_EQ(all.substr(4096, 4), "\x12\x01\x03\x98"s);
}

TEST_F(Wired, UnwrapsPacketsAndThenTakesRecordsAsTheyAre) {
  comes("\x12\x00\x00\x0b\x00\x00\x00\x00"s + "abc" + "\x04\x01\x00\x0a\x00\x00\x00\x00"s + "de" + "\x17\x03\x03"s);
  std::string all;
  while (all.size() < 8) all += received(2);
  EXPECT_EQ(all, "abcde\x17\x03\x03");
}

TEST_F(Wired, WaitsForTheRestOfAHeader) {
  comes("\x12\x01"s);
  char byte = 0;
  EXPECT_EQ(wire_->receive({&byte, 1}), -1);
  comes("\x00\x09\x00\x00\x00\x00x"s);
  EXPECT_EQ(received(10), "x");
}

TEST_F(Wired, EndsAtWhatIsNoPacket) {
  comes("HTTP/1.1 ");
  usleep(20'000);
  char byte = 0;
  EXPECT_EQ(wire_->receive({&byte, 1}), -1);
  EXPECT_EQ(errno, EPROTO);
  other_->close();
}

}  // namespace
}  // namespace probes::protocols
