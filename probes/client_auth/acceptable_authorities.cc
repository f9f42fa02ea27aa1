#include "probes/client_auth/acceptable_authorities.h"

#include <openssl/evp.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>

#include "probes/recent.h"
#include "probes/tls/certificate_facts.h"

namespace probes::client_auth {

namespace {

using Names = STACK_OF(X509_NAME);

std::string der(const X509_NAME* name) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_NAME(const_cast<X509_NAME*>(name), &bytes);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

std::string printed(const X509_NAME* name) {
  const tls::Ptr<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// The first 64 bits of the SHA-256 over the sorted names: the order of the list carries no meaning.
std::string digest(std::vector<std::string> encoded) {
  std::sort(encoded.begin(), encoded.end());
  std::string all;
  for (const std::string& name : encoded) all += name;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(all.data(), all.size(), hash, &size, EVP_sha256(), nullptr);
  static constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 8; ++i) {
    text.push_back(hex[hash[i] >> 4]);
    text.push_back(hex[hash[i] & 15]);
  }
  return text;
}

bool names_expired(const std::vector<std::string>& encoded, const chain::TrustStore& trust, std::chrono::sys_seconds now) {
  const std::set<std::string> listed(encoded.begin(), encoded.end());
  std::set<std::string> expired, current;
  for (std::size_t i = 0; i < trust.anchors().size(); ++i) {
    const std::string subject = der(X509_get_subject_name(trust.anchors()[i].get()));
    if (!listed.contains(subject)) continue;
    (trust.certificates()[i]->not_after() < now ? expired : current).insert(subject);
  }
  return std::any_of(expired.begin(), expired.end(), [&](const std::string& subject) { return !current.contains(subject); });
}

bool holds(X509_STORE* store, const X509_NAME* name) {
  const tls::Ptr<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store, nullptr, nullptr) != 1) return false;
  X509_OBJECT* found = X509_OBJECT_new();
  const bool held = X509_STORE_CTX_get_by_subject(context.get(), X509_LU_X509, name, found) == 1;
  X509_OBJECT_free(found);
  return held;
}

// An internal CA that was added to the system's store is not public: the target's own trust names it.
bool names_public_root(const Names* names, const KnownAuthorities& known) {
  for (int i = 0; i < sk_X509_NAME_num(names); ++i) {
    const X509_NAME* name = sk_X509_NAME_value(names, i);
    const auto is_ours = [&](const auto& anchor) { return X509_NAME_cmp(X509_get_subject_name(anchor.get()), name) == 0; };
    const bool ours =
        known.trust != nullptr && std::any_of(known.trust->anchors().begin(), known.trust->anchors().end(), is_ours);
    if (!ours && holds(known.system->store(), name)) return true;
  }
  return false;
}

// Ten thousand servers that trust the same few authorities hold one list between them.
observations::AcceptableAuthoritiesPtr shared(observations::AcceptableAuthorities found) {
  constexpr std::size_t most_remembered = 1u << 20;  // bytes
  static std::mutex mutex;
  static Recent<observations::AcceptableAuthoritiesPtr> recent(most_remembered);
  const std::scoped_lock lock(mutex);
  const auto* known = recent.find(found.digest);
  if (known != nullptr && **known == found) return *known;
  std::size_t weight = sizeof found;
  for (const std::string& name : found.names) weight += sizeof name + name.size();
  auto made = std::make_shared<const observations::AcceptableAuthorities>(std::move(found));
  recent.remember(made->digest, made, weight);
  return made;
}

}  // namespace

observations::AcceptableAuthoritiesPtr acceptable_authorities(const SSL* ssl, const KnownAuthorities& known,
                                                              std::chrono::sys_seconds now) {
  observations::AcceptableAuthorities found;
  const Names* names = SSL_get0_peer_CA_list(ssl);
  std::vector<std::string> encoded;
  for (int i = 0; i < sk_X509_NAME_num(names); ++i) {
    const X509_NAME* name = sk_X509_NAME_value(names, i);
    encoded.push_back(der(name));
    if (found.names.size() < names_limit) found.names.push_back(printed(name));
  }
  found.count = encoded.size();
  found.digest = digest(encoded);
  if (encoded.empty()) found.problems.emplace_back("empty");
  if (known.system != nullptr && names_public_root(names, known)) found.problems.emplace_back("public_root");
  if (known.trust != nullptr && names_expired(encoded, *known.trust, now)) found.problems.emplace_back("expired_ca");
  return shared(std::move(found));
}

bool issuer_listed(const SSL* ssl, const tls::Identity& identity) {
  const Names* names = SSL_get0_peer_CA_list(ssl);
  if (sk_X509_NAME_num(names) <= 0) return true;
  for (const auto& certificate : identity.chain())
    for (int i = 0; i < sk_X509_NAME_num(names); ++i)
      if (X509_NAME_cmp(X509_get_issuer_name(certificate.get()), sk_X509_NAME_value(names, i)) == 0) return true;
  return false;
}

}  // namespace probes::client_auth
