#include "probes/look/flight_reader.h"

#include <utility>

#include "probes/bytes/big_endian.h"
#include "probes/bytes/der_cursor.h"
#include "probes/look/client_hello.h"

namespace probes::look {

namespace {

using bytes::Cursor;

constexpr std::uint8_t alert_record = 21, handshake_record = 22;
constexpr std::size_t record_header = 5, message_header = 4;
constexpr std::size_t fragment_limit = 1u << 14;  // RFC 5246 6.2.1
constexpr std::uint8_t warning = 1, fatal = 2, close_notify = 0;
constexpr std::uint16_t supported_versions = 43;

std::uint8_t octet(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

// RFC 5246 7.4.1.4: a list of them may end the hello. False where its lengths lie, or one of them chooses a version that is not
// in the hello's own field.
bool reads_extensions(Cursor& hello) {
  if (hello.at_end()) return true;
  Cursor list(hello.bytes(hello.number(2)));
  if (!hello.good() || !hello.at_end()) return false;
  while (!list.at_end()) {
    const std::uint64_t type = list.number(2);
    list.bytes(list.number(2));
    if (!list.good() || type == supported_versions) return false;
  }
  return true;
}

// RFC 5246 7.4.4: a DistinguishedName is DER; its header and length are looked at.
bool is_name(std::string_view name) {
  bytes::DerCursor cursor(name);
  return cursor.next(0x30) && cursor.at_end();
}

}  // namespace

const Flight& FlightReader::push(std::string_view bytes) {
  if (ended()) return flight_;
  const std::string_view taken = bytes.substr(0, bytes_limit - received_);
  received_ += taken.size();
  bytes_ += taken;
  std::size_t read = 0;
  while (const std::size_t size = read_record(std::string_view(bytes_).substr(read))) read += size;
  bytes_.erase(0, read);
  if (!ended() && taken.size() < bytes.size()) end(Broken{"a flight of more bytes than the limit"});
  if (ended()) {
    bytes_ = {};
    messages_ = {};
    look_ = {};
  }
  return flight_;
}

std::size_t FlightReader::read_record(std::string_view bytes) {
  if (ended() || bytes.empty()) return 0;
  const std::uint8_t type = octet(bytes, 0);
  const bool is_tls = (type == alert_record || type == handshake_record) && (bytes.size() < 2 || octet(bytes, 1) == 3);
  if (!is_tls) {
    end(any_record_ ? Flight(Broken{"a record of another kind"}) : Flight(NotTls{}));
    return 0;
  }
  if (bytes.size() < record_header) return 0;
  const std::size_t size = bytes::from_big_endian(bytes.substr(3, 2));
  // RFC 5246 6.2.1: no empty fragments of handshakes and alerts.
  if (size == 0 || size > fragment_limit) {
    end(Broken{"a record of an impossible length"});
    return 0;
  }
  if (bytes.size() - record_header < size) return 0;
  any_record_ = true;
  const std::string_view fragment = bytes.substr(record_header, size);
  if (type == alert_record) {
    read_alert(fragment);
  } else {
    messages_ += fragment;
    read_messages();
  }
  return record_header + size;
}

void FlightReader::read_messages() {
  std::size_t read = 0;
  while (const std::size_t size = read_message(std::string_view(messages_).substr(read))) read += size;
  messages_.erase(0, read);
}

void FlightReader::read_alert(std::string_view alert) {
  if (alert.size() != 2) return end(Broken{"an alert that is none"});
  const std::uint8_t level = octet(alert, 0), number = octet(alert, 1);
  if (level == fatal || number == close_notify) return end(Alert{number});
  // Servers warn of a name that they do not have and go on.
  if (level != warning || ++warnings_ > warnings_limit) end(Broken{"alerts without end"});
}

std::size_t FlightReader::read_message(std::string_view messages) {
  if (ended() || messages.size() < message_header) return 0;
  const std::size_t size = bytes::from_big_endian(messages.substr(1, 3));
  if (size > message_limit) {
    end(Broken{"a message above the limit"});
    return 0;
  }
  if (messages.size() - message_header < size) return 0;
  read(octet(messages, 0), messages.substr(message_header, size));
  return message_header + size;
}

// Each at most once, and none before those it rests on: no suite was offered whose server has no certificate.
bool FlightReader::is_turn_of(Turn turn) {
  const bool next = turn <= Turn::certificate ? static_cast<int>(turn) == static_cast<int>(turn_) + 1
                                              : turn > turn_ && turn_ >= Turn::certificate;
  if (next) turn_ = turn;
  else end(Broken{"a message out of turn"});
  return next;
}

void FlightReader::read(std::uint8_t type, std::string_view body) {
  switch (type) {
    case 0:  // HelloRequest, RFC 5246 7.4.1.1: passed over while a handshake is under way
      if (!body.empty() || ++hello_requests_ > hello_requests_limit) end(Broken{"hello requests without end"});
      break;
    case 2:
      if (is_turn_of(Turn::hello)) read_hello(body);
      break;
    case 11:
      if (is_turn_of(Turn::certificate)) read_certificates(body);
      break;
    case 22:  // CertificateStatus
      (void)is_turn_of(Turn::status);
      break;
    case 12:  // ServerKeyExchange: of no use without cryptography
      (void)is_turn_of(Turn::key_exchange);
      break;
    case 13:
      if (is_turn_of(Turn::request)) read_request(body);
      break;
    case 14:
      // Only now is it sure that a server which has not asked does not.
      if (!is_turn_of(Turn::done)) break;
      if (!body.empty()) end(Broken{"a ServerHelloDone that is none"});
      else end(std::exchange(look_, {}));
      break;
    default: end(Broken{"an unknown message"});
  }
}

void FlightReader::read_hello(std::string_view body) {
  Cursor hello(body);
  look_.version = static_cast<std::uint16_t>(hello.number(2));
  hello.bytes(32);  // its random
  const std::uint64_t session = hello.number(1);
  hello.bytes(session);
  look_.cipher = static_cast<std::uint16_t>(hello.number(2));
  const std::uint64_t compression = hello.number(1);
  if (!hello.good() || session > 32 || compression != 0 || !reads_extensions(hello))
    return end(Broken{"a ServerHello that is none"});
  if (look_.version < 0x0301 || look_.version > 0x0303) return end(Broken{"a version that was not offered"});
  if (!offers(look_.cipher)) end(Broken{"a cipher suite that was not offered"});
}

void FlightReader::read_certificates(std::string_view body) {
  Cursor message(body);
  Cursor list(message.bytes(message.number(3)));
  bool good = message.good() && message.at_end() && !list.at_end();
  while (good && !list.at_end()) {
    const std::string_view certificate = list.bytes(list.number(3));
    good = list.good() && !certificate.empty() && look_.certificates.size() < certificates_limit;
    if (good) look_.certificates.emplace_back(certificate);
  }
  if (!good) end(Broken{"a list of certificates that is none"});
}

// RFC 5246 7.4.4; before TLS 1.2 it has no signature algorithms (RFC 4346 7.4.4).
void FlightReader::read_request(std::string_view body) {
  Cursor request(body);
  const std::string_view types = request.bytes(request.number(1));
  const std::string_view algorithms = look_.version >= 0x0303 ? request.bytes(request.number(2)) : std::string_view();
  Cursor names(request.bytes(request.number(2)));
  bool good = request.good() && request.at_end() && !types.empty() && algorithms.size() % 2 == 0;
  while (good && !names.at_end()) {
    const std::string_view name = names.bytes(names.number(2));
    good = names.good() && is_name(name);
    if (good) look_.acceptable.emplace_back(name);
  }
  look_.asks = true;
  if (!good) end(Broken{"a CertificateRequest that is none"});
}

}  // namespace probes::look
