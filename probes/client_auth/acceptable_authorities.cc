#include "probes/client_auth/acceptable_authorities.h"

#include <openssl/evp.h>

#include <algorithm>
#include <set>
#include <utility>

#include "probes/client_auth/dated_authorities.h"
#include "probes/tls/made.h"

namespace probes::client_auth {

std::string encoded_name(const X509_NAME* name) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_NAME(const_cast<X509_NAME*>(name), &bytes);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

namespace {

std::string printed(const X509_NAME* name) {
  const tls::Ptr<BIO> bio = tls::made(BIO_new(BIO_s_mem()));
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

// Whether the list names an authority of which we know an expired certificate and none that is or may be current; and for how
// long that stays so.
struct Expiries {
  bool named = false;
  std::chrono::sys_seconds from = std::chrono::sys_seconds::min();   // inclusive
  std::chrono::sys_seconds until = std::chrono::sys_seconds::max();  // exclusive
};

Expiries expiries(const std::vector<std::string>& encoded, const chain::TrustStore& trust, std::chrono::sys_seconds now) {
  const std::set<std::string> listed(encoded.begin(), encoded.end());
  std::set<std::string> expired, current;
  Expiries found;
  for (std::size_t i = 0; i < trust.anchors().size(); ++i) {
    const std::string subject = encoded_name(X509_get_subject_name(trust.anchors()[i].get()));
    if (!listed.contains(subject)) continue;
    const observations::Date end = trust.certificates()[i]->not_after();
    if (!end) current.insert(subject);
    if (!end) continue;
    const std::chrono::sys_seconds gone = *end + std::chrono::seconds(1);
    (gone <= now ? expired : current).insert(subject);
    if (gone <= now) found.from = std::max(found.from, gone);
    else found.until = std::min(found.until, gone);
  }
  found.named =
      std::any_of(expired.begin(), expired.end(), [&](const std::string& subject) { return !current.contains(subject); });
  return found;
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
bool names_public_root(const AuthorityNames* names, const KnownAuthorities& known) {
  for (int i = 0; i < sk_X509_NAME_num(names); ++i) {
    const X509_NAME* name = sk_X509_NAME_value(names, i);
    const auto is_ours = [&](const auto& anchor) { return X509_NAME_cmp(X509_get_subject_name(anchor.get()), name) == 0; };
    const bool ours =
        known.trust != nullptr && std::any_of(known.trust->anchors().begin(), known.trust->anchors().end(), is_ours);
    if (!ours && holds(known.system->store(), name)) return true;
  }
  return false;
}

}  // namespace

DatedAuthorities dated_authorities(const AuthorityNames* names, const std::vector<std::string>& encoded,
                                   const KnownAuthorities& known, std::chrono::sys_seconds now) {
  observations::AcceptableAuthorities list;
  for (int i = 0; i < sk_X509_NAME_num(names) && list.names.size() < names_limit; ++i)
    list.names.push_back(printed(sk_X509_NAME_value(names, i)));
  list.count = encoded.size();
  list.digest = digest(encoded);
  if (encoded.empty()) list.problems.emplace_back("empty");
  if (known.system != nullptr && names_public_root(names, known)) list.problems.emplace_back("public_root");
  const Expiries expiry = known.trust != nullptr ? expiries(encoded, *known.trust, now) : Expiries{};
  if (expiry.named) list.problems.emplace_back("expired_ca");
  return {std::make_shared<const observations::AcceptableAuthorities>(std::move(list)), expiry.from, expiry.until};
}

bool issuer_listed(const SSL* ssl, const tls::Identity& identity) {
  const AuthorityNames* names = SSL_get0_peer_CA_list(ssl);
  if (sk_X509_NAME_num(names) <= 0) return true;
  for (const auto& certificate : identity.chain())
    for (int i = 0; i < sk_X509_NAME_num(names); ++i)
      if (X509_NAME_cmp(X509_get_issuer_name(certificate.get()), sk_X509_NAME_value(names, i)) == 0) return true;
  return false;
}

}  // namespace probes::client_auth
