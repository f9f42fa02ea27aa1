#include "probes/protocols/protocol.h"

#include <algorithm>
#include <array>

#include "probes/protocols/dialogues.h"

namespace probes::protocols {

namespace {

constexpr std::string_view http_versions[] = {"h2", "http/1.1"};
constexpr std::string_view http1_only[] = {"http/1.1"};
constexpr std::string_view http2_only[] = {"h2"};

}  // namespace

bool is_http(std::string_view alpn) { return std::ranges::find(http_versions, alpn) != std::end(http_versions); }

std::span<const Protocol> all_protocols() {
  // A row is a row.
  // clang-format off
  static constexpr std::array table = {
      Protocol{.name = "auto",
               .description = "TLS from the first byte; a server that chooses HTTP by ALPN is asked with one request, for the verdict alone",
               .default_port = 443, .alpn = http_versions, .asked = Asked::where_negotiated, .ask = &https},
      Protocol{.name = "tls",
               .description = "TLS from the first byte; nothing is asked",
               .alpn = http_versions},
      Protocol{.name = "https",
               .description = "TLS from the first byte, then one HTTP request (HTTP/2 where ALPN chose it)",
               .default_port = 443, .alpn = http1_only, .asked = Asked::always, .ask = &https},
      Protocol{.name = "grpc",
               .description = "TLS from the first byte; then `grpc.health.v1.Health/Check` over HTTP/2, whose answer of whatever status says that we were let in",
               .alpn = http2_only, .asked = Asked::always, .ask = &grpc_ask},
      Protocol{.name = "smtp",
               .description = "greeting, EHLO, STARTTLS; after TLS EHLO again",
               .default_port = 25, .asked = Asked::always, .starttls = &smtp_starttls, .ask = &smtp_ask},
      Protocol{.name = "lmtp",
               .description = "greeting, LHLO, STARTTLS; after TLS LHLO again",
               .default_port = 24, .asked = Asked::always, .starttls = &lmtp_starttls, .ask = &lmtp_ask},
      Protocol{.name = "imap",
               .description = "greeting, CAPABILITY, STARTTLS; after TLS CAPABILITY, or with `user` a login without a password",
               .default_port = 143, .asked = Asked::always, .refuses_at_login = true, .starttls = &imap_starttls, .ask = &imap_ask},
      Protocol{.name = "pop3",
               .description = "greeting, STLS; after TLS CAPA, or with `user` a login without a password",
               .default_port = 110, .asked = Asked::always, .refuses_at_login = true, .starttls = &pop3_starttls, .ask = &pop3_ask},
      Protocol{.name = "sieve",
               .description = "ManageSieve: capabilities, STARTTLS; after TLS the capabilities again, and with `user` a login without a password",
               .default_port = 4190, .asked = Asked::always, .refuses_at_login = true, .starttls = &sieve_starttls, .ask = &sieve_ask},
      Protocol{.name = "nntp",
               .description = "greeting, STARTTLS; after TLS DATE",
               .default_port = 119, .asked = Asked::always, .starttls = &nntp_starttls, .ask = &nntp_ask},
      Protocol{.name = "ftp",
               .description = "greeting, AUTH TLS; after TLS NOOP",
               .default_port = 21, .asked = Asked::always, .starttls = &ftp_starttls, .ask = &ftp_ask},
      Protocol{.name = "ldap",
               .description = "the StartTLS operation; after TLS a bind with SASL EXTERNAL, where 48 and 49 refuse our certificate",
               .default_port = 389, .asked = Asked::always, .starttls = &ldap_starttls, .ask = &ldap_ask},
      Protocol{.name = "postgres",
               .description = "SSLRequest; after TLS a startup message as `user`, where SQLSTATE 28000 refuses our certificate",
               .default_port = 5432, .asked = Asked::always, .starttls = &postgres_starttls, .ask = &postgres_ask},
      Protocol{.name = "mysql",
               .description = "greeting, SSLRequest; after TLS nothing, or with `user` a login without a password, where error 1045 refuses us",
               .default_port = 3306, .asked = Asked::with_user, .refuses_at_login = true, .starttls = &mysql_starttls, .ask = &mysql_ask},
      Protocol{.name = "mssql",
               .description = "PRELOGIN of TDS 7, in whose packets the handshake travels; nothing after it (a server in TDS 8's strict mode: `tls`)",
               .default_port = 1433, .starttls = &mssql_starttls, .wire = &mssql_wire},
      Protocol{.name = "xmpp-client",
               .description = "a client's stream, `<starttls/>`; after TLS a stream again",
               .default_port = 5222, .asked = Asked::always, .starttls = &xmpp_client_starttls, .ask = &xmpp_client_ask},
      Protocol{.name = "xmpp-server",
               .description = "a server's stream, `<starttls/>`; after TLS a stream again",
               .default_port = 5269, .asked = Asked::always, .starttls = &xmpp_server_starttls, .ask = &xmpp_server_ask},
      Protocol{.name = "irc",
               .description = "STARTTLS; after TLS PING",
               .default_port = 6667, .asked = Asked::always, .starttls = &irc_starttls, .ask = &irc_ask},
      Protocol{.name = "mqtt",
               .description = "TLS from the first byte; then CONNECT, whose answer of whatever code says that TLS let us in",
               .default_port = 8883, .asked = Asked::always, .ask = &mqtt_ask},
      Protocol{.name = "redis",
               .description = "TLS from the first byte; then PING, where NOAUTH refuses no certificate",
               .default_port = 6379, .asked = Asked::always, .ask = &redis_ask},
      Protocol{.name = "amqp",
               .description = "TLS from the first byte; then the header of AMQP 0-9-1",
               .default_port = 5671, .asked = Asked::always, .ask = &amqp_ask},
      Protocol{.name = "rdp",
               .description = "the X.224 request for TLS; nothing after it",
               .default_port = 3389, .starttls = &rdp_starttls},
  };
  // clang-format on
  return table;
}

std::map<std::string, std::uint16_t, std::less<>> default_ports() {
  std::map<std::string, std::uint16_t, std::less<>> ports;
  for (const Protocol& protocol : all_protocols()) ports.emplace(protocol.name, protocol.default_port);
  return ports;
}

const Protocol* find_protocol(std::string_view name) {
  const auto table = all_protocols();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Protocol& protocol) { return protocol.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const Protocol& protocol_of_port(std::uint16_t port) {
  const auto table = all_protocols();
  const auto own = [&](const Protocol& protocol) { return protocol.default_port == port && protocol.starttls != nullptr; };
  const auto found = std::find_if(table.begin(), table.end(), own);
  return found == table.end() ? table.front() : *found;
}

}  // namespace probes::protocols
