// The estate: one slot per watch (a target seen with one identity), identity, trust store, set of files and authority, and what
// is known of it. A finished probe updates its slot in one step, under that slot's lock; taking a watch away takes its slot, so a
// stale series cannot exist. A slot keeps the text it contributes to a scrape, rendered when it changes (exporter/metrics), so
// that a scrape only concatenates. Called from every probe thread and from the web threads.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "exporter/estate/callers.h"
#include "exporter/estate/discovery_slot.h"
#include "exporter/estate/stored_leaves.h"
#include "probes/observations/authority.h"
#include "probes/observations/handshake.h"
#include "probes/observations/issued_ledger.h"
#include "probes/observations/wall_time.h"

namespace exporter {

using probes::observations::WallTime;

namespace metrics {
struct Scope;
struct SlotText;
}  // namespace metrics

class ProbeResults;
class WorkedOut;
struct State;

// A target seen with one identity ("" when none is used) at one address ("" unless its name is fanned out): what P labels name.
struct WatchKey {
  std::string target;
  std::string identity;
  std::string address = {};
  auto operator<=>(const WatchKey&) const = default;
};

// The watches of a target: one with each identity of its module, or one with none.
[[nodiscard]] std::vector<WatchKey> watches_of(const config::Target& target);

// The certificates last actually received, kept through outages for the module's certificate_retention.
struct Received {
  WallTime at{};
  std::vector<probes::observations::CertificatePtr> certificates;
  probes::observations::ChainJudgementPtr chain;
  std::optional<bool> hostname_match;  // absent: no name is expected
};

// The list of acceptable CAs that a server last sent, kept as certificates are.
struct Asked {
  WallTime at{};
  probes::observations::AcceptableAuthoritiesPtr acceptable;  // null: it did not ask for a certificate
};

struct KnockRecord {
  probes::observations::KnockAnswer answer = probes::observations::KnockAnswer::undetermined;  // as far as it is settled
  WallTime at{};
  probes::observations::KnockFound found = {};  // as it was met
};

// What the door knocks found, for the watch whose own answer they were compared with.
struct Door {
  std::map<std::string, KnockRecord> knocks;           // by "anonymous", "rogue" or the identity's name
  std::optional<bool> requested;                       // whether the server asks, as last seen; absent: not known
  std::optional<probes::observations::DoorMode> mode;  // absent: never knocked, and the server is not known to never ask
};

struct HistoryEntry {
  WallTime at{};
  std::chrono::nanoseconds duration{};
  std::optional<probes::observations::StageReason> failure;  // absent: no failure
  std::optional<std::uint8_t> alert;
  std::uint8_t broken = 0;  // a bit for each expectation that did not hold (expectations.h)
};

// From then on the door was kept so.
struct DoorChange {
  WallTime at{};
  probes::observations::DoorMode mode = probes::observations::DoorMode::undetermined;
  std::optional<bool> enforced = {};  // as enforced() in door.h
};

struct LastFailure {
  probes::observations::Failure failure;
  WallTime at{};
};

// Everything known of one watch.
struct WatchSlot {
  std::shared_ptr<const config::Target> target;
  std::string identity;                                 // "" when none is used
  std::optional<probes::observations::Handshake> last;  // absent: not probed yet
  std::optional<Received> received;
  std::optional<Asked> asked = {};          // absent: not seen yet, or longer ago than certificates are kept
  std::optional<LastFailure> last_failure;  // kept for a day
  Door door;
  std::vector<StoredLeaf> stored;  // counterparts of the received leaf on disk
  std::uint64_t probes = 0;
  std::uint64_t failures = 0;
  std::vector<HistoryEntry> history;          // newest last, at most history_limit
  std::vector<DoorChange> door_changes = {};  // likewise; an outage is none
};
inline constexpr std::size_t history_limit = 16;
inline constexpr std::chrono::hours last_failure_kept{24};

// What is published of one identity.
struct IdentitySlot {
  std::string name;
  config::Labels labels;
  bool usable = false;
  std::vector<probes::observations::CertificatePtr> certificates;  // leaf first
  probes::observations::ChainJudgementPtr chain;                   // absent without a trust store
  std::vector<probes::observations::Problem> problems;
  std::vector<std::string> files = {};  // read; the certificate's first
};

// Errors since the start, by reason; those of a reason that the kind of source can meet stand in it from 0.
using SourceErrors = std::map<probes::observations::SourceReason, std::uint64_t>;

// What is published of one trust store.
struct TrustSlot {
  std::string name;
  config::Labels labels;
  std::vector<probes::observations::CertificatePtr> certificates;
  SourceErrors errors;                                       // handed in of one load, published of all loads
  std::vector<std::string> files = {};                       // read, globs expanded
  std::vector<probes::observations::Trouble> troubles = {};  // of the last load
  bool up = false;                                           // every file could be read and at least one anchor was found
  std::vector<probes::observations::Problem> problems;       // what of an anchor cannot be read
  std::vector<probes::observations::RevocationList> revocation_lists;
};

// A certificate at rest as it is published. It is judged where it stands: as a leaf, unless it is there to vouch for another.
struct RestingCertificate {
  probes::observations::Location place;  // of an authority's: its name
  probes::observations::CertificatePtr certificate;
  probes::observations::ChainJudgementPtr chain;  // of the first certificate of a place, where its set names a trust store
  probes::observations::ProblemsPtr problems;     // of this certificate
  std::uint32_t position = 0;                     // in its place; an authority's are told apart by their serials
  bool leaf = true;
  bool listed_only = false;  // only serial, subject and notAfter are known
};

// A CA of a path that holds: an anchor (its path ends there) or what stands between that and the leaf.
struct PathIssuer {
  probes::observations::CertificatePtr certificate;
  bool anchor = false;
};

enum class SourceKind : std::uint8_t {
  file,
  authority,
  trust,
  caller,              // a door's callers
  distribution_point,  // a revocation list's URL
  responder,           // of OCSP
};
[[nodiscard]] std::string_view word(SourceKind kind);  // the label `source`

[[nodiscard]] constexpr bool is_remote(SourceKind kind) {
  return kind == SourceKind::distribution_point || kind == SourceKind::responder;
}

// The reasons that a source of this kind can meet.
[[nodiscard]] std::vector<probes::observations::SourceReason> reasons_of(SourceKind kind);

struct SourceKey {
  SourceKind kind = SourceKind::file;
  std::string name;
  auto operator<=>(const SourceKey&) const = default;
};

// What is published of a set of files, of an authority, or of the callers of a door. One slot for a whole source: its text is
// rendered anew when anything in it changes, on the thread that scanned it and outside every lock, which a scan of as many files
// outweighs by far.
struct SourceSlot {
  SourceKey key;
  config::Labels labels;
  bool up = false;                 // all of it could be read, and something was found
  std::uint64_t certificates = 0;  // found
  std::uint64_t dropped = 0;       // not published: above max_series, or of the same labels as another
  SourceErrors errors;             // as in TrustSlot
  std::vector<RestingCertificate> published;
  std::optional<std::array<std::uint64_t, probes::observations::issued_states>> states;  // authorities only
  std::optional<probes::observations::PublishedRevocations> published_revocations;       // of a database with lists
  std::vector<probes::observations::RevocationList> revocation_lists;
  std::vector<probes::observations::ValidIssued> valid_issued = {};  // of an authority, by issuer
  probes::observations::IssuedLedgerPtr ledger = {};                 // of an authority in whose database callers are looked up
  std::shared_ptr<const CallersFound> callers = {};                  // of a door; else null
  std::vector<PathIssuer> issuers = {};  // of the paths of what is published; worked out when the slot is handed in
  std::vector<StoredLeaf> leaves;        // handed in: what servers are compared with, published or not; never in a snapshot
};

// The whole estate. Every method may be called from any thread; time is handed in. Slots come out as immutable snapshots: a
// change makes a new slot and replaces the old one in one step.
class Estate {
 public:
  Estate();
  ~Estate();
  Estate(const Estate&) = delete;
  Estate& operator=(const Estate&) = delete;

  // From now on `told` hears of every slot that was replaced, with what it has come to (exporter/estate/state.h), on the thread
  // of whoever replaced it and under no lock. Once, before other threads call.
  void follow(std::function<void(const State&, WallTime)> told);

  // Watches exactly the targets of `settings`, each with every identity of its module (with none if there are none), in one step.
  // What is known of a watch that stays is kept, also when its target's settings changed. Identities and trust stores that are
  // not in `settings` go; new ones appear with set_identity() and set_trust().
  void adopt(const config::Settings& settings);

  // A finished probe. Certificates received replace those of before; a probe that received none leaves them standing for the
  // module's certificate_retention. A watch that is no longer in the estate is passed over.
  void record(const WatchKey& key, probes::observations::Handshake observation);

  // The answer to a knock ("anonymous", "rogue" or an identity's name), worked out at `at`. A knock that could not be judged does
  // not displace an answer that is still valid.
  void record_knock(const WatchKey& key, const std::string& knock, probes::observations::KnockFound found, WallTime at);

  void set_identity(IdentitySlot slot);
  void remove_identity(const std::string& name);
  void set_trust(TrustSlot slot);  // its errors are added to those of the loads before
  void remove_trust(const std::string& name);

  // What a discovery's look came to: its errors are added to those of the looks before. Goes when its name leaves the settings.
  void set_discovery(DiscoverySlot slot);

  // A source that is not in the settings last adopted is passed over. Every watch is paired with the leaves that the source now
  // holds before this returns. Slow for a large source: never on a probe's thread.
  void set_source(SourceSlot slot);

  // What is asked over HTTP comes and goes with the certificates that name it.
  void set_remote_source(SourceSlot slot);
  void remove_remote_source(const SourceKey& key);

  // Every watch has been probed at least once; true for an empty estate.
  [[nodiscard]] bool tried_once() const;

  // Snapshots, ordered by key and name.
  [[nodiscard]] std::vector<std::shared_ptr<const WatchSlot>> watches() const;
  [[nodiscard]] std::shared_ptr<const WatchSlot> watch(const WatchKey& key) const;  // null: not in the estate
  [[nodiscard]] std::vector<std::shared_ptr<const IdentitySlot>> identities() const;
  [[nodiscard]] std::vector<std::shared_ptr<const TrustSlot>> trusts() const;
  [[nodiscard]] std::vector<std::shared_ptr<const DiscoverySlot>> discoveries() const;
  [[nodiscard]] std::vector<std::shared_ptr<const SourceSlot>> sources() const;
  // Leaves at rest of the subject and alternative names of `certificate`, those that begin last (stored_leaves.h).
  [[nodiscard]] std::vector<StoredLeaf> stored_like(const probes::observations::Certificate& certificate) const;

  [[nodiscard]] std::vector<config::Rotation> rotations() const;  // of the settings last adopted

  // The rendered text of every slot, of the estate's own counters, and of what is worked out of all slots as of `now`, for a
  // scrape.
  [[nodiscard]] std::vector<std::shared_ptr<const metrics::SlotText>> texts(WallTime now) const;

 private:
  template <typename Slot>
  struct Entry;
  template <typename Key, typename Slot>
  using Entries = std::map<Key, std::shared_ptr<Entry<Slot>>>;
  struct Revision;

  void tell(const State& state, WallTime at) const;
  std::shared_ptr<const metrics::Scope> scope() const;
  std::shared_ptr<Entry<WatchSlot>> find(const WatchKey& key) const;
  void pair(const StoredLeaves::Change& change);

  mutable std::shared_mutex mutex_;  // guards the maps and the scope, not what the entries hold
  std::mutex adopting_;              // one adopt() at a time
  std::shared_ptr<const metrics::Scope> scope_;
  Entries<WatchKey, WatchSlot> watches_;
  Entries<std::string, IdentitySlot> identities_;
  Entries<std::string, TrustSlot> trusts_;
  Entries<std::string, DiscoverySlot> discoveries_;
  Entries<SourceKey, SourceSlot> sources_;
  std::set<SourceKey> wanted_sources_;
  std::vector<config::Rotation> rotations_;
  StoredLeaves leaves_;
  std::unique_ptr<ProbeResults> results_;
  std::unique_ptr<WorkedOut> worked_out_;
  std::function<void(const State&, WallTime)> told_;
};

}  // namespace exporter
