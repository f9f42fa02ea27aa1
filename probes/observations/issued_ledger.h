// Everything a certificate authority has issued, to look single certificates up in: a certificate that comes from elsewhere, and
// what its authority's database says of it. Sixteen bytes for each certificate: there may be a million. Made by one thread,
// immutable afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/observations/authority.h"
#include "probes/observations/certificate.h"

namespace probes::observations {

class IssuedLedger {
 public:
  void reserve(std::size_t certificates) { entries_.reserve(certificates); }
  void add(std::string_view serial, Date not_after, IssuedState state);  // hexadecimal, in either case
  // A certificate that the authority issued: who the issuer is. Without one it cannot be told whose certificates are missing.
  void issued_by_it(const Certificate& certificate);
  void finish();  // REQUIRED once, after the last add()

  // What the database says of `certificate`, by its serial number and its end; nothing where it does not know it, where either
  // cannot be read, and where the certificate is known to be another authority's.
  [[nodiscard]] std::optional<IssuedState> state_of(const Certificate& certificate) const;

  // Whether the database should know it: its issuer is this authority. False where that cannot be told.
  [[nodiscard]] bool should_know(const Certificate& certificate) const;

 private:
  struct Entry {
    std::uint64_t digest;
    IssuedState state;
  };
  std::vector<Entry> entries_;                                // by digest
  std::vector<std::pair<std::string, std::string>> issuers_;  // name, key identifier (empty: not named)
};

using IssuedLedgerPtr = std::shared_ptr<const IssuedLedger>;

}  // namespace probes::observations
