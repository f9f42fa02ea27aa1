#include "exporter/discovery/nginx_configuration.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "config/address.h"
#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;
using config::ClientAuthExpectation;

constexpr int deepest_block = 32;                 // of blocks in blocks, and of includes in includes
constexpr std::size_t most_directives = 500'000;  // of a configuration with all its includes

struct Directive {
  std::vector<std::string> words;
  std::vector<Directive> block;
};
using Block = std::vector<Directive>;

// One token: a word, or one of `{`, `}`, `;`. nginx's own grammar: ngx_conf_read_token().
struct Token {
  char mark = 0;  // 0: a word
  std::string word;
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  bool unclosed() const { return unclosed_; }  // a quote that nothing ends

  // False at the end.
  bool next(Token& token) {
    skip_blank();
    if (at_ >= text_.size()) return false;
    const char first = text_[at_];
    token = {};
    if (first == '{' || first == '}' || first == ';') {
      token.mark = first;
      ++at_;
    } else if (first == '"' || first == '\'') {
      quoted(token.word);
    } else {
      bare(token.word);
    }
    return true;
  }

 private:
  void skip_blank() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
      else return;
    }
  }

  void quoted(std::string& word) {
    const char quote = text_[at_++];
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += text_[at_];
    }
    unclosed_ = unclosed_ || at_ >= text_.size();
    ++at_;
  }

  // `${name}` is part of a word; any other brace ends it.
  void bare(std::string& word) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool variable = c == '{' && !word.empty() && word.back() == '$';
      if (c == ';' || (c == '{' && !variable) || std::string_view(" \t\r\n").find(c) != std::string_view::npos) return;
      if (c == '}' && word.find("${") == std::string::npos) return;
      if (c == '\\' && at_ + 1 < text_.size()) word += text_[at_++];
      word += text_[at_++];
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool unclosed_ = false;
};

// Builds blocks, includes put in their places.
class Reader {
 public:
  Reader(std::string folder, const ServerFiles& files, Errors& errors)
      : folder_(std::move(folder)), files_(files), errors_(errors) {}

  Block file(std::string_view text, int depth) {
    Tokens tokens(text);
    Block block;
    bool closed = false;
    do {
      closed = read(tokens, block, depth);
      if (closed) ++errors_[bad_syntax];  // a brace too many
    } while (closed);
    if (tokens.unclosed()) ++errors_[bad_syntax];
    return block;
  }

 private:
  // True when a `}` ended the block, false at the end of the text.
  bool read(Tokens& tokens, Block& block, int depth) {
    Directive directive;
    for (Token token; tokens.next(token);) {
      if (token.mark == 0) {
        directive.words.push_back(std::move(token.word));
        continue;
      }
      if (token.mark == '{' && !open(tokens, directive, depth)) ++errors_[bad_syntax];
      if (token.mark == '}') {
        if (!directive.words.empty()) ++errors_[bad_syntax];  // no `;`
        return true;
      }
      add(std::move(directive), block, depth);
      directive = {};
    }
    if (!directive.words.empty()) ++errors_[bad_syntax];
    return false;
  }

  // Below the deepest block everything is read into nothing.
  bool open(Tokens& tokens, Directive& directive, int depth) {
    if (depth < deepest_block) return read(tokens, directive.block, depth + 1);
    int open = 1;
    for (Token token; open > 0 && tokens.next(token);) open += token.mark == '{' ? 1 : token.mark == '}' ? -1 : 0;
    ++errors_[too_large];
    return open == 0;
  }

  void add(Directive directive, Block& block, int depth) {
    if (directive.words.empty()) return;
    if (++directives_ > most_directives) {
      if (directives_ == most_directives + 1) ++errors_[too_large];
      return;
    }
    if (directive.words[0] != "include" || directive.words.size() != 2) return block.push_back(std::move(directive));
    include(directive.words[1], block, depth);
  }

  void include(const std::string& pattern, Block& block, int depth) {
    if (depth >= deepest_block || including_ >= deepest_block) {
      ++errors_[too_large];
      return;
    }
    ++including_;
    const std::string path = (std::filesystem::path(folder_) / pattern).string();
    const bool glob = path.find_first_of("*?[") != std::string::npos;
    for (const std::string& found : glob ? files_.matches(path) : std::vector{path})
      if (const auto text = files_.read(found, errors_))
        for (Directive& directive : file(*text, depth)) block.push_back(std::move(directive));
    --including_;
  }

  const std::string folder_;
  const ServerFiles& files_;
  Errors& errors_;
  std::size_t directives_ = 0;
  int including_ = 0;
};

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
  const Block whole = Reader(folder, files, errors).file(text, 0);
  std::vector<Candidate> found;
  for (const Directive& directive : whole)
    if (directive.words[0] == "http" || directive.words[0] == "stream" || directive.words[0] == "mail")
      add_servers(directive.block, folder, files, errors, found);
  return found;
}

}  // namespace exporter::discovery
