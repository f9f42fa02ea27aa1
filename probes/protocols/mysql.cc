// The protocol of MySQL and MariaDB: the server greets, an SSLRequest packet leads to TLS. After it a login without a password is
// tried where a `user` is written: an account with REQUIRE X509 says 1045 to who has no certificate that it takes.
#include <cstdint>
#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

using namespace bytes;

constexpr std::uint32_t long_password = 1, protocol_41 = 0x200, ssl = 0x800, secure_connection = 0x8000, plugin_auth = 0x80000;
constexpr std::uint32_t capabilities = long_password | protocol_41 | ssl | secure_connection | plugin_auth;
constexpr std::uint32_t packet_limit = 64 * 1024;
constexpr int access_denied = 1045;

std::string little_endian(std::uint32_t value, std::size_t octets) {
  std::string bytes = big_endian(value, octets);
  return {bytes.rbegin(), bytes.rend()};
}

std::string packet(const std::string& body, std::uint8_t sequence) {
  return little_endian(static_cast<std::uint32_t>(body.size()), 3) + static_cast<char>(sequence) + body;
}

// What SSLRequest and the login begin with.
std::string client_flags() {
  return little_endian(capabilities, 4) + little_endian(packet_limit, 4) + '\x21' + std::string(23, '\0');
}

struct Packet {
  Piece piece = {};  // its body; not ok: how the reading ended
  std::uint8_t sequence = 0;
  bool malformed = false;

  std::uint8_t kind() const { return piece.text.empty() ? 0xfd : static_cast<std::uint8_t>(piece.text[0]); }
};

asio::awaitable<Packet> read_packet(Reader& reader) {
  Packet read;
  read.piece = co_await reader.bytes(4);
  if (!read.piece.ok()) co_return read;
  const std::uint32_t size = from_little_endian(std::string_view(read.piece.text).substr(0, 3));
  read.sequence = static_cast<std::uint8_t>(read.piece.text[3]);
  read.malformed = size == 0 || size > packet_limit;
  if (!read.malformed) read.piece = co_await reader.bytes(size);
  co_return read;
}

constexpr std::uint8_t ok = 0x00, more = 0x01, switch_plugin = 0xfe, error = 0xff, protocol_version = 0x0a;

int error_code(const std::string& body) {
  return body.size() < 3 ? 0 : static_cast<int>(from_little_endian(std::string_view(body).substr(1, 2)));
}

// "ERR 1045 Access denied for user ..."
std::string error_text(const std::string& body) {
  std::string text = body.size() > 3 ? body.substr(3) : std::string();
  if (text.size() > 6 && text[0] == '#') text.erase(0, 6);  // the SQLSTATE
  return std::to_string(error_code(body)) + " " + text;
}

// Protocol version, server version, 0, thread, 8 octets, 0, and the lower half of the capabilities.
bool offers_tls(const std::string& greeting) {
  const std::size_t version_end = greeting.find('\0', 1);
  if (version_end == std::string::npos || greeting.size() < version_end + 1 + 4 + 8 + 1 + 2) return false;
  return (from_little_endian(std::string_view(greeting).substr(version_end + 14, 2)) & ssl) != 0;
}

}  // namespace

Upgrading mysql_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const Packet greeting = co_await read_packet(reader);
  if (!greeting.piece.ok()) co_return stopped(greeting.piece);
  if (greeting.malformed) co_return malformed("a packet of an impossible size");
  if (greeting.kind() == error) co_return refused(error_text(greeting.piece.text));
  if (greeting.kind() != protocol_version) co_return malformed("no greeting of protocol 10");
  if (!offers_tls(greeting.piece.text)) co_return refused("it has TLS switched off");
  if (reader.anything_left()) co_return agreed(reader);
  const std::string request = packet(client_flags(), 1);
  const Piece said = co_await reader.say(request);
  if (!said.ok()) co_return stopped(said);
  co_return agreed(reader);
}

Asking mysql_ask(net::Stream& stream, Question question) {
  if (question.user.empty()) co_return Answer{};  // nobody to log in as: TLS alone judges us
  Reader reader(stream);
  const std::string login = packet(client_flags() + question.user + '\0' + '\0' + "mysql_native_password" + '\0', 2);
  Piece said = co_await reader.say(login);
  for (int round = 0; said.ok() && round < 4; ++round) {
    const Packet answer = co_await read_packet(reader);
    if (!answer.piece.ok()) co_return unread(reader, answer.piece);
    if (answer.malformed) co_return nonsense("a packet of an impossible size");
    if (answer.kind() == ok) co_return answered("logged in");
    if (answer.kind() == error) co_return answered(error_text(answer.piece.text), error_code(answer.piece.text) == access_denied);
    if (answer.kind() != switch_plugin && answer.kind() != more) co_return nonsense("no answer to a login");
    const std::string no_password = packet({}, static_cast<std::uint8_t>(answer.sequence + 1));
    said = co_await reader.say(no_password);
  }
  if (!said.ok()) co_return unread(reader, said);
  co_return nonsense("it asks for ever more");
}

}  // namespace probes::protocols
