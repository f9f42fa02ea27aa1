// The memory of certificate_facts.h: facts by fingerprint, shared by everything that has seen the certificate.
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "probes/tls/certificate_facts.h"

namespace probes::tls {

namespace {

// Forgetting waits until this many entries: an estate of a few hundred certificates is never swept.
constexpr std::size_t smallest_sweep = 256;

// Facts are found by the fingerprint that stands in them.
struct SameFingerprint {
  using is_transparent = void;
  static std::string_view of(std::string_view fingerprint) { return fingerprint; }
  static std::string_view of(const observations::CertificatePtr& facts) { return facts->fingerprint_sha256(); }
  std::size_t operator()(const auto& one) const { return std::hash<std::string_view>{}(of(one)); }
  bool operator()(const auto& one, const auto& other) const { return of(one) == of(other); }
};

class Shard {
 public:
  // Reads under the lock, so that threads racing for a new certificate read it once between them.
  observations::CertificatePtr find_or_read(const std::string& fingerprint, X509* certificate,
                                            std::atomic<std::uint64_t>& extracted) {
    const std::scoped_lock lock(mutex_);
    if (const auto known = remembered_.find(fingerprint); known != remembered_.end()) return *known;
    if (remembered_.size() >= sweep_at_) sweep();
    ++extracted;
    return *remembered_.insert(observations::packed(facts(certificate))).first;
  }

 private:
  // Forgets what nobody else holds. The next sweep comes when the rest has doubled: amortised, and bounded by what is in use.
  void sweep() {
    std::erase_if(remembered_, [](const observations::CertificatePtr& one) { return one.use_count() == 1; });
    sweep_at_ = std::max(smallest_sweep, 2 * remembered_.size());
  }

  std::mutex mutex_;
  std::unordered_set<observations::CertificatePtr, SameFingerprint, SameFingerprint> remembered_;
  std::size_t sweep_at_ = smallest_sweep;
};

std::atomic<std::uint64_t> extracted = 0;

Shard& shard_of(const std::string& fingerprint) {
  static std::array<Shard, 16> shards;
  return shards[fingerprint.empty() ? 0 : static_cast<unsigned char>(fingerprint.front()) % shards.size()];
}

}  // namespace

observations::CertificatePtr remembered_facts(X509* certificate) {
  const std::string fingerprint = fingerprint_sha256(certificate);
  return shard_of(fingerprint).find_or_read(fingerprint, certificate, extracted);
}

std::uint64_t facts_extracted() { return extracted; }

}  // namespace probes::tls
