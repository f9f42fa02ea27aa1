#include "exporter/discovery/haproxy_configuration.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/mistakes.h"
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/haproxy_bind.h"
#include "exporter/discovery/haproxy_certificates.h"
#include "exporter/discovery/haproxy_conditions.h"
#include "exporter/discovery/haproxy_names.h"
#include "exporter/discovery/haproxy_words.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;
using config::ClientAuthExpectation;

ClientAuthExpectation expectation(const std::string& verify) {
  if (verify == "required") return ClientAuthExpectation::required;
  return verify == "optional" ? ClientAuthExpectation::optional : ClientAuthExpectation::none;
}

// What sections say of themselves, and hand on: `defaults` to what comes after it, or by its name.
struct Section {
  std::string kind;
  std::string name;
  std::string mode = "tcp";
  std::string base;    // `crt-base` of a `crt-store`
  std::string header;  // what every connection must begin with, besides the PROXY header of a bind
  std::vector<Bind> binds;
};

class Reader {
 public:
  Reader(const ServerFiles& files, Troubles& troubles) : files_(files), troubles_(troubles), certificates_(files, troubles) {}

  void file(const ConfigurationFile& file) {
    place_ = {file.path, 0};
    conditions_ = {};
    if (!origin_written_) certificates_.origin = files_.environment(file.path, "PWD").value_or("");
    for (std::size_t at = 0; at < file.text.size();) {
      const std::size_t end = std::min(file.text.find('\n', at), file.text.size());
      ++place_.line;
      line(std::string_view(file.text).substr(at, end - at));
      at = end + 1;
    }
  }

  List finish() {
    end_section();
    return std::move(found_);
  }

 private:
  void line(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return;
    const std::string_view first = text.substr(begin, text.find_first_of(" \t\r", begin) - begin);
    const Environment environment = [this](const std::string& name) { return variable(name); };
    if (first.starts_with('.')) {
      const std::string wrong = conditions_.directive(text.substr(begin), environment);
      if (!wrong.empty()) troubles_.add(not_followed, place_, wrong);
      return;
    }
    if (!conditions_.holds() || !matters(first)) return;
    const auto read = words_of(text, environment);
    if (const auto* wrong = std::get_if<std::string>(&read))
      return troubles_.add(wrong->find("variable") == std::string::npos ? bad_syntax : not_followed, place_, *wrong);
    if (const Words& words = std::get<Words>(read); !words.empty()) take(words);
  }

  // Other lines are not ours to judge.
  static bool matters(std::string_view first) {
    static constexpr std::string_view keywords[] = {
        "bind",         "mode",   "crt-base",  "ca-base",  "load",     "ssl-load-extra-files",
        "default-path", "setenv", "presetenv", "unsetenv", "resetenv", "tcp-request"};
    return is_section(first) || std::ranges::count(keywords, first) > 0;
  }

  static bool is_section(std::string_view first) {
    static constexpr std::string_view sections[] = {"global",   "defaults",    "frontend",    "backend", "listen",
                                                    "peers",    "resolvers",   "userlist",    "mailers", "program",
                                                    "cache",    "http-errors", "ring",        "traces",  "log-forward",
                                                    "fcgi-app", "crt-store",   "log-profile", "acme"};
    return std::ranges::count(sections, first) > 0;
  }

  void take(const Words& words) {
    const std::string& first = words.front();
    const std::string second = words.size() > 1 ? words[1] : "";
    if (is_section(first)) return begin_section(words);
    if (first == "bind") bind(words);
    else if (first == "mode") section_.mode = second;
    else if (first == "crt-base") (section_.kind == "crt-store" ? section_.base : certificates_.base) = second;
    else if (first == "ca-base") certificates_.ca_base = second;
    else if (first == "load" && section_.kind == "crt-store") certificates_.store(section_.name, section_.base, words);
    else if (first == "tcp-request") expect_header(words);
    else if (first == "default-path") begin_paths(second, words.size() > 2 ? words[2] : "");
    else if (first == "ssl-load-extra-files")
      certificates_.bundles = std::ranges::any_of(words, [](const auto& word) { return word == "bundle" || word == "all"; });
    else set_variable(words);
  }

  void begin_section(const Words& words) {
    end_section();
    const std::string& kind = words.front();
    section_ = {.kind = kind, .name = words.size() > 1 ? words[1] : ""};
    const auto from = std::ranges::find(words, "from");
    const std::string like = from != words.end() && from + 1 != words.end() ? *(from + 1) : "";
    const auto named = defaults_.find(like);
    if (named != defaults_.end() && (kind != "defaults" || !like.empty())) section_.mode = named->second;
    if (kind == "peers" || kind == "log-forward") section_.mode = "tcp";
  }

  void bind(const Words& words) {
    static constexpr std::string_view listening[] = {"frontend", "listen", "peers", "log-forward"};
    if (std::ranges::count(listening, section_.kind) == 0) return;
    if (words.size() < 2) return troubles_.add(bad_syntax, place_, "`bind` without an address");
    section_.binds.push_back(bind_of(words, place_, troubles_));
  }

  // tcp-request connection expect-proxy layer4 [if ...]
  void expect_header(const Words& words) {
    if (words.size() < 3 || !words[2].starts_with("expect-")) return;
    if (words.size() > 4) {
      troubles_.add(not_followed, place_, "whether " + words[2] + " holds for our connections cannot be told");
      return;
    }
    section_.header = words[2];
  }

  void begin_paths(const std::string& kind, const std::string& origin) {
    const std::filesystem::path folder = std::filesystem::path(place_.path).parent_path();
    origin_written_ = true;
    if (kind == "config") certificates_.origin = folder.string();
    else if (kind == "parent") certificates_.origin = folder.parent_path().string();
    else if (kind == "origin") certificates_.origin = origin;
  }

  std::optional<std::string> variable(const std::string& name) {
    if (const auto own = variables_.find(name); own != variables_.end()) return own->second;
    return reset_ ? std::nullopt : files_.environment(place_.path, name);
  }

  void set_variable(const Words& words) {
    if (words.front() == "setenv" && words.size() > 2) variables_[words[1]] = words[2];
    else if (words.front() == "presetenv" && words.size() > 2 && !variable(words[1])) variables_[words[1]] = words[2];
    else if (words.front() == "unsetenv") {
      for (std::size_t index = 1; index < words.size(); ++index) variables_[words[index]] = std::nullopt;
    } else if (words.front() == "resetenv") {
      std::map<std::string, std::optional<std::string>> kept;
      for (std::size_t index = 1; index < words.size(); ++index) kept[words[index]] = variable(words[index]);
      variables_ = std::move(kept);
      reset_ = true;
    }
  }

  void end_section() {
    if (section_.kind == "defaults") {
      defaults_[""] = section_.mode;
      if (!section_.name.empty() && section_.name != "from") defaults_[section_.name] = section_.mode;
    }
    std::size_t listeners = 0;
    for (const Bind& bind : section_.binds) listeners += bind.addresses.size();
    for (const Bind& bind : section_.binds) add(bind, listeners > 1);
    section_ = {};
  }

  void add(const Bind& bind, bool several) {
    if (bind.addresses.empty()) return;
    const auto loaded = certificates_.load(bind.certificates, bind.place);
    for (const std::string& written : bind.ca_files)
      if (std::string path = certificates_.ca_file(written); !path.empty()) found_.certificate_files.push_back(std::move(path));
    const std::string& header = bind.header.empty() ? section_.header : bind.header;
    if (!header.empty()) {
      for (const LoadedCertificate& each : loaded) add_file(each);
      return troubles_.add(not_followed, bind.place, "a listener with " + header + " is not watched yet");
    }
    const auto names = names_of(loaded, bind.strict_sni);
    for (const std::string& address : bind.addresses) {
      std::string called = section_.name;
      if (several) called += "/" + (bind.name.empty() ? address : bind.name);
      for (const LedName& name : names) {
        add(bind, address, called, name, loaded, names.size() > 1);
        add_other_key(name, loaded);
      }
    }
    for (std::size_t index = 0; index < loaded.size(); ++index)
      if (!is_named_alone(names, index)) add_file(loaded[index]);
  }

  void add(const Bind& bind, const std::string& address, const std::string& called, const LedName& name,
           const std::vector<LoadedCertificate>& loaded, bool several) {
    Candidate candidate{.name = called, .labels = {}};
    if (several) candidate.name += "/" + (name.name ? name.name->written : "default");
    candidate.server_name = name.name ? name.name->asked : "";
    candidate.name_judged = name.name && name.name->judged;
    candidate.proxy_protocol = bind.accept_proxy;
    candidate.protocol = section_.mode == "http" ? "https" : any_protocol;
    const LoadedCertificate* first = name.leads_to.empty() ? nullptr : &loaded[name.leads_to.front()];
    candidate.client_auth = expectation(first != nullptr && !first->verify.empty() ? first->verify : bind.verify);
    if (name.leads_to.size() == 1 && first->leaf) candidate.certificate_file = first->path;
    const std::string wrong = aim(candidate, address);
    if (!wrong.empty()) troubles_.add(bad_target, bind.place, wrong);
    else if (found_.candidates.size() >= most_candidates)
      troubles_.add(too_large, bind.place, "more targets than " + std::to_string(most_candidates));
    else found_.candidates.push_back(std::move(candidate));
  }

  // A name that leads to an RSA and an ECDSA certificate shows a client of today the second: the first is asked for besides.
  void add_other_key(const LedName& name, const std::vector<LoadedCertificate>& loaded) {
    if (name.leads_to.size() < 2 || found_.candidates.empty() || found_.candidates.size() >= most_candidates) return;
    const auto rsa = std::ranges::find_if(
        name.leads_to, [&](std::size_t index) { return loaded[index].leaf && loaded[index].leaf->key == KeyKind::rsa; });
    if (rsa == name.leads_to.end()) return;
    Candidate candidate = found_.candidates.back();
    candidate.name += "/rsa";
    candidate.rsa_only = true;
    candidate.certificate_file = loaded[*rsa].path;
    found_.candidates.push_back(std::move(candidate));
  }

  static bool is_named_alone(const std::vector<LedName>& names, std::size_t index) {
    return std::ranges::any_of(names, [&](const LedName& name) { return name.leads_to == std::vector{index}; });
  }

  void add_file(const LoadedCertificate& loaded) {
    if (loaded.leaf) found_.certificate_files.push_back(loaded.path);
  }

  const ServerFiles& files_;
  Troubles& troubles_;
  HaproxyCertificates certificates_;
  HaproxyConditions conditions_;
  Place place_;
  Section section_;
  std::map<std::string, std::string> defaults_;                  // the mode, by name; "": the last
  std::map<std::string, std::optional<std::string>> variables_;  // that the configuration itself sets; nothing: taken away
  bool reset_ = false;                                           // only those count
  bool origin_written_ = false;                                  // by `default-path`
  List found_;
};

}  // namespace

List read_haproxy(std::span<const ConfigurationFile> configuration, const ServerFiles& files, Troubles& troubles) {
  Reader reader(files, troubles);
  for (const ConfigurationFile& file : configuration) reader.file(file);
  return reader.finish();
}

}  // namespace exporter::discovery
