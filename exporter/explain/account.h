// One probe and everything needed to explain it: what was asked, of whom, with which identity and trust store, what was seen,
// and which expectations that breaks. Plain values; what an identity's key is never enters.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "probes/observations/handshake.h"

namespace exporter::explain {

// What was asked, in the words of whoever asked: remedies name these.
struct Asked {
  std::shared_ptr<const config::Target> target;                  // never null, nor is its module
  std::string identity;                                          // "" when no client certificate was offered
  std::vector<probes::observations::CertificatePtr> presented;   // the identity's chain, leaf first; empty: unreadable or none
  std::vector<probes::observations::Problem> identity_problems;  // as of the time judged at
  std::string trust;                                             // the store's name, or its file; "": the system's store
  std::chrono::seconds ahead{};                                  // certificates were judged as of the probe plus this
};

struct Account {
  Asked asked;
  probes::observations::Handshake seen;
  std::vector<std::string_view>
      broken;  // expectations (exporter/estate/expectations.h), then `identity` where it has a critical problem
  probes::observations::CertificatePtr other_leaf = nullptr;  // of the other kind of key, behind the same port; null: none came
};

// Works out what is broken. No knocks are made for one probe, so nothing is said of the door but what our own probe met.
[[nodiscard]] Account account_of(Asked asked, probes::observations::Handshake seen);

// When the certificates were judged.
[[nodiscard]] probes::observations::WallTime judged_at(const Account& account);

}  // namespace exporter::explain
