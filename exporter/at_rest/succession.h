// Which certificates at rest have a successor, and need no renewal: the renewed ones that certbot and easy-rsa keep, the old root
// beside the new one. Values; one thread at a time.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <unordered_map>

#include "probes/observations/certificate.h"
#include "probes/observations/inventory.h"

namespace exporter {

// What a certificate can be succeeded in. Of a leaf: its subject and alternative names, the kind of its key and what it is for,
// and its issuer where it has no alternative names (an `admin` of one CA is none of another). Of a CA: its name. Empty: in
// nothing.
[[nodiscard]] std::string succession_of(const probes::observations::Certificate& certificate, bool vouches);

// Does `later` begin and end after `certificate`?
[[nodiscard]] bool succeeds(const probes::observations::Certificate& later, const probes::observations::Certificate& certificate);

class Succession {
 public:
  void add(const probes::observations::CertificatePtr& certificate, bool vouches);
  // Whether one of those added succeeds `certificate`.
  [[nodiscard]] bool succeeded(const probes::observations::Certificate& certificate, bool vouches) const;

 private:
  std::unordered_multimap<std::string, probes::observations::CertificatePtr> latest_;
};

// Whether a certificate has a successor elsewhere in the estate. Called for certificates that end soon or have ended.
using SucceededElsewhere = std::function<bool(const probes::observations::Certificate& certificate, bool vouches)>;

}  // namespace exporter
