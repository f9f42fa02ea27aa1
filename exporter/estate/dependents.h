// Who depends on each CA: what breaks when it ends. A pure function of the estate's slots and the clock. A certificate depends on
// every CA above it; a door on those that its list of acceptable CAs names. What is over does not count: files and issued
// certificates that have expired or were replaced, callers that call no longer. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/estate/dependent_words.h"
#include "exporter/estate/estate.h"
#include "exporter/metrics/rows.h"

namespace exporter {

struct Dependent {
  std::string name;                // of the target, the identity, the file; for people
  probes::observations::Date end;  // of its certificate; absent: not known, or it is a door
  bool by_name = false;            // its issuer's name says so, and no key
};

struct DependentsOfKind {
  std::uint64_t count = 0;
  std::uint64_t by_name = 0;             // of these
  probes::observations::Date first_end;  // of them
  std::vector<Dependent> things;         // those that end first, as many as were asked for
};

struct IssuerDependents {
  std::string issuer;
  probes::observations::CertificatePtr certificate;  // null: which key is meant is not known
  std::array<DependentsOfKind, dependent_kinds> kinds;

  const DependentsOfKind& of(DependentKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
  std::uint64_t all() const;
};

class KnownIssuers;

// Of every CA that is known and of every name that something depends on, ordered by name and key, with at most `things` of each
// kind.
[[nodiscard]] std::vector<IssuerDependents> dependents(const Estate& estate, const KnownIssuers& known, WallTime now,
                                                       std::size_t things);

// Those that something depends on. Borrows nothing.
[[nodiscard]] metrics::Rows rows(const std::vector<IssuerDependents>& issuers, const metrics::Scope& scope);

}  // namespace exporter
