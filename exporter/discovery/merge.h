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

// What one discovery has found: sorted, and each once.
using ListPtr = std::shared_ptr<const List>;
using Found = std::map<std::string, ListPtr>;  // by the name of the discovery

// Sorts what was found, and leaves each in it once.
void put_in_order(Look& look);

// Candidates that name what the configuration does not have, or cannot be probed as it says, are troubles of `discovery`, and no
// targets until it does.
void name_unknown(const std::vector<Candidate>& found, const config::Settings& settings, const std::string& discovery,
                  Troubles& troubles);

class Merge {
 public:
  explicit Merge(std::shared_ptr<const config::Settings> configured) : configured_(std::move(configured)) {}

  // Candidates whose module or identity is not configured are left out.
  [[nodiscard]] config::Settings with(const Found& found);

 private:
  using Variant = std::tuple<std::string, std::string, std::optional<config::ClientAuthExpectation>, std::string, bool>;

  std::shared_ptr<const config::Module> module_of(const config::Discovery& discovery, const Candidate& candidate);

  const std::shared_ptr<const config::Settings> configured_;
  std::map<Variant, std::shared_ptr<const config::Module>> variants_;  // kept: TLS contexts are kept by module
};

}  // namespace exporter::discovery
