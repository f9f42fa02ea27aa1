#include "exporter/discovery/candidates.h"

#include <glob.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "config/address.h"
#include "config/endpoint.h"
#include "config/mistakes.h"
#include "config/regular_file.h"
#include "probes/protocols/protocol.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/secret_file.h"

namespace exporter::discovery {

namespace {

using probes::observations::SubjectAlternativeName;
using enum SourceReason;

constexpr std::size_t longest_name = 256;  // it becomes a label value
constexpr std::size_t largest_certificate = 16u << 20;
constexpr std::chrono::milliseconds glance(2000);  // where nothing tells of changes
constexpr std::size_t most_files = 10'000;         // of one glob

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

SourceReason reason_of(const config::FileTrouble& trouble) {
  switch (trouble.code) {
    case ENOENT:
    case ENOTDIR: return not_found;
    case EACCES:
    case EPERM: return permission_denied;
    case EISDIR: return irregular_file;
    default: return trouble.code == 0 ? irregular_file : read_failed;
  }
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// The part of a pattern in front of its first wildcard, as a folder.
std::string folder_of(const std::string& pattern) {
  const std::string fixed = pattern.substr(0, pattern.find_first_of("*?["));
  const std::size_t slash = fixed.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : fixed.substr(0, slash);
}

Leaf leaf_of(const probes::observations::Certificate& certificate) {
  Leaf leaf{.names = {}, .common_name = {}, .key = KeyKind::other};
  for (const SubjectAlternativeName& name : certificate.subject_alternative_names()) {
    if (name.kind != SubjectAlternativeName::Kind::dns) continue;
    std::string text = lower(std::string(name.value));
    const bool wildcard = text.starts_with("*.");
    if (config::is_host(wildcard ? std::string_view(text).substr(2) : std::string_view(text)))
      leaf.names.push_back(std::move(text));
  }
  std::string common_name = lower(std::string(certificate.subject_common_name()));
  const bool wildcard = common_name.starts_with("*.");
  if (config::is_host(wildcard ? std::string_view(common_name).substr(2) : std::string_view(common_name)))
    leaf.common_name = std::move(common_name);
  if (certificate.key_type() == "rsa" || certificate.key_type() == "rsa-pss") leaf.key = KeyKind::rsa;
  if (certificate.key_type() == "ec") leaf.key = KeyKind::ecdsa;
  return leaf;
}

}  // namespace

std::string aim(Candidate& candidate, const std::string& address) {
  const auto parsed = config::parse_endpoint(address, probes::protocols::default_ports());
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return *wrong;
  const auto& good = std::get<config::Endpoint>(parsed);
  if (candidate.name.size() > longest_name) return config::quote(candidate.name) + " is a name of more than 256 bytes";
  if (!candidate.server_name.empty() && !config::is_host(candidate.server_name))
    return config::quote(candidate.server_name) + " is no server name";
  candidate.host = lower(good.host);
  candidate.port = good.port;
  candidate.path = good.path;
  candidate.scheme = good.protocol;
  if (!candidate.scheme.empty() && candidate.name.empty() && address.size() <= longest_name) candidate.name = address;
  return {};
}

std::string leaf_name(const probes::observations::Certificate& certificate) {
  for (const SubjectAlternativeName& name : certificate.subject_alternative_names())
    if (name.kind == SubjectAlternativeName::Kind::dns && config::is_host(name.value)) return lower(std::string(name.value));
  return {};
}

std::vector<std::string> WatchedFiles::begin() {
  before_ = sight_patterns(patterns_);
  files_.clear();
  globs_.clear();
  std::set<std::string> files;
  for (const std::string& pattern : patterns_) {
    if (!is_pattern(pattern)) files.insert(pattern);
    else
      for (std::string& path : matches(pattern)) files.insert(std::move(path));
  }
  return {files.begin(), files.end()};
}

std::optional<std::string> WatchedFiles::read(const std::string& path, const Place& asker, Troubles& troubles) {
  files_.emplace(path, sight({path}));
  auto read = config::read_regular_file(path, largest_list);
  if (auto* text = std::get_if<std::string>(&read)) return std::move(*text);
  const auto& trouble = std::get<config::FileTrouble>(read);
  troubles.add(reason_of(trouble), asker, asker.path == path ? trouble.why : shown(path) + ": " + trouble.why);
  return std::nullopt;
}

std::vector<std::string> WatchedFiles::matches(const std::string& pattern) {
  globs_.emplace(pattern, sight_patterns({pattern}));
  std::vector<std::string> found;
  glob_t matched{};
  if (glob(pattern.c_str(), 0, nullptr, &matched) == 0)
    for (std::size_t index = 0; index < std::min<std::size_t>(matched.gl_pathc, most_files); ++index)
      found.emplace_back(matched.gl_pathv[index]);
  globfree(&matched);
  return found;
}

std::optional<std::vector<std::string>> WatchedFiles::entries(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return std::nullopt;
  globs_.emplace(folder + "/*", sight_patterns({folder + "/*"}));
  std::vector<std::string> found;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (std::error_code ignored; found.size() < most_files && entry->is_regular_file(ignored))
      found.push_back(entry->path().string());
  std::ranges::sort(found);
  return found;
}

bool WatchedFiles::exists(const std::string& path) {
  files_.emplace(path, sight({path}));
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

std::variant<Leaf, Trouble> WatchedFiles::leaf(const std::string& path) {
  files_.emplace(path, sight({path}));
  const probes::tls::FileContent content = probes::tls::read_file(path, largest_certificate);
  if (!content.good()) {
    std::error_code error;
    const bool there = std::filesystem::exists(path, error);
    return Trouble{.reason = content.missing                            ? not_found
                             : access(path.c_str(), R_OK) != 0 && there ? permission_denied
                                                                        : read_failed,
                   .path = {},
                   .detail = content.trouble};
  }
  const std::string_view text = content.bytes.view();
  const probes::tls::Ptr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const probes::tls::Ptr<X509> leaf(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!leaf) return Trouble{.reason = no_certificates, .path = {}, .detail = "no certificate in PEM"};
  return leaf_of(*probes::tls::remembered_facts(leaf.get()));
}

bool WatchedFiles::changed() const {
  return before_ != sight_patterns(patterns_) ||
         std::ranges::any_of(files_, [](const auto& file) { return file.second != sight({file.first}); }) ||
         std::ranges::any_of(globs_, [](const auto& glob) { return glob.second != sight_patterns({glob.first}); });
}

void WatchedFiles::rest(const std::stop_token& stopping, std::chrono::milliseconds interval) {
  std::set<std::string> folders;
  for (const std::string& pattern : patterns_) folders.insert(folder_of(pattern));
  for (const auto& [pattern, seen] : globs_) folders.insert(folder_of(pattern));
  for (const auto& [path, seen] : files_) folders.insert(std::filesystem::path(path).parent_path().string());
  folders_.watch(folders);
  const std::stop_callback wake(stopping, [this] { folders_.wake(); });
  const auto end = std::chrono::steady_clock::now() + interval;
  while (!stopping.stop_requested() && !changed()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    folders_.wait(std::min(left, glance));
  }
}

}  // namespace exporter::discovery
