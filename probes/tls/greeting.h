// How servers that begin to talk before the client does give their protocol away, by the first five bytes they send. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace probes::tls {

enum class Greeting : std::uint8_t { none, mail_or_ftp, imap, pop3, ssh, http, mysql };

// For people, in a failure's detail.
[[nodiscard]] constexpr std::string_view word(Greeting greeting) {
  switch (greeting) {
    case Greeting::none: return "";
    case Greeting::mail_or_ftp: return "it greets with 220, as mail and FTP servers do";
    case Greeting::imap: return "it greets with * OK, as IMAP servers do";
    case Greeting::pop3: return "it greets with +OK, as POP3 servers do";
    case Greeting::ssh: return "it greets as an SSH server does";
    case Greeting::http: return "it answers in HTTP without TLS";
    case Greeting::mysql: return "it greets as a MySQL server does";
  }
  return "";
}

// `first`: what stands where the header of the first TLS record should.
[[nodiscard]] inline Greeting greeting_of(std::span<const unsigned char> first) {
  const std::string_view text(reinterpret_cast<const char*>(first.data()), first.size());
  if (text.starts_with("220")) return Greeting::mail_or_ftp;
  if (text.starts_with("* OK")) return Greeting::imap;
  if (text.starts_with("+OK")) return Greeting::pop3;
  if (text.starts_with("SSH-")) return Greeting::ssh;
  if (text.starts_with("HTTP/")) return Greeting::http;
  // Three octets of length, the sequence number 0, protocol version 10.
  if (text.size() >= 5 && text[3] == '\0' && text[4] == '\n') return Greeting::mysql;
  return Greeting::none;
}

}  // namespace probes::tls
