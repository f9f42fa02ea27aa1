#include "exporter/discovery/haproxy_bind.h"

#include <algorithm>
#include <charconv>

#include "config/mistakes.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;

constexpr int most_ports = 1024;  // of one range

// Keywords with a value, which is no keyword whatever it looks like. haproxy's manual, 5.1.
constexpr std::string_view with_value[] = {"accept-netscaler-cip",
                                           "alpn",
                                           "backlog",
                                           "ca-file",
                                           "ca-ignore-err",
                                           "ca-sign-file",
                                           "ca-sign-pass",
                                           "ca-verify-file",
                                           "ciphers",
                                           "ciphersuites",
                                           "crl-file",
                                           "crt-ignore-err",
                                           "curves",
                                           "ecdhe",
                                           "gid",
                                           "group",
                                           "id",
                                           "interface",
                                           "level",
                                           "maxconn",
                                           "mode",
                                           "mss",
                                           "name",
                                           "namespace",
                                           "nbconn",
                                           "nice",
                                           "npn",
                                           "ocsp-update",
                                           "process",
                                           "proto",
                                           "severity-output",
                                           "shards",
                                           "sigalgs",
                                           "client-sigalgs",
                                           "ssl-max-ver",
                                           "ssl-min-ver",
                                           "tcp-ut",
                                           "thread",
                                           "tls-ticket-keys",
                                           "uid",
                                           "user",
                                           "verify",
                                           "expose-fd",
                                           "guid-prefix",
                                           "label",
                                           "idle-ping",
                                           "quic-cc-algo",
                                           "quic-socket",
                                           "default-crt",
                                           "crt",
                                           "crt-list"};

// "host:port" for each port of "*:443", ":8443-8445", "ipv6@:::443", "10.0.0.1:443". Nothing for sockets of other kinds; false
// where it makes no sense.
bool whole_addresses(std::string_view written, std::vector<std::string>& addresses) {
  for (const std::string_view other : {"/", "unix@", "abns@", "abnsz@", "fd@", "sockpair@", "udp", "quic", "rhttp@", "@"})
    if (written.starts_with(other)) return true;
  const bool v6 = written.starts_with("ipv6@");
  if (v6 || written.starts_with("ipv4@")) written.remove_prefix(5);
  if (written.starts_with("tcp@")) written.remove_prefix(4);
  const std::size_t colon = written.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string host(written.substr(0, colon));
  if (host.empty() || host == "*" || host == "0.0.0.0") host = v6 ? "::1" : "127.0.0.1";
  if (host == "::" || host == "[::]") host = "::1";
  if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
  const std::string_view ports = written.substr(colon + 1);
  int first = 0, last = 0;
  const char* const end = ports.data() + ports.size();
  auto [stop, error] = std::from_chars(ports.data(), end, first);
  if (error != std::errc()) return false;
  last = first;
  if (stop != end && *stop == '-') std::tie(stop, error) = std::tuple(std::from_chars(stop + 1, end, last).ptr, std::errc());
  if (stop != end || last < first || last - first > most_ports) return false;
  for (int port = first; port <= last; ++port) addresses.push_back(host + ":" + std::to_string(port));
  return true;
}

}  // namespace

Bind bind_of(const Words& words, const Place& place, Troubles& troubles) {
  Bind bind{.place = place};
  std::vector<CertificateWord> first;  // `default-crt` comes before every `crt`
  for (std::size_t index = 2; index < words.size(); ++index) {
    const std::string& word = words[index];
    if (word == "ssl") bind.ssl = true;
    else if (word == "strict-sni") bind.strict_sni = true;
    else if (word == "accept-proxy") bind.accept_proxy = true;
    else if (word == "accept-netscaler-cip") bind.header = word;
    if (std::ranges::count(with_value, word) == 0 || ++index >= words.size()) continue;
    const std::string& value = words[index];
    if (word == "crt") bind.certificates.push_back({CertificateWord::Kind::file_or_folder, value});
    else if (word == "crt-list") bind.certificates.push_back({CertificateWord::Kind::list, value});
    else if (word == "default-crt") first.push_back({CertificateWord::Kind::file_or_folder, value});
    else if (word == "ca-file" || word == "ca-verify-file") bind.ca_files.push_back(value);
    else if (word == "verify") bind.verify = value;
    else if (word == "name") bind.name = value;
  }
  bind.certificates.insert(bind.certificates.begin(), first.begin(), first.end());
  if (!bind.ssl) return bind;
  for (std::string_view rest = words[1]; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    const std::string_view written = rest.substr(0, comma);
    if (!whole_addresses(written, bind.addresses))
      troubles.add(bad_target, place, config::quote(written) + " is no address of a listener, with its port");
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  return bind;
}

}  // namespace exporter::discovery
