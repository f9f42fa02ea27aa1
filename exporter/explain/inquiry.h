// From the words of a command line to what is to be probed: which target, with which identities, against which trust. Reads the
// files of just those identities and stores; blocking.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/settings.h"
#include "exporter/commands/command_line.h"
#include "exporter/explain/account.h"
#include "probes/chain/trust_store.h"
#include "probes/tls/identity.h"
#include "probes/tls/secret_file.h"

namespace exporter::explain {

// One probe to make.
struct Inquiry {
  Asked asked;
  probes::tls::IdentityPtr identity;                                         // null: no client certificate is offered
  probes::chain::TrustStorePtr trust;                                        // never null
  std::shared_ptr<const probes::tls::FileContent> proxy_password = nullptr;  // null: none is needed
  std::vector<std::string> knocks = {};  // at the door, after the probe: `anonymous`, `rogue`; those of `knockers` by name
  std::map<std::string, probes::tls::IdentityPtr> knockers = {};
  bool other_key = false;  // also look for a certificate of the other kind of key (other_key.h)
};

// A command line that asks for something that is not there. what() says what is wrong and what would be right.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Inquiries {
  std::vector<Inquiry> all;
  std::vector<std::string> warnings;  // files of trust stores that could not be used
};

// `settings` of `config_file`, which is only named in errors; without a configuration the settings of an empty one. Identities
// are judged as of `now` plus what --at says. Throws UsageError.
[[nodiscard]] Inquiries inquiries(const ProbeOnce& options, const config::Settings& settings, const std::string& config_file,
                                  std::chrono::sys_seconds now);

}  // namespace exporter::explain
