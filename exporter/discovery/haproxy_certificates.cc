#include "exporter/discovery/haproxy_certificates.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace exporter::discovery {

namespace {

using enum SourceReason;

constexpr std::size_t most_certificates = 10'000;                                     // of one bind
constexpr std::array<std::string_view, 3> key_suffixes = {".dsa", ".ecdsa", ".rsa"};  // as haproxy tries them

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

// What haproxy passes over in a folder: hidden files, and what belongs to a certificate beside it.
bool is_passed_over(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  if (name.starts_with('.')) return true;
  return std::ranges::any_of(std::array<std::string_view, 4>{".issuer", ".ocsp", ".sctl", ".key"},
                             [&](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace

std::string HaproxyCertificates::from_origin(const std::string& path) const {
  return origin.empty() || path.starts_with('/') ? path : origin + "/" + path;
}

std::string HaproxyCertificates::whole(const std::string& path) const {
  return from_origin(base.empty() || path.starts_with('/') ? path : base + "/" + path);
}

std::string HaproxyCertificates::ca_file(const std::string& written) const {
  if (written.empty() || written.starts_with('@')) return {};
  const std::string path = from_origin(ca_base.empty() || written.starts_with('/') ? written : ca_base + "/" + written);
  return path.starts_with('/') ? path : std::string();
}

void HaproxyCertificates::store(const std::string& store, const std::string& store_base, const Words& load) {
  std::string certificate, alias;
  for (std::size_t index = 1; index + 1 < load.size(); index += 2) {
    if (load[index] == "crt") certificate = load[index + 1];
    if (load[index] == "alias") alias = load[index + 1];
  }
  if (certificate.empty()) return;
  const std::string& folder = store_base.empty() ? base : store_base;
  const std::string path = from_origin(folder.empty() || certificate.starts_with('/') ? certificate : folder + "/" + certificate);
  stored_["@" + store + "/" + (alias.empty() ? certificate : alias)] = path;
}

std::vector<LoadedCertificate> HaproxyCertificates::load(const std::vector<CertificateWord>& words, const Place& place) {
  std::vector<LoadedCertificate> loaded;
  for (const CertificateWord& word : words) {
    if (word.kind == CertificateWord::Kind::list) list(from_origin(word.path), place, loaded);
    else file_or_folder(word.path, place, {}, true, loaded);
  }
  if (loaded.size() > most_certificates) {
    troubles_.add(too_large, place, "more certificates than " + std::to_string(most_certificates));
    loaded.resize(most_certificates);
  }
  return loaded;
}

void HaproxyCertificates::file_or_folder(const std::string& path, const Place& place, const LoadedCertificate& like, bool folders,
                                         std::vector<LoadedCertificate>& into) {
  if (path.starts_with('@')) {
    const auto stored = stored_.find(path);
    if (stored == stored_.end()) return troubles_.add(not_followed, place, "no `crt-store` has " + shown(path));
    return file(stored->second, place, like, into);
  }
  const std::string at = whole(path);
  if (folders)
    if (const auto entries = files_.entries(at)) return folder(*entries, place, into);
  const std::size_t before = into.size();
  if (files_.exists(at)) file(at, place, like, into);
  for (const std::string_view suffix : key_suffixes)
    if (bundles && files_.exists(at + std::string(suffix))) file(at + std::string(suffix), place, like, into);
  if (into.size() == before) file(at, place, like, into);  // names what is wrong with it
}

void HaproxyCertificates::folder(const std::vector<std::string>& entries, const Place& place,
                                 std::vector<LoadedCertificate>& into) {
  for (const std::string& entry : entries) {
    if (into.size() > most_certificates || is_passed_over(entry)) continue;
    const std::size_t before = into.size();
    file(entry, place, {}, into);
    // haproxy does not start with a file that is no certificate: this one came later, or is none of those it loaded.
    const auto* trouble = std::get_if<Trouble>(&leaves_.at(entry));
    if (trouble != nullptr && trouble->reason == no_certificates && into.size() > before) into.pop_back();
  }
}

void HaproxyCertificates::file(const std::string& path, const Place& place, LoadedCertificate like,
                               std::vector<LoadedCertificate>& into) {
  if (into.size() > most_certificates) return;
  auto known = leaves_.find(path);
  if (known == leaves_.end()) known = leaves_.emplace(path, files_.leaf(path)).first;
  const auto& read = known->second;
  like.path = path;
  if (const auto* leaf = std::get_if<Leaf>(&read)) like.leaf = *leaf;
  else troubles_.add(std::get<Trouble>(read).reason, place, shown(path) + ": " + std::get<Trouble>(read).detail);
  into.push_back(std::move(like));
}

void HaproxyCertificates::list(const std::string& path, const Place& place, std::vector<LoadedCertificate>& into) {
  const auto text = files_.read(path, place, troubles_);
  if (!text) return;
  Place here{path, 0};
  for (std::size_t at = 0; at < text->size() && into.size() <= most_certificates;) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    ++here.line;
    list_line(std::string_view(*text).substr(at, end - at), here, into);
    at = end + 1;
  }
}

// "FILE [verify required ca-file x] *.shop.example !www.shop.example": no quotes, no variables, brackets where they please.
void HaproxyCertificates::list_line(std::string_view line, const Place& place, std::vector<LoadedCertificate>& into) {
  Words words;
  bool in_word = false;
  for (const char c : line.substr(0, line.find('#'))) {
    const bool blank = c == ' ' || c == '\t' || c == '\r', bracket = c == '[' || c == ']';
    if (!blank && (bracket || !in_word)) words.emplace_back();
    if (!blank) words.back() += c;
    in_word = !blank && !bracket;
  }
  if (words.empty()) return;
  LoadedCertificate like;
  bool options = false;
  for (std::size_t index = 1; index < words.size(); ++index) {
    const std::string& word = words[index];
    if (word == "[" || word == "]") options = word == "[";
    else if (options && word == "verify" && index + 1 < words.size()) like.verify = words[++index];
    else if (options) continue;
    else if (word.starts_with('!')) like.excluded.insert(lower(std::string_view(word).substr(1)));
    else like.filters.push_back(lower(word));
  }
  file_or_folder(words.front(), place, like, false, into);
}

}  // namespace exporter::discovery
