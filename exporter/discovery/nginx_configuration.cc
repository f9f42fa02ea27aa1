#include "exporter/discovery/nginx_configuration.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "config/address.h"
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/nginx_directives.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;
using config::ClientAuthExpectation;

// What a `server` has, or takes from the block around it.
struct Tls {
  std::vector<std::string> certificates;
  std::string verify;
  bool everywhere = false;  // `ssl on;`
  bool rejects = false;     // `ssl_reject_handshake on;`
};

struct Listen {
  std::string address;  // as written, without parameters
  bool ssl = false;
};

struct Server {
  Tls tls;
  std::vector<Listen> listens;
  std::string name;
  std::string asked_for;
};

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "443", "*:443", "[::]:443", "10.0.0.1" (port 80): an address as parse_address() takes it, wildcards made loopback. Empty: a
// socket of another kind.
std::string whole_address(std::string_view written) {
  if (written.starts_with("unix:")) return {};
  if (is_number(written)) return "127.0.0.1:" + std::string(written);
  const bool bracketed = written.starts_with('[');
  const std::size_t colon = bracketed ? written.find("]:") : written.rfind(':');
  std::string host(written.substr(0, colon == std::string_view::npos ? colon : colon + (bracketed ? 1 : 0)));
  const std::string port = colon == std::string_view::npos ? "80" : std::string(written.substr(colon + (bracketed ? 2 : 1)));
  if (host == "*" || host == "0.0.0.0" || host.empty()) host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return host + ":" + port;
}

// A name that a client could ask for: no pattern, no variable, not the catch-all `_`. Empty: another kind.
std::string plain_name(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  return name != "_" && config::is_host(name) ? std::string(name) : std::string();
}

// A server is called by its first name and asked for the first that is whole: `server_name shop shop.example`.
void take_names(const std::vector<std::string>& words, Server& server) {
  for (std::size_t index = 1; index < words.size(); ++index) {
    const std::string name = plain_name(words[index]);
    const bool whole = name.find('.') != std::string::npos;
    if (server.name.empty()) server.name = name;
    if (server.asked_for.empty() || (whole && server.asked_for.find('.') == std::string::npos))
      server.asked_for = name.empty() ? server.asked_for : name;
  }
}

// The directives of TLS that stand in `block` itself, over those around it.
Tls tls_of(const Block& block, Tls tls, const std::string& folder) {
  bool own = false;  // certificates of an inner block replace those of the outer one
  for (const Directive& directive : block) {
    if (directive.words.size() != 2) continue;
    const std::string& value = directive.words[1];
    if (directive.words[0] == "ssl_verify_client") tls.verify = value;
    else if (directive.words[0] == "ssl") tls.everywhere = value == "on";
    else if (directive.words[0] == "ssl_reject_handshake") tls.rejects = value == "on";
    else if (directive.words[0] == "ssl_certificate") {
      if (!std::exchange(own, true)) tls.certificates.clear();
      const bool file = value.find('$') == std::string::npos && !value.starts_with("data:") && !value.starts_with("engine:");
      tls.certificates.push_back(file ? (std::filesystem::path(folder) / value).string() : "");
    }
  }
  return tls;
}

Server server_of(const Directive& directive, const Tls& around, const std::string& folder) {
  Server server{.tls = tls_of(directive.block, around, folder), .listens = {}, .name = {}, .asked_for = {}};
  for (const Directive& inner : directive.block) {
    if (inner.words.size() < 2) continue;
    if (inner.words[0] == "server_name") take_names(inner.words, server);
    if (inner.words[0] != "listen") continue;
    const auto says = [&](std::string_view word) {
      return std::find(inner.words.begin() + 2, inner.words.end(), word) != inner.words.end();
    };
    if (!says("quic")) server.listens.push_back({inner.words[1], says("ssl") || server.tls.everywhere});
  }
  return server;
}

ClientAuthExpectation expectation(const std::string& verify) {
  if (verify == "on") return ClientAuthExpectation::required;
  return verify.starts_with("optional") ? ClientAuthExpectation::optional : ClientAuthExpectation::none;
}

void add_candidates(const Server& server, const std::set<std::string>& tls_addresses, const ServerFiles& files, Errors& errors,
                    std::vector<Candidate>& found) {
  if (server.tls.rejects) return;
  for (const Listen& listen : server.listens) {
    const std::string address = whole_address(listen.address);
    if (!tls_addresses.contains(address)) continue;
    Candidate candidate{
        .name = server.name, .server_name = server.asked_for, .client_auth = expectation(server.tls.verify), .labels = {}};
    if (server.tls.certificates.size() == 1) candidate.certificate_file = server.tls.certificates.front();
    if (candidate.server_name.empty() && !candidate.certificate_file.empty())
      candidate.server_name = files.leaf_name(candidate.certificate_file);
    if (!aim(candidate, address)) ++errors[bad_target];
    else if (found.size() >= most_candidates) ++errors[too_large];
    else found.push_back(std::move(candidate));
  }
}

// http, stream or mail. A socket speaks TLS if any server says so of its address: the others share it.
void add_servers(const Block& block, const std::string& folder, const ServerFiles& files, Errors& errors,
                 std::vector<Candidate>& found) {
  const Tls around = tls_of(block, {}, folder);
  std::vector<Server> servers;
  for (const Directive& directive : block)
    if (directive.words[0] == "server" && directive.words.size() == 1) servers.push_back(server_of(directive, around, folder));
  std::set<std::string> tls_addresses;
  for (const Server& server : servers)
    for (const Listen& listen : server.listens)
      if (const std::string address = whole_address(listen.address); listen.ssl && !address.empty())
        tls_addresses.insert(address);
  for (const Server& server : servers) add_candidates(server, tls_addresses, files, errors, found);
}

}  // namespace

std::vector<Candidate> read_nginx(const std::string& path, const std::string& text, const ServerFiles& files, Errors& errors) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  std::vector<Candidate> found;
  for (const Directive& directive : read_directives(text, folder, files, errors))
    if (directive.words[0] == "http" || directive.words[0] == "stream" || directive.words[0] == "mail")
      add_servers(directive.block, folder, files, errors, found);
  return found;
}

}  // namespace exporter::discovery
