#include "exporter/discovery/nginx_servers.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "config/mistakes.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;

constexpr int most_ports = 1024;  // of one range

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// "8000-8003" as its ports; false where it makes no sense. stream alone has ranges.
bool ports_of(std::string_view written, std::vector<std::string>& ports) {
  const std::size_t dash = written.find('-');
  if (dash == std::string_view::npos) {
    ports.emplace_back(written);
    return true;
  }
  int first = 0, last = 0;
  const std::string_view from = written.substr(0, dash), to = written.substr(dash + 1);
  if (!is_number(from) || !is_number(to)) return false;
  const auto one = std::from_chars(from.data(), from.data() + from.size(), first);
  const auto other = std::from_chars(to.data(), to.data() + to.size(), last);
  if (one.ec != std::errc() || other.ec != std::errc() || last < first || last - first > most_ports) return false;
  for (int port = first; port <= last; ++port) ports.push_back(std::to_string(port));
  return true;
}

// "443", "*:443", "[::]:443", "10.0.0.1" (port 80), "127.0.0.1:9000-9003": each socket. Nothing for those of other kinds.
bool add_sockets(std::string_view written, const NginxListen& like, std::vector<NginxListen>& listens) {
  if (written.starts_with("unix:")) return true;
  std::string host = "*";
  std::string_view port = "80";
  const bool port_alone = is_number(written.substr(0, written.find('-')));
  const bool bracketed = written.starts_with('[');
  const std::size_t colon = port_alone ? std::string_view::npos : bracketed ? written.find("]:") : written.rfind(':');
  if (port_alone) port = written;
  else host = written.substr(0, colon == std::string_view::npos ? colon : colon + (bracketed ? 1 : 0));
  if (colon != std::string_view::npos) port = written.substr(colon + (bracketed ? 2 : 1));
  std::vector<std::string> ports;
  if (!ports_of(port, ports)) return false;
  if (host == "0.0.0.0" || host.empty()) host = "*";
  const std::string reached = host == "*" ? "127.0.0.1" : host == "[::]" ? "[::1]" : host;
  for (const std::string& each : ports) {
    NginxListen listen = like;
    listen.socket = lower(host) + ":" + each;
    listen.address = reached + ":" + each;
    listens.push_back(std::move(listen));
  }
  return true;
}

void take_listen(const Directive& directive, NginxServer& server, Troubles& troubles) {
  const auto says = [&](std::string_view word) {
    return std::find(directive.words.begin() + 2, directive.words.end(), word) != directive.words.end();
  };
  if (says("quic") || says("udp")) return;
  const NginxListen like{.place = directive.place(),
                         .socket = {},
                         .address = {},
                         .ssl = says("ssl"),
                         .proxy_protocol = says("proxy_protocol"),
                         .default_server = says("default_server") || says("default")};
  if (!add_sockets(directive.words[1], like, server.listens))
    troubles.add(bad_target, directive.place(), config::quote(directive.words[1]) + " is no address to listen on");
}

void take_names(const Directive& directive, NginxServer& server) {
  for (std::size_t index = 1; index < directive.words.size(); ++index) {
    const std::string& word = directive.words[index];
    if (word.starts_with('~')) server.names.push_back(word);
    else if (word.starts_with('.')) {
      server.names.push_back(lower(word.substr(1)));
      server.names.push_back("*" + lower(word));
    } else server.names.push_back(lower(word));
  }
}

void take_certificate(const Directive& directive, const std::string& folder, NginxServer& server) {
  const std::string& value = directive.words[1];
  if (server.certificates.empty()) server.certificate_place = directive.place();
  if (value.starts_with("data:") || value.starts_with("engine:") || value.starts_with("store:")) return;
  server.certificates.push_back((std::filesystem::path(folder) / value).string());
}

// What stands in `block` itself, over those around it.
NginxServer over(const NginxServer& around, const Block& block, const std::string& folder) {
  NginxServer server = around;
  bool own = false;  // certificates of an inner block replace those of the outer one
  for (const Directive& directive : block) {
    if (directive.words.size() != 2) continue;
    const std::string& key = directive.words[0];
    const std::string& value = directive.words[1];
    if (key == "ssl_verify_client") server.verify = value;
    else if (key == "ssl") server.everywhere = value == "on";
    else if (key == "ssl_reject_handshake") server.rejects = value == "on";
    else if (key == "protocol") server.protocol = value;
    else if (key == "starttls") server.starttls = value != "off";
    else if (key == "ssl_certificate") {
      if (!std::exchange(own, true)) server.certificates.clear();
      take_certificate(directive, folder, server);
    }
  }
  return server;
}

}  // namespace

std::optional<NginxKind> nginx_kind(std::string_view word) {
  if (word == "http") return NginxKind::http;
  if (word == "stream") return NginxKind::stream;
  return word == "mail" ? std::optional(NginxKind::mail) : std::nullopt;
}

std::vector<NginxServer> nginx_servers(NginxKind kind, const Block& block, const std::string& folder, Troubles& troubles) {
  const NginxServer around = over({}, block, folder);
  std::vector<NginxServer> servers;
  for (const Directive& directive : block) {
    if (directive.words[0] != "server" || directive.words.size() != 1) continue;
    NginxServer server = over(around, directive.block, folder);
    server.place = directive.place();
    for (const Directive& inner : directive.block) {
      if (inner.words.size() < 2) continue;
      if (inner.words[0] == "listen") take_listen(inner, server, troubles);
      // In mail it is the name of the machine, said in greetings.
      if (inner.words[0] == "server_name" && kind != NginxKind::mail) take_names(inner, server);
    }
    servers.push_back(std::move(server));
  }
  return servers;
}

}  // namespace exporter::discovery
