// Which CA a certificate hangs on. The CAs are those that the operator trusts or keeps, and those of paths that hold: what a
// server sends beside that is a claim. A CA is its key. Where no path proves it, a certificate's key identifier tells which;
// without one its issuer's name does where it is one known CA's alone; else only the name is known. Built and read by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporter/estate/estate.h"

namespace exporter {

// A CA above a certificate, nearest first.
struct Above {
  std::string_view issuer;                           // its name
  probes::observations::CertificatePtr certificate;  // null: which key is meant is not known
  bool by_name = false;                              // its name alone says so

  std::optional<std::uint64_t> key() const { return certificate ? std::optional(certificate->key_digest()) : std::nullopt; }
};

// A name and a key identifier (empty: not named), as a certificate or a list has them.
struct NamedIssuer {
  std::string_view issuer;
  std::string_view key_identifier = {};
};

class KnownIssuers {
 public:
  // Everything that vouches in the estate: anchors of trust stores, what identities and files hold, trusted paths.
  explicit KnownIssuers(const Estate& estate);

  // The CAs above a leaf. Borrows from the arguments and from this. Empty for what vouches for itself, and where no issuer is
  // named.
  [[nodiscard]] std::vector<Above> above(const probes::observations::Certificate& leaf,
                                         const probes::observations::ChainJudgement* chain) const;
  [[nodiscard]] std::vector<Above> above(NamedIssuer issuer) const;
  [[nodiscard]] Above find(NamedIssuer issuer) const;

  [[nodiscard]] const std::vector<probes::observations::CertificatePtr>& all() const { return all_; }  // one of each CA

 private:
  void add(const probes::observations::CertificatePtr& certificate);
  void add(const probes::observations::ChainJudgementPtr& chain);

  std::unordered_set<const void*> met_;
  std::vector<probes::observations::CertificatePtr> all_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;  // indexes of all_
};

}  // namespace exporter
