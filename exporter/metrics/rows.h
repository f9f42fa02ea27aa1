// What a slot contributes, as rows by kind: a family is a function from one kind of row to samples. Whatever makes certificate
// rows (servers, identities, trust stores; files and authorities alike) appears in every certificate family. A row borrows from
// its slot and carries the labels that all its samples begin with.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/estate/dependent_words.h"
#include "exporter/estate/estate.h"
#include "exporter/estate/expectations.h"

namespace exporter::metrics {

// What decides how slots are rendered, besides themselves.
struct Scope {
  config::Detail detail = config::Detail::standard;
  config::Labels labels;  // on every series of the estate; a slot's own labels win
  bool operator==(const Scope&) const = default;
};

// Labels P: target, identity, address, the user's own. A watch, probed or not.
struct WatchRow {
  std::string labels;
  const WatchSlot* slot = nullptr;

  const config::Module& module() const { return *slot->target->module; }
};

// Labels P. The last probe of a watch; none before the first.
struct ProbeRow {
  std::string labels;
  const probes::observations::Handshake* last = nullptr;
  std::vector<Expectation> broken;
};

// Labels C: source, target, identity, address, position, subject_cn, the user's own.
struct CertificateRow {
  std::string labels;
  const probes::observations::Certificate* certificate = nullptr;
  bool listed_only = false;           // only serial, subject and notAfter are known
  bool leaf = false;                  // not there to vouch for another: position 0 of a chain, every anchor of a trust store
  std::optional<WallTime> last_seen;  // when it was last received; leaves of servers only
  std::vector<const probes::observations::Problem*> problems;  // of this certificate
};

// Labels source, P. A judgement that the last probe could not make is absent; the expiry outlives it.
struct ChainRow {
  std::string labels;
  const probes::observations::ChainJudgement* judgement = nullptr;
  std::optional<bool> hostname_match;
  std::optional<std::chrono::sys_seconds> expiry;
};

// Labels target, the user's own: a target whose name is fanned out.
struct AddressesRow {
  std::string labels;
  std::size_t addresses = 0;  // that its name has
  bool disagree = false;      // they are not one server
};

// Labels issuer, issuer_key, issuer_role, subject_cn, the estate's own: a CA on trusted paths.
struct IssuerRow {
  std::string labels;
  const probes::observations::Certificate* certificate = nullptr;
};

// Labels issuer, issuer_key, the estate's own: a CA, and what depends on it.
struct DependentsRow {
  std::string labels;
  std::array<std::uint64_t, dependent_kinds> counts{};
};

// Labels rotation, the estate's own: from one CA to another.
struct RotationRow {
  std::string labels;
  std::array<RotationCounts, rotation_steps> steps{};
};

// Labels fingerprint_key, the estate's own: a key that certificates of several subjects or owners share.
struct KeyRow {
  std::string labels;
  std::size_t places = 0;
};

// Labels identity, the identity's own.
struct IdentityRow {
  std::string labels;
  const IdentitySlot* slot = nullptr;
};

// Labels source, name, the source's own.
struct SourceRow {
  std::string labels;
  bool up = false;
  std::optional<std::uint64_t> certificates;  // sources of certificates, and what follows
  std::optional<std::uint64_t> dropped;
  std::optional<std::uint64_t> targets;  // sources of targets, and what follows
  std::optional<WallTime> refreshed;
  const SourceErrors* errors = nullptr;
};

// Labels name, the authority's own: what it has issued.
struct AuthorityRow {
  std::string labels;
  const std::array<std::uint64_t, probes::observations::issued_states>* states = nullptr;
  const probes::observations::PublishedRevocations* published_revocations = nullptr;  // null: no list is known
};

// Labels C. A client certificate that a door's logs tell of.
struct CallerRow {
  std::string labels;
  const Caller* caller = nullptr;
};

// Labels name, the door's own: all of its callers.
struct DoorRow {
  std::string labels;
  const CallersFound* found = nullptr;
};

// Labels C. A certificate in a place that has a habit of renewal.
struct RenewalRow {
  std::string labels;
  std::chrono::sys_seconds late_from{};
};

// Labels source, name, issuer, the source's own. The latest list of an issuer in a source.
struct RevocationListRow {
  std::string labels;
  const probes::observations::RevocationList* list = nullptr;  // null: a responder, or a distribution point that has none
  bool up = false;                                             // of these: the last attempt succeeded
};

// Labels P, path. A leaf on disk beside the one that was served.
struct StoredRow {
  std::string labels;
  bool stale = false;
};

// No labels. One probe as blackbox_exporter tells of its own.
struct BlackboxRow {
  const probes::observations::Handshake* seen = nullptr;
  const config::Module* module = nullptr;
  bool success = false;  // everything expected of the target held
};

// Probes of the whole estate by result.
struct ResultRow {
  std::string_view stage;
  std::string_view reason;
  std::uint64_t probes = 0;
};

struct Rows {
  std::vector<WatchRow> watches;
  std::vector<ProbeRow> probes;
  std::vector<CertificateRow> certificates;
  std::vector<ChainRow> chains;
  std::vector<AddressesRow> addresses;
  std::vector<IssuerRow> issuers;
  std::vector<DependentsRow> dependents;
  std::vector<RotationRow> rotations;
  std::vector<KeyRow> shared_keys;
  std::vector<IdentityRow> identities;
  std::vector<SourceRow> sources;
  std::vector<AuthorityRow> authorities;
  std::vector<CallerRow> callers;
  std::vector<DoorRow> doors;
  std::vector<RenewalRow> renewals;
  std::vector<RevocationListRow> revocation_lists;
  std::vector<StoredRow> stored;
  std::vector<ResultRow> results;
  std::vector<BlackboxRow> blackbox;
};

// The rows of one slot, borrowing from it.
[[nodiscard]] Rows rows(const WatchSlot& slot, const Scope& scope);
[[nodiscard]] Rows rows(const IdentitySlot& slot, const Scope& scope);
[[nodiscard]] Rows rows(const TrustSlot& slot, const Scope& scope);
[[nodiscard]] Rows rows(const DiscoverySlot& slot, const Scope& scope);
[[nodiscard]] Rows rows(const SourceSlot& slot,
                        const Scope& scope);  // rows_at_rest.cc; a certificate row for each published, in order
[[nodiscard]] Rows rows_of_callers(const SourceSlot& slot, const Scope& scope);  // of a door; rows() calls it

}  // namespace exporter::metrics
