#include "exporter/estate/dependents.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "exporter/estate/issuers.h"
#include "exporter/estate/known_issuers.h"
#include "exporter/metrics/label.h"
#include "exporter/metrics/row_labels.h"

namespace exporter {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::Date;
using probes::observations::IssuedState;
using probes::observations::ValidIssued;

namespace {

// A list of more names than these is the list of a server that takes anybody's CA: it hangs on none of them.
constexpr std::size_t longest_list = 64;
// Names that are no known CA's come from servers: at most so many are told of.
constexpr std::size_t strange_names = 200;

bool over(const Certificate& certificate, WallTime now) { return certificate.not_after() && *certificate.not_after() <= now; }

bool sooner(Date one, Date other) { return one && (!other || *one < *other); }

// Sums up while the estate is walked through.
class Tally {
 public:
  Tally(const Estate& estate, const KnownIssuers& known, WallTime now, std::size_t things)
      : known_(known), now_(now), things_(things) {
    for (const CertificatePtr& certificate : known.all()) entry(certificate->subject(), certificate);
    const auto watches = estate.watches();
    servers(watches);
    doors(watches);
    for (const auto& identity : estate.identities()) add(*identity);
    for (const auto& source : estate.sources()) add(*source);
  }

  std::vector<IssuerDependents> found() {
    std::vector<IssuerDependents> all;
    for (auto& [key, issuer] : by_issuer_) {
      for (DependentsOfKind& kind : issuer.kinds) shorten(kind, things_);
      all.push_back(std::move(issuer));
    }
    return all;
  }

 private:
  using Key = std::tuple<std::string, bool, std::uint64_t>;  // its name, whether its key is known, and that

  IssuerDependents* entry(std::string_view issuer, const CertificatePtr& certificate) {
    const Key key(issuer, certificate != nullptr, certificate ? certificate->key_digest() : 0);
    const auto known = by_issuer_.find(key);
    if (known != by_issuer_.end()) return &known->second;
    if (!certificate && strange_++ >= strange_names) return nullptr;
    return &by_issuer_.emplace(key, IssuerDependents{.issuer = std::string(issuer), .certificate = certificate, .kinds = {}})
                .first->second;
  }

  static void shorten(DependentsOfKind& kind, std::size_t to) {
    const auto end_of = [](const Dependent& one) {
      return std::pair(one.end.value_or(std::chrono::sys_seconds::max()), std::string_view(one.name));
    };
    std::ranges::sort(kind.things, {}, end_of);
    if (kind.things.size() > to) kind.things.resize(to);
  }

  template <typename Name>
  void add(DependentKind kind, const Above& above, Date end, std::uint64_t count, Name name) {
    IssuerDependents* issuer = entry(above.issuer, above.certificate);
    if (issuer == nullptr) return;
    DependentsOfKind& of = issuer->kinds[static_cast<std::size_t>(kind)];
    of.count += count;
    if (above.by_name) of.by_name += count;
    if (sooner(end, of.first_end)) of.first_end = end;
    if (things_ == 0) return;
    of.things.push_back({.name = name(), .end = end, .by_name = above.by_name});
    if (of.things.size() >= 2 * things_ + 1000) shorten(of, things_);
  }

  template <typename Name>
  void add(DependentKind kind, const Certificate& leaf, const probes::observations::ChainJudgement* chain, Name name) {
    for (const Above& above : known_.above(leaf, chain)) add(kind, above, leaf.not_after(), 1, name);
  }

  static std::string watch_name(const WatchSlot& watch) {
    return watch.target->address.empty() ? watch.target->name : watch.target->name + " at " + watch.target->address;
  }

  // A target is seen with each of its identities, and is one server.
  void servers(const std::vector<std::shared_ptr<const WatchSlot>>& watches) {
    std::unordered_set<const config::Target*> met;
    for (const auto& watch : watches) {
      if (!watch->received || watch->received->certificates.empty() || !met.insert(watch->target.get()).second) continue;
      add(DependentKind::servers, *watch->received->certificates.front(), watch->received->chain.get(),
          [&] { return watch_name(*watch); });
    }
  }

  void doors(const std::vector<std::shared_ptr<const WatchSlot>>& watches) {
    std::unordered_set<const config::Target*> met;
    for (const auto& watch : watches) {
      if (!watch->asked || !watch->asked->acceptable || watch->asked->acceptable->count > longest_list ||
          !met.insert(watch->target.get()).second)
        continue;
      for (const std::string& name : watch->asked->acceptable->names)
        add(DependentKind::doors, known_.find({.issuer = name}), Date(), 1, [&] { return watch_name(*watch); });
    }
  }

  void add(const IdentitySlot& identity) {
    if (identity.certificates.empty()) return;
    add(DependentKind::identities, *identity.certificates.front(), identity.chain.get(), [&] { return identity.name; });
  }

  void add(const SourceSlot& source) {
    if (source.callers) return add_callers(source);
    for (const ValidIssued& issued : source.valid_issued) add(source, issued);
    if (source.key.kind != SourceKind::file) return;
    for (const RestingCertificate& resting : source.published) {
      const Certificate& certificate = *resting.certificate;
      if (!resting.leaf || certificate.authority() || over(certificate, now_) || out_of_use(resting)) continue;
      add(DependentKind::files, certificate, resting.chain.get(), [&] { return std::string(resting.place.text()); });
    }
  }

  // One that calls at several doors is one.
  void add_callers(const SourceSlot& source) {
    for (std::size_t at = 0; at < source.published.size(); ++at) {
      const Caller& caller = *source.callers->callers[at];
      const RestingCertificate& resting = source.published[at];
      if (caller.calls_until <= now_ || caller.state == CallerState::revoked) continue;
      if (!callers_.insert(caller.fingerprint).second) continue;
      add(DependentKind::callers, *resting.certificate, resting.chain.get(),
          [&] { return std::string(name_or_serial(*resting.certificate)) + " at " + source.key.name; });
    }
  }

  // More than are named count with the first to end.
  void add(const SourceSlot& source, const ValidIssued& issued) {
    for (const Above& above : known_.above({issued.issuer, issued.key_identifier})) {
      for (const CertificatePtr& one : issued.named)
        add(DependentKind::issued, above, one->not_after(), 1,
            [&] { return std::string(name_or_serial(*one)) + " of " + source.key.name; });
      if (const std::uint64_t more = issued.certificates - issued.named.size(); more > 0)
        add(DependentKind::issued, above, issued.first_end, more,
            [&] { return std::to_string(more) + " more of " + source.key.name; });
    }
  }

  const KnownIssuers& known_;
  const WallTime now_;
  const std::size_t things_;
  std::size_t strange_ = 0;
  std::map<Key, IssuerDependents> by_issuer_;
  std::unordered_set<std::string> callers_;
};

}  // namespace

std::uint64_t IssuerDependents::all() const {
  std::uint64_t sum = 0;
  for (const DependentsOfKind& kind : kinds) sum += kind.count;
  return sum;
}

std::vector<IssuerDependents> dependents(const Estate& estate, const KnownIssuers& known, WallTime now, std::size_t things) {
  return Tally(estate, known, now, things).found();
}

metrics::Rows rows(const std::vector<IssuerDependents>& issuers, const metrics::Scope& scope) {
  metrics::Rows rows;
  for (const IssuerDependents& issuer : issuers) {
    if (issuer.all() == 0) continue;
    metrics::DependentsRow row;
    metrics::append_label(row.labels, "issuer", issuer.issuer);
    metrics::append_label(row.labels, "issuer_key", issuer.certificate ? key_text(issuer.certificate->key_digest()) : "");
    metrics::append_labels(row.labels, scope.labels);
    for (std::size_t kind = 0; kind < dependent_kinds; ++kind) row.counts[kind] = issuer.kinds[kind].count;
    rows.dependents.push_back(std::move(row));
  }
  return rows;
}

}  // namespace exporter
