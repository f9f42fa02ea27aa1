// One probe and everything needed to explain it: what was asked, of whom, with which identity and trust store, what was seen,
// and which expectations that breaks. Plain values; what an identity's key is never enters.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "exporter/estate/estate.h"
#include "probes/chain/trust_store.h"
#include "probes/observations/handshake.h"
#include "probes/observations/inventory.h"

namespace exporter::explain {

// A trust store of the configuration, as far as advice needs it: what it holds, and what of it could not be read.
struct KnownStore {
  std::string name;                // "" the system's
  std::vector<std::string> files;  // read, globs expanded
  std::vector<probes::observations::CertificatePtr> certificates;
  std::vector<probes::observations::Trouble> troubles;
};
using KnownStores = std::vector<KnownStore>;
[[nodiscard]] KnownStore known_store(const probes::chain::TrustStore& store);

// What was asked, in the words of whoever asked: remedies name these.
struct Asked {
  std::shared_ptr<const config::Target> target;                  // never null, nor is its module
  std::string identity;                                          // "" when no client certificate was offered
  std::vector<probes::observations::CertificatePtr> presented;   // the identity's chain, leaf first; empty: unreadable or none
  std::vector<probes::observations::Problem> identity_problems;  // as of the time judged at
  probes::observations::ChainJudgementPtr identity_chain;        // of `presented`, by the identity's own trust store; or null
  std::vector<std::string> identity_files;                       // the certificate's first; may be empty
  std::shared_ptr<const KnownStores> stores;                     // every store of the configuration that was read; may be null
  std::string trust;                                             // the store's name, or its file; "": the system's store
  std::chrono::seconds ahead{};                                  // certificates were judged as of the probe plus this
};

// What the door knocks met, by "anonymous", "rogue" or the identity's name.
struct Knock {
  std::string name;
  probes::observations::KnockFound found;
  probes::observations::WallTime at{};
};
using Knocks = std::vector<Knock>;

struct Account {
  Asked asked;
  probes::observations::Handshake seen;
  std::vector<std::string_view>
      broken;      // expectations (exporter/estate/expectations.h), then `identity` where it has a critical problem
  Door door = {};  // with what the knocks told; without them it says nothing
  probes::observations::CertificatePtr other_leaf = nullptr;  // of the other kind of key, behind the same port; null: none came
};

// Works out what is broken. Without knocks nothing is said of the door but what our own probe met.
[[nodiscard]] Account account_of(Asked asked, probes::observations::Handshake seen, const Knocks& knocks = {});

// When the certificates were judged.
[[nodiscard]] probes::observations::WallTime judged_at(const Account& account);

}  // namespace exporter::explain
