// Judges a chain as received against a trust store: valid, complete, until when, and every finding. The verdict is OpenSSL's;
// the findings beside it are ours and never change it, but for one: what a revocation list of the trust store names is revoked,
// and the chain not valid. Judgements are remembered by (fingerprints, trust generation, purpose, options) for as long as no date
// of the chain is crossed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/chain/trust_store.h"
#include "probes/observations/chain.h"
#include "probes/revocation/wanted.h"

namespace probes::chain {

enum class Purpose : std::uint8_t { server, client, any };

struct JudgeOptions {
  Purpose purpose = Purpose::server;
  int security_level = 2;                    // OpenSSL's: RSA below 2048 bits and SHA-1 signatures are refused at 2
  std::vector<std::string> ignore;           // words of findings that are not reported
  std::optional<int> maximum_validity_days;  // leaf validity above this is a finding
  std::chrono::sys_seconds at{};             // the time of the judgement
  bool lists = true;                         // the trust store's own revocation lists are asked
  // Distribution points and responders are asked where this is there, of certificates whose path is trusted; borrowed.
  revocation::Remote* remote = nullptr;
  revocation::Wanted wanted;
  std::optional<std::string_view> staple;  // what came when one was asked for, empty: nothing; absent: none was asked for

  // For conformance tests; OpenSSL's defaults otherwise.
  unsigned long flags = 0;            // more X509_V_FLAG_*
  std::optional<int> maximum_depth;   // intermediates allowed
  std::vector<std::string> policies;  // dotted OIDs acceptable to the relying party; checks policies when not empty
  std::vector<X509_CRL*> crls;        // borrowed; not looked at without X509_V_FLAG_CRL_CHECK
};

// Judges `received` (leaf first, as sent, not empty; borrowed). Never throws on any input; bounded to about a second. Any thread.
[[nodiscard]] observations::ChainJudgementPtr judge(std::span<X509* const> received, const TrustStore& trust,
                                                    const JudgeOptions& options);

// The same, remembered (not with CRLs, which change without a generation). `facts`: of each of `received`, whose fingerprints
// tell what was judged before. Any thread.
[[nodiscard]] observations::ChainJudgementPtr remembered_judgement(std::span<X509* const> received,
                                                                   std::span<const observations::CertificatePtr> facts,
                                                                   const TrustStore& trust, const JudgeOptions& options);

// Might judging this take longer than a thousandth of a second or two: is it a long chain, a large one, or one of very large
// keys? Bounds what certificates can cost by what all of it depends on: their number, their bytes (names, constraints, policies)
// and their keys. Cheap itself; any thread.
[[nodiscard]] bool dear(std::span<X509* const> received);

// How many judgements remembered_judgement() had to make, since the start.
[[nodiscard]] std::uint64_t chains_judged();

}  // namespace probes::chain
