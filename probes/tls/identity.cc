#include "probes/tls/identity.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <ranges>

#include "probes/chain/judge.h"
#include "probes/observations/unreadable.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/identity_source.h"

namespace probes::tls {

using observations::Finding;
using observations::Problem;

namespace {

// NIST SP 800-57 part 1, table 2: RSA 2048 and P-224 have 112 bits of security.
constexpr int weakest_security_bits = 112;

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Problem of_leaf(Finding finding, std::string detail) {
  return {finding, observations::row(finding).severity, 0, std::move(detail)};
}

// RFC 5280 4.2.1.12: without the extension every purpose is allowed.
bool may_authenticate_clients(X509* leaf) { return (X509_get_extended_key_usage(leaf) & (XKU_SSL_CLIENT | XKU_ANYEKU)) != 0; }

bool has_weak_key(X509* leaf) {
  const EVP_PKEY* key = X509_get0_pubkey(leaf);
  const int bits = key ? EVP_PKEY_get_security_bits(key) : 0;
  return bits > 0 && bits < weakest_security_bits;
}

}  // namespace

// Builds identities: the one place that writes their members.
class IdentityReader {
 public:
  static std::shared_ptr<Identity> fresh(std::string name) {
    const std::shared_ptr<Identity> identity(new Identity);
    identity->name_ = std::move(name);
    identity->generation_ = next_generation();
    return identity;
  }

  static std::shared_ptr<Identity> from(Material material, std::string name) {
    const std::shared_ptr<Identity> identity = fresh(std::move(name));
    identity->chain_ = std::move(material.chain);
    identity->key_ = std::move(material.key);
    identity->key_in_token_ = material.key_in_token;
    identity->source_problems_ = std::move(material.problems);
    match(*identity);
    return identity;
  }

  static std::shared_ptr<Identity> copy(const Identity& original) {
    const std::shared_ptr<Identity> identity(new Identity);
    identity->name_ = original.name_;
    identity->generation_ = original.generation_;
    for (const Ptr<X509>& certificate : original.chain_) identity->chain_.push_back(share(certificate.get()));
    if (original.key_) identity->key_ = share(original.key_.get());
    identity->key_matches_ = original.key_matches_;
    identity->key_in_token_ = original.key_in_token_;
    identity->certificates_ = original.certificates_;
    identity->source_problems_ = original.source_problems_;
    identity->paths_ = original.paths_;
    return identity;
  }

  // All that depends on time and trust.
  static void judge(Identity& identity, const chain::TrustStorePtr& trust, std::chrono::sys_seconds now) {
    identity.problems_ = identity.source_problems_;
    if (identity.chain_.empty()) return;
    const observations::Certificate& leaf = *identity.certificates_.front();
    if (leaf.not_after() && now > *leaf.not_after()) identity.problems_.push_back(of_leaf(Finding::expired, ""));
    if (leaf.not_before() && now < *leaf.not_before()) identity.problems_.push_back(of_leaf(Finding::not_yet_valid, ""));
    if (trust) judge_chain(identity, *trust, now);
    ERR_clear_error();
  }

 private:
  // What never changes: do key and certificate belong together, and are they fit for a client?
  static void match(Identity& identity) {
    for (const Ptr<X509>& certificate : identity.chain_) identity.certificates_.push_back(remembered_facts(certificate.get()));
    if (identity.chain_.empty()) return;
    X509* leaf = identity.chain_.front().get();
    std::vector<Problem>& problems = identity.source_problems_;
    for (std::size_t at = 0; at < identity.certificates_.size(); ++at)
      for (Problem& problem : observations::unreadable_facts(*identity.certificates_[at], static_cast<int>(at)))
        problems.push_back(std::move(problem));
    if (!may_authenticate_clients(leaf)) problems.push_back(of_leaf(Finding::no_client_auth_eku, ""));
    if (has_weak_key(leaf))
      problems.push_back(of_leaf(Finding::weak_key, observations::key_word(*identity.certificates_.front())));
    if (!identity.key_) return;
    identity.key_matches_ = belongs(identity.key_.get(), leaf);
    if (!identity.key_matches_) problems.push_back(of_leaf(Finding::key_mismatch, mismatch(identity)));
    ERR_clear_error();
  }

  static bool belongs(const EVP_PKEY* key, X509* certificate) { return X509_check_private_key(certificate, key) == 1; }

  static std::string mismatch(const Identity& identity) {
    const auto owner =
        std::ranges::find_if(identity.chain_, [&](const Ptr<X509>& other) { return belongs(identity.key_.get(), other.get()); });
    if (owner == identity.chain_.end()) return "the private key does not belong to the certificate";
    return "the private key belongs to certificate " + std::to_string(owner - identity.chain_.begin() + 1) +
           " of the file, the leaf must be the first";
  }

  static void judge_chain(Identity& identity, const chain::TrustStore& trust, std::chrono::sys_seconds now) {
    std::vector<X509*> received;
    for (const Ptr<X509>& certificate : identity.chain_) received.push_back(certificate.get());
    identity.judgement_ =
        chain::remembered_judgement(received, identity.certificates_, trust, {.purpose = chain::Purpose::client, .at = now});
    if (!identity.judgement_) return;
    for (const Problem& problem : identity.judgement_->problems)
      if (problem.finding == Finding::revoked) identity.problems_.push_back(problem);
    if (identity.judgement_->expiry) return;
    identity.problems_.push_back(of_leaf(Finding::untrusted_chain, identity.judgement_->verify_text));
  }
};

std::vector<std::string> files_of(const config::Identity& settings) {
  std::vector<std::string> files;
  for (const std::string* file :
       {&settings.certificate_file, &settings.key_file, &settings.pkcs12_file, &settings.passphrase_file, &settings.pin_file})
    if (!file->empty()) files.push_back(*file);
  return files;
}

IdentityPtr Identity::load(const config::Identity& settings, chain::TrustStorePtr trust, std::chrono::sys_seconds now) {
  ERR_clear_error();
  Material material = settings.pkcs12_file.empty() ? read_pem(settings) : read_pkcs12(settings);
  const std::shared_ptr<Identity> identity = IdentityReader::from(std::move(material), settings.name);
  identity->paths_ = files_of(settings);
  IdentityReader::judge(*identity, trust, now);
  return identity;
}

IdentityPtr Identity::of(std::string name, const std::vector<X509*>& chain, EVP_PKEY* key) {
  Material material;
  for (X509* certificate : chain) material.chain.push_back(share(certificate));
  if (key) material.key = share(key);
  const std::shared_ptr<Identity> identity = IdentityReader::from(std::move(material), std::move(name));
  identity->problems_ = identity->source_problems_;
  return identity;
}

IdentityPtr Identity::judged_again(chain::TrustStorePtr trust, std::chrono::sys_seconds now) const {
  const std::shared_ptr<Identity> identity = IdentityReader::copy(*this);
  IdentityReader::judge(*identity, trust, now);
  return identity;
}

}  // namespace probes::tls
