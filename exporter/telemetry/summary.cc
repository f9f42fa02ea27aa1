#include "exporter/telemetry/summary.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "exporter/api/standing.h"

namespace exporter::telemetry {

using namespace probes::observations;

namespace {

enum Index : std::size_t { certificates, soonest, chains, failures, doors, callers };

constexpr SummaryFamily table[] = {
    {"mtls_estate_certificates", "source, state",
     "Certificates, each once for a source however often it is met: valid, expiring (under 30 days and a quarter of its "
     "lifetime), "
     "expired, not_yet_valid, superseded (at rest, a later one is there), unreadable (its dates). Of an authority those that its "
     "database lists, by their state there."},
    {"mtls_estate_soonest_expiry_days", "source",
     "Days until the first of them expires. Negative where one that is in use (server, identity) has expired; of those at rest "
     "the first that has neither expired nor been superseded. Absent where there is none."},
    {"mtls_estate_chains", "source, valid", "Chains that are judged, by whether they are valid."},
    {"mtls_estate_handshake_failures", "stage, reason", "Watches whose latest handshake failed so."},
    {"mtls_estate_doors", "mode", "Watches by what is known of the server's client authentication."},
    {"mtls_estate_callers", "state", "Client certificates that were seen in the logs of servers, each in exactly one state."},
};

constexpr std::string_view states[] = {"valid", "expiring", "expired", "not_yet_valid", "superseded", "unreadable"};

std::string_view state_of(const Certificate& certificate, WallTime now) {
  const Date begin = certificate.not_before(), end = certificate.not_after();
  if (!begin || !end) return "unreadable";
  if (*end < now) return "expired";
  if (*begin > now) return "not_yet_valid";
  return api::ends_soon(certificate, *end, now, std::nullopt) ? "expiring" : "valid";
}

// What is counted of one source.
struct Counted {
  std::map<std::string_view, double> states;
  std::optional<double> soonest;
  std::array<double, 2> chains{};  // not valid, valid
  std::unordered_set<std::string> met = {};

  void add(const CertificatePtr& certificate, bool in_use, WallTime now) {
    if (!certificate || !met.insert(std::string(certificate->fingerprint_sha256())).second) return;
    const std::string_view state = state_of(*certificate, now);
    ++states[state];
    if (state == "expired" && !in_use) return;
    ends(certificate->not_after(), now);
  }
  void add_superseded(const CertificatePtr& certificate) {
    if (met.insert(std::string(certificate->fingerprint_sha256())).second) ++states["superseded"];
  }
  void ends(const Date& end, WallTime now) {
    if (!end) return;
    const double days = api::days_left(*end, now);
    if (!soonest || days < *soonest) soonest = days;
  }
  void add(const ChainJudgementPtr& chain) {
    if (chain) ++chains[chain->valid ? 1 : 0];
  }
};

bool superseded(const RestingCertificate& resting) {
  return resting.problems != nullptr &&
         std::ranges::any_of(*resting.problems, [](const Problem& problem) { return problem.finding == Finding::superseded; });
}

using BySource = std::map<std::string_view, Counted>;

BySource count(const Estate& estate, WallTime now) {
  BySource found;
  for (const std::string_view state : states)
    for (const char* source : {"server", "identity", "file", "trust"}) found[source].states[state] = 0;
  for (const IssuedState state : all_issued_states()) found["authority"].states[word(state)] = 0;
  for (const auto& watch : estate.watches()) {
    if (!watch->received) continue;
    for (const auto& certificate : watch->received->certificates) found["server"].add(certificate, true, now);
    found["server"].add(watch->received->chain);
    found["server"].ends(api::ending(*watch), now);  // of the path that is trusted, which is not all sent
  }
  for (const auto& identity : estate.identities()) {
    for (const auto& certificate : identity->certificates) found["identity"].add(certificate, true, now);
    found["identity"].add(identity->chain);
  }
  for (const auto& store : estate.trusts())
    for (const auto& certificate : store->certificates) found["trust"].add(certificate, false, now);
  for (const auto& source : estate.sources()) {
    if (source->callers) continue;  // counted as callers
    Counted& counted = found[word(source->key.kind)];
    if (source->states) {
      for (const IssuedState state : all_issued_states())
        counted.states[word(state)] += static_cast<double>((*source->states)[static_cast<std::size_t>(state)]);
      Counted ends;  // their states are those of the database
      for (const auto& resting : source->published)
        if (!superseded(resting)) ends.add(resting.certificate, false, now);
      if (ends.soonest && (!counted.soonest || *ends.soonest < *counted.soonest)) counted.soonest = ends.soonest;
      continue;
    }
    for (const auto& resting : source->published) {
      if (superseded(resting)) counted.add_superseded(resting.certificate);
      else counted.add(resting.certificate, false, now);
      counted.add(resting.chain);
    }
  }
  return found;
}

// Distribution points and responders hold no certificates.
bool holds_certificates(const Counted& counted) { return !counted.states.empty(); }

class Families {
 public:
  Families() {
    for (const SummaryFamily& family : table)
      made_.push_back({.name = std::string(family.name),
                       .help = std::string(family.help),
                       .type = prometheus::MetricType::Gauge,
                       .metric = {}});
  }
  void add(Index family, double value, std::initializer_list<std::pair<const char*, std::string_view>> labels) {
    prometheus::ClientMetric metric;
    for (const auto& [name, text] : labels) metric.label.push_back({name, std::string(text)});
    metric.gauge.value = value;
    made_[family].metric.push_back(std::move(metric));
  }
  std::vector<prometheus::MetricFamily> take() { return std::move(made_); }

 private:
  std::vector<prometheus::MetricFamily> made_;
};

void add_sources(const Estate& estate, WallTime now, Families& out) {
  for (const auto& [source, counted] : count(estate, now)) {
    if (!holds_certificates(counted)) continue;
    for (const auto& [state, number] : counted.states) out.add(certificates, number, {{"source", source}, {"state", state}});
    if (counted.soonest) out.add(soonest, *counted.soonest, {{"source", source}});
    if (source == "authority" || source == "trust") continue;  // have none of their own
    out.add(chains, counted.chains[0], {{"source", source}, {"valid", "false"}});
    out.add(chains, counted.chains[1], {{"source", source}, {"valid", "true"}});
  }
}

void add_watches(const Estate& estate, Families& out) {
  std::map<std::pair<std::string_view, std::string_view>, double> failed;
  for (const StageReason& pair : all_reasons()) failed[{word(pair.stage), word(pair.reason)}] = 0;
  std::map<std::string_view, double> modes;
  for (std::uint8_t mode = 0; mode <= static_cast<std::uint8_t>(DoorMode::undetermined); ++mode)
    modes[word(static_cast<DoorMode>(mode))] = 0;
  for (const auto& watch : estate.watches()) {
    if (const Failure* failure = watch->last ? watch->last->failure() : nullptr)
      ++failed[{word(failure->stage), word(failure->reason)}];
    if (watch->door.mode) ++modes[word(*watch->door.mode)];
  }
  for (const auto& [pair, number] : failed) out.add(failures, number, {{"stage", pair.first}, {"reason", pair.second}});
  for (const auto& [mode, number] : modes) out.add(doors, number, {{"mode", mode}});
}

void add_callers(const Estate& estate, Families& out) {
  CountsByState counts{};
  for (const auto& source : estate.sources())
    for (const CallerState state : all_caller_states())
      if (source->callers) counts[static_cast<std::size_t>(state)] += source->callers->counts[static_cast<std::size_t>(state)];
  for (const CallerState state : all_caller_states())
    out.add(callers, static_cast<double>(counts[static_cast<std::size_t>(state)]), {{"state", word(state)}});
}

}  // namespace

std::span<const SummaryFamily> summary_families() { return table; }

std::vector<prometheus::MetricFamily> summary(const Estate& estate, WallTime now) {
  Families out;
  add_sources(estate, now, out);
  add_watches(estate, out);
  add_callers(estate, out);
  return out.take();
}

}  // namespace exporter::telemetry
