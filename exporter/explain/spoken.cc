#include "exporter/explain/spoken.h"

#include <algorithm>

#include "probes/tls/greeting.h"

namespace exporter::explain {

using probes::observations::Reason;
using probes::observations::Stage;
using probes::tls::Greeting;

namespace {

constexpr Spoken table[] = {
    {.name = "smtp", .words = "SMTP", .port = 25, .greeting = word(Greeting::mail_or_ftp)},
    {.name = "smtp", .words = "SMTP", .port = 587, .greeting = word(Greeting::mail_or_ftp)},
    {.name = "ftp", .words = "FTP", .port = 21, .greeting = word(Greeting::mail_or_ftp)},
    {.name = "imap", .words = "IMAP", .port = 143, .greeting = word(Greeting::imap)},
    {.name = "pop3", .words = "POP3", .port = 110, .greeting = word(Greeting::pop3)},
    {.name = "mysql", .words = "MySQL", .port = 3306, .greeting = word(Greeting::mysql)},
    {.name = "ldap", .words = "LDAP", .port = 389},
    {.name = "postgres", .words = "PostgreSQL", .port = 5432},
    {.name = "xmpp-client", .words = "XMPP", .port = 5222},
    {.name = "xmpp-server", .words = "XMPP", .port = 5269},
    {.name = "sieve", .words = "ManageSieve", .port = 4190},
    {.name = "nntp", .words = "NNTP", .port = 119},
    {.name = "ssh", .words = "SSH", .port = 22, .before_tls = false, .greeting = word(Greeting::ssh)},
    {.name = "http", .words = "HTTP without TLS", .port = 80, .before_tls = false, .greeting = word(Greeting::http)},
};

}  // namespace

const Spoken* spoken_before_tls(const Facts& f) {
  if (f.failure == nullptr || f.failure->stage != Stage::handshake || !f.seen.certificates.empty()) return nullptr;
  const std::uint16_t port = f.asked.target->port;
  const auto greeted = [&](const Spoken& one) {
    return !one.greeting.empty() && f.failure->detail.find(one.greeting) != std::string::npos;
  };
  switch (f.failure->reason) {
    case Reason::not_tls: {
      // Where two protocols greet alike, the port decides.
      const auto both = std::ranges::find_if(table, [&](const Spoken& one) { return one.port == port && greeted(one); });
      if (both != std::end(table)) return &*both;
      const auto by_greeting = std::ranges::find_if(table, greeted);
      return by_greeting == std::end(table) ? nullptr : &*by_greeting;
    }
    case Reason::handshake_timeout:
    case Reason::closed:
    case Reason::connection_reset: {
      const auto by_port = std::ranges::find_if(table, [&](const Spoken& one) { return one.port == port && one.before_tls; });
      return by_port == std::end(table) ? nullptr : &*by_port;
    }
    default: return nullptr;
  }
}

}  // namespace exporter::explain
