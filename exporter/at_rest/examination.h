// What is found out about certificates at rest besides their facts, wherever they lie: what vouches for others, and what the
// leaves chain to. Pure but for the clock that it is given; any thread.
#pragma once

#include <openssl/x509.h>

#include <chrono>
#include <span>
#include <vector>

#include "probes/chain/trust_store.h"
#include "probes/observations/inventory.h"
#include "probes/tls/handles.h"

namespace exporter {

struct Examination {
  probes::chain::TrustStorePtr trust;  // null: leaves are not judged
  std::chrono::sys_seconds at{};

  // Adds it to what was read of one place. `certificates` are those of file.certificates, in their order.
  void examine(probes::observations::Inventory& file, std::span<const probes::tls::Ptr<X509>> certificates) const;

  // Whether what was found out `before` no longer holds: another trust, a certificate that has begun or ended since.
  [[nodiscard]] bool outdates(const probes::observations::Inventory& file, const Examination& before) const;

  // The anchors of `trust`, borrowed.
  [[nodiscard]] std::vector<X509*> anchors() const;

 private:
  void judge(std::span<X509* const> chain, std::span<probes::observations::StoredCertificate> entry) const;
  bool vouches_for_others(X509* certificate, const probes::observations::Certificate& facts, std::size_t index,
                          std::size_t of) const;
};

}  // namespace exporter
