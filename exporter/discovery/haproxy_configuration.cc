#include "exporter/discovery/haproxy_configuration.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;
using config::ClientAuthExpectation;
using Words = std::vector<std::string>;

constexpr std::size_t most_words = 256;  // of one line; haproxy itself has a limit of 64
constexpr int most_ports = 1024;         // of one range

// The words of a line; nothing where a quote is open or a variable of haproxy's environment is needed: it is not ours.
std::optional<Words> words_of(std::string_view line) {
  Words words;
  bool in_word = false;
  char quote = 0;
  const auto put = [&](char c) {
    if (!in_word) words.emplace_back();
    in_word = true;
    words.back() += c;
  };
  for (std::size_t at = 0; at < line.size() && words.size() <= most_words; ++at) {
    const char c = line[at];
    if (quote == 0 && c == '#') break;
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\r')) in_word = false;
    else if (c == quote) quote = 0;
    else if (quote == 0 && (c == '"' || c == '\'')) {
      if (!in_word) words.emplace_back();
      in_word = true;
      quote = c;
    } else if (c == '\\' && quote != '\'' && at + 1 < line.size()) put(line[++at]);
    else if (c == '$' && quote == '"') return std::nullopt;
    else put(c);
  }
  return quote == 0 && words.size() <= most_words ? std::optional(std::move(words)) : std::nullopt;
}

struct Bind {
  std::vector<std::string> addresses;
  std::string name;
  Words certificates;
  std::string verify;
  bool ssl = false;
};

Bind bind_of(const Words& words) {
  Bind bind;
  for (std::string_view rest = words[1]; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    bind.addresses.emplace_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  for (std::size_t index = 2; index < words.size(); ++index) {
    const std::string next = index + 1 < words.size() ? words[index + 1] : "";
    if (words[index] == "ssl") bind.ssl = true;
    else if (words[index] == "crt" || words[index] == "crt-list") bind.certificates.push_back(words[index] == "crt" ? next : "");
    else if (words[index] == "verify") bind.verify = next;
    else if (words[index] == "name") bind.name = next;
    else continue;
    if (words[index] != "ssl") ++index;
  }
  return bind;
}

// "host:port" for each port of "*:443", ":8443-8445", "ipv6@:::443", "10.0.0.1:443". Nothing for sockets of other kinds; false
// where it makes no sense.
bool whole_addresses(std::string_view written, std::vector<std::string>& addresses) {
  for (const std::string_view other : {"/", "unix@", "abns@", "fd@", "sockpair@", "udp", "quic", "@"})
    if (written.starts_with(other)) return true;
  const bool v6 = written.starts_with("ipv6@");
  if (v6 || written.starts_with("ipv4@")) written.remove_prefix(5);
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

ClientAuthExpectation expectation(const std::string& verify) {
  if (verify == "required") return ClientAuthExpectation::required;
  return verify == "optional" ? ClientAuthExpectation::optional : ClientAuthExpectation::none;
}

class Reader {
 public:
  Reader(const ServerFiles& files, Errors& errors) : files_(files), errors_(errors) {}

  void line(std::string_view text) {
    const auto words = words_of(text);
    if (!words) return count(text);
    if (words->empty()) return;
    static constexpr std::string_view sections[] = {"global",      "defaults",  "frontend", "backend",     "listen",
                                                    "peers",       "resolvers", "userlist", "mailers",     "program",
                                                    "http-errors", "cache",     "ring",     "log-forward", "fcgi-app"};
    const std::string& first = words->front();
    if (std::ranges::count(sections, first) > 0) {
      end_section();
      listens_ = first == "frontend" || first == "listen";
      section_ = words->size() > 1 ? (*words)[1] : "";
    } else if (first == "crt-base" && words->size() > 1) {
      base_ = (*words)[1];
    } else if (first == "bind" && listens_) {
      if (words->size() < 2) ++errors_[bad_syntax];
      else add(bind_of(*words));
    }
  }

  std::vector<Candidate> finish() {
    end_section();
    return std::move(found_);
  }

 private:
  // Only lines that would have mattered are errors: the rest is not ours to judge.
  void count(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first != std::string_view::npos && text.substr(first).starts_with("bind")) ++errors_[bad_syntax];
  }

  void add(const Bind& bind) {
    if (!bind.ssl) return;
    for (const std::string& written : bind.addresses) {
      std::vector<std::string> addresses;
      if (!whole_addresses(written, addresses)) ++errors_[bad_target];
      for (const std::string& address : addresses) add(bind, address);
    }
  }

  void add(const Bind& bind, const std::string& address) {
    Candidate candidate{.name = bind.name.empty() ? address : bind.name, .client_auth = expectation(bind.verify), .labels = {}};
    if (bind.certificates.size() == 1 && !bind.certificates.front().empty()) {
      const std::string path = (std::filesystem::path(base_) / bind.certificates.front()).string();
      candidate.server_name = files_.leaf_name(path);
      if (!candidate.server_name.empty()) candidate.certificate_file = path;
    }
    if (!aim(candidate, address)) ++errors_[bad_target];
    else if (found_.size() + here_.size() >= most_candidates) ++errors_[too_large];
    else here_.push_back(std::move(candidate));
  }

  void end_section() {
    for (Candidate& candidate : here_) {
      candidate.name = here_.size() == 1 ? section_ : section_ + "/" + candidate.name;
      found_.push_back(std::move(candidate));
    }
    here_.clear();
  }

  const ServerFiles& files_;
  Errors& errors_;
  std::string base_;
  std::string section_;
  bool listens_ = false;
  std::vector<Candidate> here_;  // of the section being read
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> read_haproxy(const std::string& text, const ServerFiles& files, Errors& errors) {
  Reader reader(files, errors);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    reader.line(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  return reader.finish();
}

}  // namespace exporter::discovery
