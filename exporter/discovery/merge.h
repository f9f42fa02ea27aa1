// What was configured and what was found, as one: the settings that the estate and the schedule adopt. Configured targets win;
// among discoveries the one written first. Two targets of the same endpoint, server name, module and identities are one. A name
// that is taken gets the address behind it ("payments/10.0.0.7:443"), then the server name, the module, a number. Used by one
// thread at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "config/settings.h"
#include "exporter/discovery/source.h"

namespace exporter::discovery {

using CandidatesPtr = std::shared_ptr<const std::vector<Candidate>>;  // sorted
using Found = std::map<std::string, CandidatesPtr>;                   // by the name of the discovery

// Sorted, and each once.
void put_in_order(std::vector<Candidate>& found);

// Counts names that the configuration does not have; such candidates are no targets until it has.
void count_unknown(const std::vector<Candidate>& found, const config::Settings& settings, Errors& errors);

class Merge {
 public:
  explicit Merge(std::shared_ptr<const config::Settings> configured) : configured_(std::move(configured)) {}

  // Candidates whose module or identity is not configured are left out.
  [[nodiscard]] config::Settings with(const Found& found);

 private:
  using Variant = std::tuple<std::string, std::string, std::optional<config::ClientAuthExpectation>>;

  std::shared_ptr<const config::Module> module_of(const config::Discovery& discovery, const Candidate& candidate);

  const std::shared_ptr<const config::Settings> configured_;
  std::map<Variant, std::shared_ptr<const config::Module>> variants_;  // kept: TLS contexts are kept by module
};

}  // namespace exporter::discovery
