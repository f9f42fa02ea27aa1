// The CAs that trusted paths of the estate go through and end at, each once, however many certificates it carries. A certificate
// of a CA that lies in a trust store, or is sent beside a path, is on none: nothing breaks when it ends. Built for one scrape
// from the slots, whose judgements say which path was taken; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/metrics/rows.h"

namespace exporter {

class Issuers {
 public:
  // Those of a path that holds; null, or one that does not hold, adds nothing.
  void add(const probes::observations::ChainJudgementPtr& chain);
  void add(const std::vector<PathIssuer>& issuers);

  // One for each CA (its name and its key) and part it plays, with the certificate of it that ends first. Borrows from this.
  [[nodiscard]] metrics::Rows rows(const metrics::Scope& scope) const;

 private:
  struct Key {
    std::string_view name;  // of the certificate it stands with
    std::uint64_t key = 0;
    bool anchor = false;
    auto operator<=>(const Key&) const = default;
  };
  void add(const PathIssuer& issuer);

  std::unordered_set<probes::observations::ChainJudgementPtr> met_;  // watches share them
  std::map<Key, probes::observations::CertificatePtr> first_to_end_;
};

// The value of the label `issuer_key`.
[[nodiscard]] std::string key_text(std::uint64_t key);

// Whether a certificate at rest was replaced or revoked: nobody is to use it any more.
[[nodiscard]] bool out_of_use(const RestingCertificate& resting);

// The CAs that carry the certificates of a source which are still to be used, each once.
[[nodiscard]] std::vector<PathIssuer> path_issuers(const std::vector<RestingCertificate>& resting);

}  // namespace exporter
