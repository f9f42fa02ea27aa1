#include "exporter/discovery/nginx_listeners.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "config/address.h"
#include "config/mistakes.h"
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/served_names.h"
#include "probes/protocols/protocol.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;
using config::ClientAuthExpectation;

constexpr std::size_t most_names = 5000;  // of one socket

// A socket, with every server that listens on it, in the order of the configuration.
struct Socket {
  std::string address;
  Place place;
  std::vector<const NginxServer*> servers;
  const NginxServer* first = nullptr;  // what a client gets that names nobody
  bool first_written = false;          // it says so itself
  bool ssl = false;                    // if any server says so: the others share it
  bool proxy_protocol = false;         // likewise
};

std::map<std::string, Socket> sockets_of(const std::vector<NginxServer>& servers) {
  std::map<std::string, Socket> sockets;
  for (const NginxServer& server : servers)
    for (const NginxListen& listen : server.listens) {
      auto [entry, fresh] = sockets.try_emplace(listen.socket);
      Socket& socket = entry->second;
      if (fresh) socket = {.address = listen.address, .place = listen.place, .servers = {}, .first = &server};
      if (socket.servers.empty() || socket.servers.back() != &server) socket.servers.push_back(&server);
      if (listen.default_server && !std::exchange(socket.first_written, true)) socket.first = &server;
      socket.ssl = socket.ssl || listen.ssl || server.everywhere;
      socket.proxy_protocol = socket.proxy_protocol || listen.proxy_protocol;
    }
  return sockets;
}

// The path for a client that asks for `name`; empty where it hangs on another variable.
std::string path_for(std::string path, const std::string& name) {
  for (const std::string_view variable : {"${ssl_server_name}", "$ssl_server_name"})
    for (std::size_t at = path.find(variable); at != std::string::npos; at = path.find(variable, at + name.size()))
      path.replace(at, variable.size(), name);
  return path.find('$') == std::string::npos ? path : std::string();
}

bool has_variable(const NginxServer& server) {
  return std::ranges::any_of(server.certificates, [](const auto& path) { return path.find('$') != std::string::npos; });
}

ClientAuthExpectation expectation(const std::string& verify) {
  if (verify == "on") return ClientAuthExpectation::required;
  return verify.starts_with("optional") ? ClientAuthExpectation::optional : ClientAuthExpectation::none;
}

std::string mail_protocol(const NginxServer& server, std::string_view address) {
  if (!server.protocol.empty()) return server.protocol;
  const std::string_view port = address.substr(address.rfind(':') + 1);
  if (port == "143" || port == "993") return "imap";
  return port == "110" || port == "995" ? "pop3" : "smtp";
}

class Listeners {
 public:
  Listeners(NginxKind kind, const ServerFiles& files, Troubles& troubles, List& found)
      : kind_(kind), files_(files), troubles_(troubles), found_(found) {}

  void add(const Socket& socket) {
    claim(socket);
    for (const NginxServer* server : socket.servers)
      if (!server->rejects) add(socket, *server);
  }

 private:
  // A name is the first server's that has it.
  void claim(const Socket& socket) {
    owner_.clear();
    asked_.clear();
    for (const NginxServer* server : socket.servers)
      for (const std::string& name : server->names)
        if (owner_.size() < most_names) owner_.try_emplace(name, server);
  }

  bool owns(const NginxServer& server, const std::string& name) const {
    const auto found = owner_.find(name);
    return found != owner_.end() && found->second == &server;
  }

  void add(const Socket& socket, const NginxServer& server) {
    const std::optional<Leaf> leaf = leaf_of(server);
    std::vector<AskedName> names = has_variable(server) ? names_of_files(socket, server) : names_of(server, leaf);
    if (names.empty() && &server == socket.first && !has_variable(server)) return add_default(socket, server, leaf);
    for (const AskedName& name : names) add(socket, server, &name == &names.front() ? called(server, name) : name.written, &name);
    if (!names.empty() && server.certificates.size() == 1) return;
    add_files(server);
    if (names.empty() && has_variable(server))
      troubles_.add(not_followed, server.certificate_place,
                    "which certificate is served hangs on a variable: " + config::quote(server.certificates.front()));
  }

  // `server_name shop shop.example`: the short name is what people call it, the whole one what clients use.
  std::string called(const NginxServer& server, const AskedName& first) const {
    for (const std::string& name : server.names)
      if (name != "_" && owns(server, name) && config::is_host(name))
        return name.find('.') == std::string::npos ? name : first.written;
    return first.written;
  }

  // A name that nothing is expected of says nothing new where another leads to the same certificate.
  std::vector<AskedName> names_of(const NginxServer& server, const std::optional<Leaf>& leaf) {
    std::vector<AskedName> names;
    for (const std::string& written : server.names) {
      if (!owns(server, written)) continue;
      const bool wildcard = is_wildcard(written);
      const auto claimed = [&](const std::string& name) { return asked_.contains(name) || (wildcard && owner_.contains(name)); };
      auto name = name_to_ask(written, leaf, claimed);
      if (!name) continue;
      asked_.insert(name->asked);
      names.push_back(std::move(*name));
    }
    const auto idle = [](const AskedName& name) { return !name.judged; };
    if (!std::ranges::all_of(names, idle)) std::erase_if(names, idle);
    else if (names.size() > 1) names.resize(1);
    return names;
  }

  // ssl_certificate certs/$ssl_server_name.pem: the names are those that have a file.
  std::vector<AskedName> names_of_files(const Socket& socket, const NginxServer& server) {
    std::vector<AskedName> names;
    const auto take = [&](const std::string& name) {
      const auto exact = owner_.find(name);
      if (exact != owner_.end() && exact->second != &server) return;
      if (auto ask = name_to_ask(name, std::nullopt, [&](const std::string& other) { return asked_.contains(other); })) {
        asked_.insert(ask->asked);
        names.push_back(std::move(*ask));
      }
    };
    for (const std::string& name : server.names)
      if (owns(server, name) && !is_wildcard(name)) take(name);
    const std::string& path = server.certificates.front();
    for (const std::string& name : names_with_file(path))
      if (leads_to(socket, server, name)) take(name);
    return names;
  }

  std::vector<std::string> names_with_file(const std::string& path) const {
    const std::string pattern = path_for(path, "*");
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos || pattern.find('*', star + 1) != std::string::npos) return {};
    std::vector<std::string> names;
    for (const std::string& file : files_.matches(pattern))
      if (file.size() >= pattern.size() && names.size() < most_names)
        names.push_back(file.substr(star, file.size() - (pattern.size() - 1)));
    return names;
  }

  // Whether a client that asks for `name`, which nobody has written, gets this server. Regular expressions are not worked out.
  bool leads_to(const Socket& socket, const NginxServer& server, const std::string& name) const {
    const NginxServer* best = nullptr;
    for (std::size_t dot = name.find('.'); dot != std::string::npos && best == nullptr; dot = name.find('.', dot + 1))
      if (const auto found = owner_.find("*" + name.substr(dot)); found != owner_.end()) best = found->second;
    const bool patterns = std::ranges::any_of(owner_, [](const auto& entry) { return entry.first.starts_with('~'); });
    if (best != nullptr) return best == &server;
    return patterns ? has_pattern(server) && socket.servers.size() == 1 : &server == socket.first;
  }

  static bool has_pattern(const NginxServer& server) {
    return std::ranges::any_of(server.names, [](const auto& name) { return name.starts_with('~'); });
  }

  // A server that is not asked for by name. Where nobody wrote a name the certificate's own is one that clients use.
  void add_default(const Socket& socket, const NginxServer& server, const std::optional<Leaf>& leaf) {
    if (server.certificates.size() > 1) add_files(server);
    if (server.names.empty() && leaf)
      for (const std::string& name : leaf->names)
        if (!is_wildcard(name) && !owner_.contains(name)) {
          const AskedName own{.written = name, .asked = name};
          return add(socket, server, "", &own);
        }
    add(socket, server, "", nullptr);
  }

  void add(const Socket& socket, const NginxServer& server, const std::string& called, const AskedName* name) {
    Candidate candidate{.name = called, .client_auth = expectation(server.verify), .labels = {}};
    candidate.proxy_protocol = socket.proxy_protocol;
    if (name != nullptr) candidate.server_name = name->asked;
    candidate.name_judged = name != nullptr && name->judged;
    if (!take_protocol(socket, server, candidate)) return;
    if (server.certificates.size() == 1)
      candidate.certificate_file = path_for(server.certificates.front(), name != nullptr ? name->asked : "");
    const std::string wrong = aim(candidate, socket.address);
    if (!wrong.empty()) troubles_.add(bad_target, socket.place, wrong);
    else if (found_.candidates.size() >= most_candidates)
      troubles_.add(too_large, server.place, "more targets than " + std::to_string(most_candidates));
    else found_.candidates.push_back(std::move(candidate));
  }

  bool take_protocol(const Socket& socket, const NginxServer& server, Candidate& candidate) {
    if (kind_ == NginxKind::http) candidate.protocol = "https";
    if (kind_ == NginxKind::stream) candidate.protocol = any_protocol;
    if (kind_ != NginxKind::mail) return true;
    candidate.protocol = socket.ssl ? "tls" : mail_protocol(server, socket.address);
    if (probes::protocols::find_protocol(candidate.protocol) != nullptr) return true;
    troubles_.add(not_followed, socket.place, "a listener with STARTTLS of " + candidate.protocol + " is not watched yet");
    add_files(server);
    return false;
  }

  void add_files(const NginxServer& server) {
    for (const std::string& path : server.certificates)
      if (path.find('$') == std::string::npos) found_.certificate_files.push_back(path);
  }

  // Of the first certificate; the others are for the same names.
  std::optional<Leaf> leaf_of(const NginxServer& server) {
    if (server.certificates.empty() || has_variable(server)) return std::nullopt;
    const std::string& path = server.certificates.front();
    auto known = leaves_.find(path);
    if (known == leaves_.end()) known = leaves_.emplace(path, files_.leaf(path)).first;
    const auto* leaf = std::get_if<Leaf>(&known->second);
    return leaf != nullptr ? std::optional(*leaf) : std::nullopt;
  }

  const NginxKind kind_;
  const ServerFiles& files_;
  Troubles& troubles_;
  List& found_;
  std::map<std::string, const NginxServer*> owner_;  // of a name, on the socket at hand
  std::set<std::string> asked_;                      // on the socket at hand
  std::map<std::string, std::variant<Leaf, Trouble>> leaves_;
};

}  // namespace

void add_listeners(NginxKind kind, const std::vector<NginxServer>& servers, const ServerFiles& files, Troubles& troubles,
                   List& found) {
  const std::map<std::string, Socket> sockets = sockets_of(servers);
  Listeners listeners(kind, files, troubles, found);
  for (const auto& [name, socket] : sockets) {
    const bool starttls = kind == NginxKind::mail && socket.first->starttls;
    if (!socket.ssl && !starttls) continue;
    if (name != socket.address && sockets.contains(socket.address)) {
      troubles.add(not_followed, socket.place,
                   "a listener on every address that is not reached at " + socket.address + ": another listens there");
      continue;
    }
    listeners.add(socket);
  }
}

}  // namespace exporter::discovery
