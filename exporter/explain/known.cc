#include "exporter/explain/known.h"

#include <algorithm>

#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::Handshake;

namespace {

constexpr std::size_t files_named = 3;

std::string with_files(const std::string& words, const std::vector<std::string>& files) {
  if (files.empty()) return words;
  std::vector<std::string> safe_files;
  for (const std::string& file : files) safe_files.push_back(safe(file));
  return words + (files.size() == 1 ? " (file " : " (files ") + joined(safe_files, files_named) + ")";
}

}  // namespace

bool may_have_issued(const Certificate& issuer, const Certificate& certificate) {
  const auto key = issuer.subject_key_identifier(), wanted = certificate.authority_key_identifier();
  return issuer.subject() == certificate.issuer() && (key.empty() || wanted.empty() || key == wanted);
}

Met issuer_met(const Certificate& certificate, const Asked& asked, const KnownStore* besides) {
  if (asked.stores)
    for (const KnownStore& store : *asked.stores) {
      if (&store == besides) continue;
      for (const CertificatePtr& one : store.certificates)
        if (may_have_issued(*one, certificate)) return {one.get(), &store};
    }
  for (const CertificatePtr& one : asked.presented)
    if (may_have_issued(*one, certificate)) return {one.get(), nullptr};
  return {};
}

const KnownStore* judging_store(const Asked& asked) {
  if (!asked.stores) return nullptr;
  const auto found = std::ranges::find_if(*asked.stores, [&](const KnownStore& store) { return store.name == asked.trust; });
  return found == asked.stores->end() ? nullptr : &*found;
}

std::string place_of(const KnownStore& store) {
  if (store.name.empty()) return "the system's trust store";
  const bool is_file = store.files.size() == 1 && store.files.front() == store.name;
  return is_file ? "trust store " + safe(store.name) : with_files("trust store " + safe(store.name), store.files);
}

std::string trust_place(const Asked& asked) {
  const KnownStore* store = judging_store(asked);
  return store == nullptr ? trust_words(asked) : place_of(*store);
}

std::string identity_place(const Asked& asked) {
  const std::string words = "the certificate file of " + safe(asked.identity);
  return asked.identity_files.empty() || asked.identity_files.front() == asked.identity
             ? words
             : words + " (" + safe(asked.identity_files.front()) + ")";
}

bool lists_anybody(const Handshake& seen) { return seen.client.acceptable && seen.client.acceptable->count > 0; }

bool listed(std::string_view name, const Handshake& seen) {
  return lists_anybody(seen) && std::ranges::find(seen.client.acceptable->names, name) != seen.client.acceptable->names.end();
}

}  // namespace exporter::explain
