// The memory of judge.h: judgements by everything they depend on, for as long as no date is crossed.
#include <array>
#include <atomic>
#include <mutex>
#include <string>

#include "probes/chain/dated_judgement.h"
#include "probes/recent.h"
#include "probes/tls/certificate_facts.h"

namespace probes::chain {

namespace {

// Bytes in each of sixteen memories: in all ten thousand chains of the usual size. The least recently used goes first.
constexpr std::size_t most_remembered = 2u << 20;

std::atomic<std::uint64_t> judged = 0;

// What a judgement keeps in memory, about: a hostile chain of thousands of certificates has a finding for each.
std::size_t weight_of(const observations::ChainJudgement& judgement) {
  std::size_t weight = sizeof judgement;
  for (const observations::Problem& problem : judgement.problems) {
    weight += sizeof problem + problem.detail.size();
    if (problem.certificate) weight += problem.certificate->bytes();
  }
  for (const observations::RevocationAnswer& answer : judgement.revocation)
    weight += sizeof answer + answer.source.size() + answer.detail.size();
  for (const observations::CertificatePtr& certificate : judgement.path) weight += certificate->bytes();
  return weight;
}

// Least recently used, because a reload makes a new generation and nobody will ever ask for the old one again.
class Memory {
 public:
  // Judges without the lock: a chain that takes long holds up nobody. Threads that race for a new chain may judge it twice.
  observations::ChainJudgementPtr find_or_judge(std::string key, std::span<X509* const> received, const TrustStore& trust,
                                                const JudgeOptions& options) {
    if (auto known = find(key, options.at)) return known;
    ++judged;
    DatedJudgement made = dated_judgement(received, trust, options);
    observations::ChainJudgementPtr judgement = made.judgement;
    const std::size_t weight = key.size() + weight_of(*judgement) + made.tickets.size() * sizeof(revocation::Ticket);
    const std::scoped_lock lock(mutex_);
    recent_.remember(std::move(key), std::move(made), weight);
    return judgement;
  }

 private:
  observations::ChainJudgementPtr find(const std::string& key, std::chrono::sys_seconds at) {
    const std::scoped_lock lock(mutex_);
    const DatedJudgement* known = recent_.find(key);
    if (known == nullptr || at < known->from || known->until <= at) return nullptr;
    for (const revocation::Ticket& ticket : known->tickets) {
      if (!ticket.holds()) return nullptr;
      ticket.place->want(at);
    }
    return known->judgement;
  }

  std::mutex mutex_;
  Recent<DatedJudgement> recent_{most_remembered};
};

// Sixteen, so that lanes seldom wait for each other.
Memory& memory_of(const std::string& key) {
  static std::array<Memory, 16> memories;
  return memories[std::hash<std::string>()(key) % memories.size()];
}

std::string key_of(std::span<const observations::CertificatePtr> facts, const TrustStore& trust, const JudgeOptions& options) {
  const auto number = [](auto value) { return std::to_string(value) + ";"; };
  std::string key = number(trust.generation()) + number(static_cast<int>(options.purpose)) + number(options.security_level) +
                    number(options.flags) + number(options.maximum_validity_days.value_or(-1)) +
                    number(options.maximum_depth.value_or(-1)) + number(options.lists);
  if (options.staple) key += options.staple->empty() ? "s" : tls::digest_sha256(*options.staple);
  key += ";";
  if (options.remote != nullptr) {
    const revocation::Wanted& wanted = options.wanted;
    key +=
        number(wanted.lists) + number(wanted.answers) + number(wanted.nonce) + number(wanted.refresh.count()) + wanted.responder;
  }
  key += ";";
  for (const std::string& word : options.ignore) key += word + ",";
  key += ";";
  for (const std::string& policy : options.policies) key += policy + ",";
  for (const observations::CertificatePtr& certificate : facts) key += certificate->fingerprint_sha256();
  return key;
}

}  // namespace

observations::ChainJudgementPtr remembered_judgement(std::span<X509* const> received,
                                                     std::span<const observations::CertificatePtr> facts, const TrustStore& trust,
                                                     const JudgeOptions& options) {
  if (!options.crls.empty()) return judge(received, trust, options);
  std::string key = key_of(facts, trust, options);
  Memory& memory = memory_of(key);
  return memory.find_or_judge(std::move(key), received, trust, options);
}

std::uint64_t chains_judged() { return judged; }

}  // namespace probes::chain
