#include "exporter/estate/rotation.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "exporter/estate/known_issuers.h"
#include "exporter/estate/rotation_callers.h"
#include "exporter/estate/rotation_sides.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"

namespace exporter {

using probes::observations::CertificatePtr;
using probes::observations::IssuedState;
using probes::observations::Reason;
using probes::observations::ValidIssued;
using probes::observations::Verdict;

namespace {

using enum RotationStep;

class Walk {
 public:
  Walk(const config::Rotation& rotation, const Estate& estate, const KnownIssuers& known, WallTime now)
      : rotation_(rotation), sides_(rotation, estate, known), now_(now), found_{.name = rotation.name, .steps = {}} {
    if (!sides_.unready().empty()) {
      for (const RotationStep step : all_rotation_steps()) unknown(step, {"rotation", rotation.name, sides_.unready()});
      return;
    }
    for (const auto& identity : estate.identities()) {
      identity_sides_[identity->name] = add(*identity);
      if (!identity->certificates.empty()) own_.emplace(identity->certificates.front()->fingerprint_sha256());
    }
    stores(estate);
    targets(estate);
    callers(estate);
    issued(estate);
  }

  RotationStanding found() { return std::move(found_); }

 private:
  void pending(RotationStep step, InTheWay thing) { note(found_.of(step).pending, found_.of(step).counts.pending, thing); }
  void unknown(RotationStep step, InTheWay thing) { note(found_.of(step).unknown, found_.of(step).counts.unknown, thing); }
  void wrong(RotationStep step, InTheWay thing) {
    note(found_.of(step).out_of_order, found_.of(step).counts.out_of_order, thing);
  }
  static void note(std::vector<InTheWay>& things, std::uint64_t& count, InTheWay& thing) {
    ++count;
    if (things.size() < things_named) things.push_back(std::move(thing));
  }

  Side add(const IdentitySlot& identity) {
    if (identity.certificates.empty()) {
      unknown(clients, {"identity", identity.name, "its certificate could not be read"});
      return Side::unclear;
    }
    const Side side = sides_.of(*identity.certificates.front(), identity.chain.get());
    if (side == Side::before) pending(clients, {"identity", identity.name, "its certificate is of the old CA"});
    if (side == Side::unclear) unknown(clients, {"identity", identity.name, "both CAs have the name of its issuer"});
    return side;
  }

  // --- stores ------------------------------------------------------------------------------------------------------------------

  void add(std::string_view kind, const std::string& name, const Taken& taken, const std::string& untold = "") {
    if (taken.before != false && taken.after != true) {
      if (taken.before && taken.after) pending(trust_new, {kind, name, "takes the old CA and not yet the new one"});
      else unknown(trust_new, {kind, name, untold});
    }
    if (taken.before == true && taken.before_itself) pending(trust_old, {kind, name, "still takes the old CA"});
    else if (!taken.before) unknown(trust_old, {kind, name, untold});
  }

  void stores(const Estate& estate) {
    std::set<std::string> of_rotations;
    for (const config::Rotation& rotation : estate.rotations()) {
      of_rotations.insert(trust_name_of_old(rotation));
      of_rotations.insert(trust_name_of_new(rotation));
    }
    for (const auto& trust : estate.trusts()) {
      if (of_rotations.contains(trust->name)) continue;
      const Taken taken = sides_.by(trust->certificates);
      trusts_[trust->name] = taken;
      add("store", "trust store " + trust->name, taken);
    }
    for (const auto& source : estate.sources())
      if (source->key.kind == SourceKind::file) stores(*source);
  }

  // A file that begins with a CA is a store; what stands behind a leaf is its chain. The rotation's own files are neither.
  void stores(const SourceSlot& source) {
    std::map<std::string_view, std::vector<CertificatePtr>> by_path;
    for (const RestingCertificate& resting : source.published) {
      const bool begins = resting.position == 0 && resting.certificate->authority();
      const auto known = by_path.find(resting.place.path());
      if (begins) by_path[resting.place.path()].push_back(resting.certificate);
      else if (known != by_path.end() && resting.certificate->authority()) known->second.push_back(resting.certificate);
    }
    for (const auto& [path, certificates] : by_path)
      if (!is_ours(path)) add("store", std::string(path), sides_.by(certificates));
  }

  bool is_ours(std::string_view path) const {
    return std::ranges::find(rotation_.from, path) != rotation_.from.end() ||
           std::ranges::find(rotation_.to, path) != rotation_.to.end();
  }

  // --- targets: as servers and as doors
  // ------------------------------------------------------------------------------------------

  using Watches = std::vector<std::shared_ptr<const WatchSlot>>;

  void targets(const Estate& estate) {
    std::vector<const config::Target*> order;
    std::unordered_map<const config::Target*, Watches> by_target;
    for (auto& watch : estate.watches()) {
      Watches& of = by_target[watch->target.get()];
      if (of.empty()) order.push_back(watch->target.get());
      of.push_back(std::move(watch));
    }
    for (const config::Target* target : order) {
      const std::string name = target->address.empty() ? target->name : target->name + " at " + target->address;
      server(name, by_target[target]);
      door(name, by_target[target]);
    }
  }

  void server(const std::string& name, const Watches& watches) {
    const auto seen = std::ranges::find_if(
        watches, [](const auto& watch) { return watch->received && !watch->received->certificates.empty(); });
    if (seen == watches.end()) return unknown(servers, {"server", name, "no certificate of it has been received"});
    const Received& received = *(*seen)->received;
    const Side side = sides_.of(*received.certificates.front(), received.chain.get());
    if (side == Side::before) pending(servers, {"server", name, "serves a certificate of the old CA"});
    if (side == Side::unclear) unknown(servers, {"server", name, "both CAs have the name of its issuer"});
    const std::string& store = (*seen)->target->module->trust;
    const auto trust = trusts_.find(store);
    if (trust == trusts_.end()) return;
    const auto [before, after, itself] = trust->second;
    if (side == Side::after && before == true && after == false)
      wrong(servers, {"server", name, "serves a certificate of the new CA, which trust store " + store + " does not take yet"});
    if (side == Side::before && after == true && before == false)
      wrong(trust_old, {"server", name, "serves a certificate of the old CA, which trust store " + store + " takes no longer"});
  }

  // Whether the server asks for client certificates; nothing: not known.
  static std::optional<bool> asks(const Watches& watches, probes::observations::AcceptableAuthoritiesPtr& list) {
    std::optional<bool> found;
    for (const auto& watch : watches) {
      if (!watch->asked) continue;
      if (watch->asked->acceptable) list = watch->asked->acceptable;
      found = found.value_or(false) || watch->asked->acceptable != nullptr;
    }
    return found;
  }

  // What the server makes of our identities says more than its list.
  Taken proven(Taken taken, const Watches& watches) const {
    for (const auto& watch : watches) {
      const auto side = identity_sides_.find(watch->identity);
      if (side == identity_sides_.end() || !watch->last) continue;
      Takes& takes = side->second == Side::before ? taken.before : taken.after;
      if (side->second != Side::before && side->second != Side::after) continue;
      if (watch->last->client.verdict == Verdict::accepted) takes = true;
      const auto* failure = watch->last->failure();
      if (watch->last->client.verdict == Verdict::rejected && failure != nullptr && failure->reason == Reason::unknown_ca)
        takes = false;
    }
    return taken;
  }

  void door(const std::string& name, const Watches& watches) {
    probes::observations::AcceptableAuthoritiesPtr list;
    const auto asked = asks(watches, list);
    if (asked == false) return;
    const bool listed = list != nullptr && list->count > 0;
    Taken taken = proven(list ? sides_.by(*list) : Taken{}, watches);
    if (!listed && taken.before == true) taken.before_itself = true;  // nothing names another CA that it would take it for
    if (taken.before == false) taken.before_itself = false;
    add("door", name, taken,
        !asked    ? "not seen yet, or for too long"
        : !listed ? "it names no acceptable CAs; what it takes is told by an identity of each CA that is shown to it"
                  : "both CAs have a name of its list");
    refusals(name, taken, watches);
  }

  // Our identities that are refused where the list, or the refusal, says that it is for their CA.
  void refusals(const std::string& name, const Taken& taken, const Watches& watches) {
    for (const auto& watch : watches) {
      const auto side = identity_sides_.find(watch->identity);
      if (side == identity_sides_.end() || !watch->last || watch->last->client.verdict != Verdict::rejected) continue;
      if (side->second == Side::after && taken.after == false)
        wrong(clients, {"door", name, "refuses identity " + watch->identity + ": it does not take the new CA yet"});
      if (side->second == Side::before && taken.before == false && taken.after == true)
        wrong(trust_old, {"door", name, "refuses identity " + watch->identity + ": it takes the old CA no longer"});
    }
  }

  // --- clients that the logs and the databases tell of
  // ----------------------------------------------------------------------------

  // One certificate that calls at several doors is one client. Our own probes stand in the logs, too, and are identities.
  void callers(const Estate& estate) {
    std::unordered_set<std::string_view> met;
    for (const auto& source : estate.sources()) {
      if (!source->callers) continue;
      for (const CallerStanding& caller : callers_of(*source, sides_, rotation_.quiet, now_)) {
        const std::string name = caller.name + " at " + source->key.name;
        if (own_.contains(caller.certificate->fingerprint_sha256())) continue;
        if (caller.side == Side::before) seen_callers_.push_back(caller.certificate);
        if (caller.refused && caller.side == Side::after)
          wrong(clients, {"caller", name, "is refused with a certificate of the new CA: the door does not take it yet"});
        if (caller.refused && caller.side == Side::before)
          wrong(trust_old, {"caller", name, "is refused with a certificate of the old CA: the door takes it no longer"});
        if (!caller.counts || !met.insert(caller.fingerprint).second) continue;
        if (caller.side == Side::before) pending(clients, {"caller", name, "calls with a certificate of the old CA"});
        else unknown(clients, {"caller", name, "both CAs have the name of its issuer"});
      }
    }
  }

  // What has called is judged as a caller; what was issued anew by the new CA is superseded.
  void issued(const Estate& estate) {
    std::unordered_set<std::string_view> renewed;
    const auto sources = estate.sources();
    for (const auto& source : sources)
      for (const ValidIssued& issued : source->valid_issued)
        if (side_of(issued) == Side::after)
          for (const CertificatePtr& one : issued.named) renewed.insert(name_or_serial(*one));
    for (const auto& source : sources)
      for (const ValidIssued& issued : source->valid_issued) add(*source, issued, renewed);
  }

  Side side_of(const ValidIssued& issued) const {
    return issued.issuer.empty() ? Side::unclear : sides_.of(NamedIssuer{issued.issuer, issued.key_identifier});
  }

  void add(const SourceSlot& source, const ValidIssued& issued, const std::unordered_set<std::string_view>& renewed) {
    const Side side = side_of(issued);
    if (side == Side::unclear)
      return unknown(clients, {"issued", "authority " + source.key.name, "which CA has issued its certificates cannot be told"});
    if (side != Side::before) return;
    std::unordered_set<std::string_view> called;  // serials
    std::uint64_t settled = 0;
    for (const CertificatePtr& caller : seen_callers_) {
      const bool ours = source.ledger && source.ledger->state_of(*caller) == IssuedState::valid;
      if (ours && called.insert(caller->serial()).second) ++settled;
    }
    std::vector<InTheWay> named;
    for (const CertificatePtr& one : issued.named) {
      if (called.contains(one->serial())) continue;
      if (renewed.contains(name_or_serial(*one))) ++settled;
      else
        named.push_back({"issued", std::string(name_or_serial(*one)) + " of " + source.key.name,
                         "valid, issued by the old CA, and never seen to call"});
    }
    const std::uint64_t count = issued.certificates - std::min(issued.certificates, settled);
    for (std::size_t at = 0; at < named.size() && at < count; ++at) pending(clients, std::move(named[at]));
    if (count > named.size()) found_.of(clients).counts.pending += count - named.size();
  }

  const config::Rotation& rotation_;
  const RotationSides sides_;
  const WallTime now_;
  RotationStanding found_;
  std::map<std::string, Side> identity_sides_;
  std::set<std::string, std::less<>> own_;  // fingerprints
  std::map<std::string, Taken> trusts_;
  std::vector<CertificatePtr> seen_callers_;  // of the old CA, calling or not
};

}  // namespace

RotationStanding standing(const config::Rotation& rotation, const Estate& estate, const KnownIssuers& known, WallTime now) {
  return Walk(rotation, estate, known, now).found();
}

std::string_view word(StepState state) {
  switch (state) {
    case StepState::done: return "done";
    case StepState::now: return "now";
    case StepState::not_yet: return "not_yet";
  }
  return "not_yet";
}

StepState state_of(const RotationStanding& rotation, RotationStep step) {
  for (const RotationStep before : all_rotation_steps()) {
    const RotationCounts& counts = rotation.of(before).counts;
    const bool clear = counts.pending == 0 && counts.unknown == 0;
    if (before == step) return clear ? StepState::done : StepState::now;
    if (!clear) return StepState::not_yet;
  }
  return StepState::not_yet;
}

metrics::RotationRow row_of(const RotationStanding& rotation, const metrics::Scope& scope) {
  metrics::RotationRow row;
  metrics::append_label(row.labels, "rotation", rotation.name);
  metrics::append_labels(row.labels, scope.labels);
  for (std::size_t step = 0; step < rotation_steps; ++step) row.steps[step] = rotation.steps[step].counts;
  return row;
}

}  // namespace exporter
