// PostgreSQL's frontend protocol 3: SSLRequest, and after TLS the startup message. What a server makes of our certificate beyond
// TLS it says in the answer to that: pg_hba.conf's `clientcert` and `cert`.
#include <cstdint>
#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/dialogues.h"
#include "probes/protocols/reader.h"

namespace probes::protocols {

namespace {

using namespace bytes;

constexpr std::uint32_t ssl_request = 80877103, protocol_3_0 = 196608, message_limit = 64 * 1024;

std::string startup(const std::string& user) {
  std::string body = big_endian(protocol_3_0, 4);
  for (const std::string& field : {std::string("user"), user, std::string("database"), std::string("postgres"),
                                   std::string("application_name"), std::string("mtls_exporter")})
    body += field + '\0';
  body += '\0';
  return big_endian(static_cast<std::uint32_t>(body.size() + 4), 4) + body;
}

struct Message {
  Piece piece = {};  // its body; not ok: how the reading ended
  char type = 0;
  bool malformed = false;
};

asio::awaitable<Message> read_message(Reader& reader) {
  Message message;
  message.piece = co_await reader.bytes(5);
  if (!message.piece.ok()) co_return message;
  message.type = message.piece.text[0];
  const std::uint32_t size = from_big_endian(std::string_view(message.piece.text).substr(1));
  message.malformed = size < 4 || size > message_limit;
  if (!message.malformed) message.piece = co_await reader.bytes(size - 4);
  co_return message;
}

// The fields of an ErrorResponse: a letter and a string each.
std::string field(const std::string& body, char letter) {
  for (std::size_t at = 0; at < body.size() && body[at] != '\0';) {
    const std::size_t end = std::min(body.find('\0', at), body.size());
    if (body[at] == letter) return body.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  return {};
}

// SQLSTATE 28000 is said of a certificate that is missing or not this user's, of an address that pg_hba.conf does not admit, and
// of a role that does not exist. Messages are translated; the file's name and the routine's are not.
bool minds_certificate(const std::string& body) {
  if (field(body, 'C') != "28000" || field(body, 'R') == "InitializeSessionUserId") return false;
  return field(body, 'M').find("pg_hba.conf") == std::string::npos;
}

}  // namespace

Upgrading postgres_starttls(net::Stream& stream, const Question&) {
  Reader reader(stream);
  const std::string request = big_endian(8, 4) + big_endian(ssl_request, 4);
  Piece answer = co_await reader.say(request);
  if (answer.ok()) answer = co_await reader.bytes(1);
  if (!answer.ok()) co_return stopped(answer);
  const char letter = answer.text[0];
  if (letter == 'S') co_return agreed(reader);
  if (letter == 'N') co_return refused("it has TLS switched off (ssl = off)");
  if (letter == 'E') co_return refused("it answered with an error");  // a server that is older than TLS, or out of processes
  co_return malformed(answer.text);
}

Asking postgres_ask(net::Stream& stream, Question question) {
  Reader reader(stream);
  const std::string opening = startup(question.user.empty() ? "mtls_exporter" : question.user);
  const Piece said = co_await reader.say(opening);
  if (!said.ok()) co_return unread(reader, said);
  for (;;) {
    const Message message = co_await read_message(reader);
    if (!message.piece.ok()) co_return unread(reader, message.piece);
    if (message.malformed) co_return nonsense("a message of an impossible size");
    if (message.type == 'R') co_return answered("it goes on to authenticate");
    if (message.type == 'E') {
      const std::string& body = message.piece.text;
      co_return answered(field(body, 'C') + " " + field(body, 'M'), minds_certificate(body));
    }
    if (message.type != 'N' && message.type != 'v') co_return nonsense("a message of type " + std::string(1, message.type));
  }
}

}  // namespace probes::protocols
