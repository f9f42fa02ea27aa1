#include "exporter/discovery/greeting.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace exporter::discovery {

std::string_view protocol_greeting_so(std::string_view greeting) {
  std::string line(greeting.substr(0, greeting.find('\n')));
  std::ranges::transform(line, line.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto says = [&](const char* word) { return line.find(word) != std::string::npos; };
  if (line.starts_with("220"))
    return says("LMTP") ? "lmtp" : says("SMTP") || says("MAIL") ? "smtp" : says("FTP") ? "ftp" : "smtp";
  if (line.starts_with("* OK") || line.starts_with("* PREAUTH")) return "imap";
  if (line.starts_with("+OK")) return "pop3";
  if (line.starts_with("200") || line.starts_with("201")) return "nntp";
  if (line.starts_with("\"IMPLEMENTATION\"")) return "sieve";
  // Length and number of a packet, and the version of MySQL's protocol.
  if (greeting.size() > 5 && greeting[3] == '\0' && greeting[4] == '\x0a') return "mysql";
  return {};
}

}  // namespace exporter::discovery
