#include "probes/tls/known_certificate.h"

#include <openssl/err.h>

#include <array>
#include <functional>
#include <mutex>
#include <string>

#include "probes/recent.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/slim_library.h"

namespace probes::tls {

namespace {

// Bytes of DER in each of sixteen memories: in all some 3,000 certificates of the usual size, which take OpenSSL ten times that.
// A server that sends another certificate each time can fill no more than this.
constexpr std::size_t most_remembered = 128u << 10;

KnownCertificatePtr read(X509* received, const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  Ptr<X509> certificate = read_certificate(at, static_cast<long>(der.size()));
  ERR_clear_error();
  if (!certificate) certificate = share(received);
  auto facts = remembered_facts(certificate.get());
  return std::make_shared<const KnownCertificate>(KnownCertificate{std::move(certificate), std::move(facts)});
}

class Memory {
 public:
  // Reads without the lock: a certificate that takes long holds up nobody. Threads that race for a new one may read it twice.
  KnownCertificatePtr find_or_read(std::string der, X509* received) {
    if (auto known = find(der)) return known;
    KnownCertificatePtr made = read(received, der);
    const std::size_t weight = der.size();
    const std::scoped_lock lock(mutex_);
    recent_.remember(std::move(der), made, weight);
    return made;
  }

 private:
  KnownCertificatePtr find(const std::string& der) {
    const std::scoped_lock lock(mutex_);
    const KnownCertificatePtr* known = recent_.find(der);
    return known != nullptr ? *known : nullptr;
  }

  std::mutex mutex_;
  Recent<KnownCertificatePtr> recent_{most_remembered};
};

Memory& memory_of(const std::string& der) {
  static std::array<Memory, 16> memories;
  return memories[std::hash<std::string>()(der) % memories.size()];
}

}  // namespace

KnownCertificatePtr known_certificate(X509* received) {
  std::string bytes = der(received);
  if (bytes.empty()) return read(received, bytes);
  Memory& memory = memory_of(bytes);
  return memory.find_or_read(std::move(bytes), received);
}

}  // namespace probes::tls
