// Reads the first flight of a TLS server, which TLS 1.2 and older send in the clear: ServerHello, Certificate,
// CertificateRequest, ServerHelloDone. No cryptography: signatures are not checked, keys not read, and certificates stay the DER
// they came as. Bytes are pushed as they arrive, in pieces of any size, and the answer does not depend on the pieces.
//
//   bytes -> records (header and length) -> handshake messages (put together from fragments) -> Flight
//
// The bytes are hostile. Everything has a limit; a length that lies, a message out of turn and more than the limits are Broken,
// which is an answer like the others. Nothing throws but std::bad_alloc. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace probes::look {

// Of one flight. Chains of honest servers have a few KB; a list of acceptable CAs has 64 KB at most, by its own length.
inline constexpr std::size_t bytes_limit = 256u << 10;    // record headers included
inline constexpr std::size_t message_limit = 128u << 10;  // of one handshake message
inline constexpr std::size_t certificates_limit = 100;
inline constexpr int hello_requests_limit = 8;
inline constexpr int warnings_limit = 8;

struct NeedMore {
  bool operator==(const NeedMore&) const = default;
};

// The flight is complete. All of it is what the server says in `version`, and unproved.
struct Look {
  std::uint16_t version = 0;              // 0x0301 TLS 1.0, 0x0302 TLS 1.1, 0x0303 TLS 1.2
  std::uint16_t cipher = 0;               // IANA's number
  std::vector<std::string> certificates;  // DER, as sent; the first is the server's own, and there is one
  bool asks = false;                      // for a client certificate
  std::vector<std::string> acceptable;    // the CAs of its CertificateRequest: names in DER; empty: any, or it does not ask
  bool operator==(const Look&) const = default;
};

// A fatal alert or close_notify, in the place of the rest of the flight.
struct Alert {
  std::uint8_t number = 0;
  bool operator==(const Alert&) const = default;
};

// The first bytes are no record of TLS.
struct NotTls {
  bool operator==(const NotTls&) const = default;
};

// It begins like TLS and is no flight that a client may go on with.
struct Broken {
  std::string_view why;  // for people; a literal
  bool operator==(const Broken&) const = default;
};

using Flight = std::variant<NeedMore, Look, Alert, NotTls, Broken>;

class FlightReader {
 public:
  // Takes the next bytes and says what the flight is by now. Anything but NeedMore stays: what is pushed later is not read.
  const Flight& push(std::string_view bytes);

  [[nodiscard]] const Flight& flight() const { return flight_; }

 private:
  // The turn of each message, in the order of RFC 5246 7.3.
  enum class Turn : std::uint8_t { nothing, hello, certificate, status, key_exchange, request, done };

  // Of the bytes to come: how many the first record, or message, took; 0: it is not whole yet, or the flight has ended.
  std::size_t read_record(std::string_view bytes);
  std::size_t read_message(std::string_view messages);
  void read_alert(std::string_view alert);
  void read_messages();
  void read(std::uint8_t type, std::string_view body);
  void read_hello(std::string_view body);
  void read_certificates(std::string_view body);
  void read_request(std::string_view body);
  bool is_turn_of(Turn turn);
  void end(Flight flight) { flight_ = std::move(flight); }
  [[nodiscard]] bool ended() const { return !std::holds_alternative<NeedMore>(flight_); }

  Flight flight_;
  Look look_;
  Turn turn_ = Turn::nothing;  // of the last message
  std::size_t received_ = 0;
  bool any_record_ = false;
  int hello_requests_ = 0;
  int warnings_ = 0;
  std::string bytes_;     // not yet a whole record
  std::string messages_;  // not yet a whole message
};

}  // namespace probes::look
