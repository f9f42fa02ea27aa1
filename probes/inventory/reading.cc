#include "probes/inventory/reading.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

#include "probes/tls/certificate_facts.h"

namespace probes::inventory {

using observations::SourceReason;

Reading Reading::inside(std::string alias) const {
  Reading piece = *this;
  piece.alias_ = std::move(alias);
  ++piece.nesting_;
  return piece;
}

Reading Reading::with_issuers(std::span<X509* const> issuers) const {
  Reading informed = *this;
  informed.issuers_ = issuers;
  return informed;
}

Reading Reading::telling(const std::function<void(const std::string& path)>& refers) const {
  Reading telling = *this;
  telling.refers_ = &refers;
  return telling;
}

Reading Reading::without_files() const {
  Reading apart = *this;
  apart.may_open_files_ = false;
  return apart;
}

const std::string Reading::no_root;

Reading Reading::below(const std::string& root) const {
  Reading below = *this;
  below.root_ = &root;
  return below;
}

void Reading::refers_to(const std::string& path) const {
  if (refers_ != nullptr) (*refers_)(path);
}

Reading Reading::with_handles(std::vector<tls::Ptr<X509>>& handles) const {
  Reading keeping = *this;
  keeping.handles_ = &handles;
  return keeping;
}

std::size_t Reading::taken() const { return found_.certificates.size() + found_.revocation_lists.size(); }

Reading Reading::with_lists(std::vector<revocation::NamedList>& lists) const {
  Reading keeping = *this;
  keeping.lists_ = &lists;
  return keeping;
}

bool Reading::full() {
  const std::size_t taken = this->taken();
  if (taken == most_entries) trouble(SourceReason::too_large, "more than " + std::to_string(most_entries) + " entries");
  return taken >= most_entries;
}

bool Reading::admits(std::size_t size) {
  if (size > largest_certificate)
    trouble(SourceReason::too_large, "a certificate of " + std::to_string(size) + " bytes, and at most " +
                                         std::to_string(largest_certificate) + " are read");
  return size <= largest_certificate;
}

void Reading::certificate(X509* certificate, std::string_view alias) {
  if (full() || !admits(static_cast<std::size_t>(std::max(i2d_X509(certificate, nullptr), 0)))) return;
  const std::string name = alias.empty() ? alias_ : alias_.empty() ? std::string(alias) : alias_ + "/" + std::string(alias);
  const bool continues = !found_.certificates.empty() && found_.certificates.back().place.alias() == name;
  observations::StoredCertificate stored{.certificate = tls::remembered_facts(certificate)};
  stored.place = continues ? found_.certificates.back().place : observations::Location(path_, name);
  stored.position = continues ? found_.certificates.back().position + 1 : 0;
  found_.certificates.push_back(std::move(stored));
  if (handles_ != nullptr) handles_->push_back(tls::share(certificate));
}

namespace {

// Absent: none of `issuers` bears the name of its issuer.
std::optional<bool> signed_by_one_of(const revocation::List& list, std::span<X509* const> issuers) {
  std::optional<bool> genuine;
  for (X509* issuer : issuers) {
    if (X509_NAME_cmp(X509_get_subject_name(issuer), list.issuer()) != 0) continue;
    genuine = genuine.value_or(false) || list.signed_by(X509_get0_pubkey(issuer));
  }
  ERR_clear_error();
  return genuine;
}

}  // namespace

bool Reading::revocation_list(std::string_view der) {
  if (full()) return true;
  const revocation::ListPtr list = revocation::List::remembered(der);
  if (!list) return false;
  found_.revocation_lists.push_back({.path = path_,
                                     .issuer = tls::name_text(list->issuer()),
                                     .number = list->number(),
                                     .this_update = list->this_update(),
                                     .next_update = list->next_update(),
                                     .revoked = list->entries(),
                                     .part = list->scope_der(),
                                     .delta = list->base_number() != nullptr,
                                     .genuine = signed_by_one_of(*list, issuers_)});
  if (lists_ != nullptr) lists_->push_back({list, path_});
  return true;
}

void Reading::trouble(SourceReason reason, std::string detail) {
  if (!alias_.empty()) detail = alias_ + ": " + detail;
  // One of a kind for each file: a thousand broken blocks are one broken file.
  const bool known = std::ranges::any_of(
      found_.troubles, [&](const observations::Trouble& one) { return one.reason == reason && one.path == path_; });
  if (!known) found_.troubles.push_back({reason, path_, std::move(detail)});
}

bool decode_base64(std::string_view text, std::string& out) {
  std::string packed;
  packed.reserve(text.size());
  for (const char letter : text)
    if (letter != ' ' && letter != '\n' && letter != '\r' && letter != '\t') packed.push_back(letter);
  // OpenSSL counts the padding as zero bytes.
  const auto padding = static_cast<std::size_t>(packed.ends_with("==") ? 2 : packed.ends_with("=") ? 1 : 0);
  out.assign(packed.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(packed.data()), static_cast<int>(packed.size()));
  OPENSSL_cleanse(packed.data(), packed.size());  // it may be a key
  if (size < 0 || packed.size() % 4 != 0) return false;
  out.resize(static_cast<std::size_t>(size) - std::min(padding, static_cast<std::size_t>(size)));
  return true;
}

}  // namespace probes::inventory
