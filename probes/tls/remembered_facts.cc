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

// Forgetting waits until this many bytes: an estate of a few hundred certificates is never swept, and a server that sends
// a huge one each time is.
constexpr std::size_t smallest_sweep = 256u << 10;

// What an entry takes beside the certificate.
constexpr std::size_t entry_bytes = 64;

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
  // Reads without the lock: a certificate that takes long holds up nobody. Threads that race for a new one may read it twice, and
  // share what was remembered first.
  observations::CertificatePtr find_or_read(const std::string& fingerprint, X509* certificate,
                                            std::atomic<std::uint64_t>& extracted) {
    if (auto known = find(fingerprint)) return known;
    auto read = observations::packed(facts(certificate));
    const std::scoped_lock lock(mutex_);
    if (bytes_ >= sweep_at_) sweep();
    const auto [place, inserted] = remembered_.insert(std::move(read));
    if (!inserted) return *place;
    ++extracted;
    bytes_ += (*place)->bytes() + entry_bytes;
    return *place;
  }

 private:
  observations::CertificatePtr find(const std::string& fingerprint) {
    const std::scoped_lock lock(mutex_);
    const auto known = remembered_.find(fingerprint);
    return known != remembered_.end() ? *known : nullptr;
  }

  // Forgets what nobody else holds. The next sweep comes when the rest has doubled: amortised, and bounded by what is in use.
  void sweep() {
    std::erase_if(remembered_, [](const observations::CertificatePtr& one) { return one.use_count() == 1; });
    bytes_ = 0;
    for (const observations::CertificatePtr& one : remembered_) bytes_ += one->bytes() + entry_bytes;
    sweep_at_ = std::max(smallest_sweep, 2 * bytes_);
  }

  std::mutex mutex_;
  std::unordered_set<observations::CertificatePtr, SameFingerprint, SameFingerprint> remembered_;
  std::size_t bytes_ = 0;
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
