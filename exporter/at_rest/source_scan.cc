#include "exporter/at_rest/source_scan.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "probes/inventory/issued.h"
#include "probes/observations/unreadable.h"

namespace exporter {

using probes::inventory::IssuedEntry;
using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::Date;
using probes::observations::Finding;
using probes::observations::Inventory;
using probes::observations::IssuedCertificate;
using probes::observations::IssuedCertificates;
using probes::observations::IssuedState;
using probes::observations::Location;
using probes::observations::named_limit;
using probes::observations::Problem;
using probes::observations::ProblemsPtr;
using probes::observations::SourceReason;
using probes::observations::StoredCertificate;
using probes::observations::Trouble;
using probes::observations::ValidIssued;

namespace {

// Whoever does not vouch for others is somebody's leaf, wherever it stands; a file of authorities alone speaks of its first.
bool is_leaf(const StoredCertificate& stored) { return stored.position == 0 || !vouches(stored); }

void count(SourceErrors& errors, const std::vector<Trouble>& troubles) {
  for (const Trouble& trouble : troubles) ++errors[trouble.reason];
}

// The folder of a path; of a pattern the one that stands before its first wildcard.
std::string folder_of(const std::string& path) {
  const std::size_t wildcard = path.find_first_of("*?[");
  std::error_code ignored;
  if (wildcard == std::string::npos && std::filesystem::is_directory(path, ignored)) return path;
  return std::filesystem::path(path.substr(0, wildcard)).parent_path().string();
}

std::set<std::string> folders_of(const std::vector<std::string>& patterns, const Inventory& read) {
  std::set<std::string> folders;
  for (const std::string& pattern : patterns) folders.insert(folder_of(pattern));
  const auto add = [&](std::string_view path) {
    if (folders.size() < watched_folders_limit) folders.insert(std::filesystem::path(path).parent_path().string());
  };
  for (const StoredCertificate& stored : read.certificates) add(stored.place.path());
  for (const Trouble& trouble : read.troubles) add(trouble.path);
  folders.erase("");
  return folders;
}

// What has no end to be read comes behind those that have one.
std::chrono::sys_seconds end_of(const Certificate& certificate) {
  return certificate.not_after().value_or(std::chrono::sys_seconds::max());
}

// One that cannot be read may end any day.
bool ends_within(Date end, const config::Publishing& publish, std::chrono::sys_seconds now) {
  return !publish.within || !end || *end - now <= *publish.within;
}

// Which certificates become series: those that end within the set's window, at most so many, those that end first.
std::vector<std::size_t> chosen(const Inventory& read, const config::Publishing& publish, std::chrono::sys_seconds now,
                                std::uint64_t& dropped) {
  std::vector<std::size_t> found;
  for (std::size_t index = 0; index < read.certificates.size(); ++index)
    if (ends_within(read.certificates[index].certificate->not_after(), publish, now)) found.push_back(index);
  if (found.size() <= publish.max_series) return found;
  std::sort(found.begin(), found.end(), [&](std::size_t one, std::size_t other) {
    return std::tuple(end_of(*read.certificates[one].certificate), one) <
           std::tuple(end_of(*read.certificates[other].certificate), other);
  });
  dropped += found.size() - publish.max_series;
  found.resize(publish.max_series);
  std::sort(found.begin(), found.end());
  return found;
}

// The findings of a certificate that nothing else examines: what of it cannot be read.
ProblemsPtr unreadable(const Certificate& certificate) {
  auto problems = unreadable_facts(certificate, 0);
  return problems.empty() ? nullptr : std::make_shared<const std::vector<Problem>>(std::move(problems));
}

RestingCertificate resting(const StoredCertificate& stored) {
  const bool examined = stored.problems || stored.chain;
  return {.place = stored.place,
          .certificate = stored.certificate,
          .chain = stored.chain,
          .problems = examined ? stored.problems : unreadable(*stored.certificate),
          .position = stored.position,
          .leaf = is_leaf(stored)};
}

Scanned scanned(SourceKey key, const config::Labels& labels, const std::vector<std::string>& patterns, const Inventory& read) {
  Scanned found{
      .slot = {.key = std::move(key), .labels = labels}, .folders = folders_of(patterns, read), .troubles = read.troubles};
  found.slot.up = read.troubles.empty() && !(read.certificates.empty() && read.revocation_lists.empty());
  found.slot.certificates = read.certificates.size();
  found.slot.revocation_lists = read.revocation_lists;
  count(found.slot.errors, read.troubles);
  return found;
}

}  // namespace

namespace {

// The earliest that anybody would be told of a certificate's end: a CA's, a year before.
constexpr std::chrono::days told_of(400);

void add(RestingCertificate& resting, Finding finding, std::string detail) {
  auto problems = resting.problems ? std::vector<Problem>(*resting.problems) : std::vector<Problem>();
  problems.push_back({finding, row(finding).severity, static_cast<int>(resting.position), std::move(detail)});
  resting.problems = std::make_shared<const std::vector<Problem>>(std::move(problems));
}

// Which roots stand in a store: among other CAs in a file, or each in a file of its own in a folder without leaves, as
// /etc/ssl/certs has them. A CA's lone file is somebody's.
class Stores {
 public:
  explicit Stores(const Inventory& read) {
    for (const StoredCertificate& stored : read.certificates) {
      const std::string path(stored.place.path());
      for (const std::string& place : {path, folder(path)})
        ++(vouches(stored) ? places_[place].authorities : places_[place].leaves);
    }
  }
  bool hold(const StoredCertificate& stored) const {
    const std::string path(stored.place.path());
    return vouches(stored) && stored.certificate->self_issued() && (is_store(path) || is_store(folder(path)));
  }

 private:
  struct Held {
    std::size_t authorities = 0, leaves = 0;
  };
  static std::string folder(const std::string& path) { return std::filesystem::path(path).parent_path().string() + "/"; }
  bool is_store(const std::string& place) const {
    const Held& held = places_.at(place);
    return held.authorities > 1 && held.leaves == 0;
  }

  std::map<std::string, Held> places_;  // of files, and of folders with a slash behind them
};

// Whose end concerns nobody: what was renewed, what vouches for nothing any more, and what only stands in a store: where paths in
// use end at it, they tell.
void tell_succession(RestingCertificate& resting, bool vouches, bool in_store, const Succession& beside,
                     const SucceededElsewhere& elsewhere, std::chrono::sys_seconds now) {
  const Date end = resting.certificate->not_after();
  if (!end || *end - now > told_of) return;
  const bool here = beside.succeeded(*resting.certificate, vouches);
  const bool renewed = here || (elsewhere && elsewhere(*resting.certificate, vouches));
  if (renewed) add(resting, Finding::superseded, here ? "a later one lies beside it" : "a later one is elsewhere in the estate");
  if (vouches && *end <= now) add(resting, Finding::expired_ca, "");
  else if (in_store && !renewed) add(resting, Finding::stored_ca, "");
}

}  // namespace

Scanned scanned_files(const config::FileSet& set, const Inventory& read, std::chrono::sys_seconds now,
                      const SucceededElsewhere& elsewhere) {
  Scanned found = scanned({SourceKind::file, set.name}, set.labels, set.paths, read);
  Succession beside;
  for (const StoredCertificate& stored : read.certificates) beside.add(stored.certificate, vouches(stored));
  const Stores stores(read);
  for (const std::size_t index : chosen(read, set.publish, now, found.slot.dropped)) {
    const StoredCertificate& stored = read.certificates[index];
    tell_succession(found.slot.published.emplace_back(resting(stored)), vouches(stored), stores.hold(stored), beside, elsewhere,
                    now);
  }
  for (const StoredCertificate& stored : read.certificates)
    if (!vouches(stored)) found.slot.leaves.push_back({.place = stored.place, .certificate = stored.certificate});
  return found;
}

Scanned scanned_cluster(const config::FileSet& set, const Inventory& read, std::chrono::sys_seconds now,
                        const SucceededElsewhere& elsewhere) {
  Scanned found = scanned_files(set, read, now, elsewhere);
  found.folders.clear();
  found.slot.up = read.troubles.empty();
  using enum SourceReason;
  for (const SourceReason reason : {unreachable, SourceReason::timeout, tls_failed, http_status, bad_syntax, not_followed})
    found.slot.errors.try_emplace(reason, 0);
  return found;
}

Scanned scanned_served_files(const config::FileSet& set, const Inventory& read) {
  Scanned found = scanned({SourceKind::file, set.name}, {}, set.paths, read);
  for (const StoredCertificate& stored : read.certificates)
    if (stored.position == 0)
      found.slot.leaves.push_back({.place = Location(stored.place.path()), .certificate = stored.certificate});
  return found;
}

namespace {

// The slot of an authority, without what it found troublesome.
SourceSlot authority_slot(const config::Authority& authority, const IssuedCertificates& issued) {
  SourceSlot slot{.key = {SourceKind::authority, authority.name}, .labels = authority.labels};
  slot.certificates = std::accumulate(issued.counts.begin(), issued.counts.end(), std::uint64_t{0});
  slot.dropped = issued.left_out;
  slot.states = issued.counts;
  slot.ledger = issued.ledger;
  slot.valid_issued = issued.valid;
  slot.published_revocations = issued.published_revocations;
  const Location place(authority.name);
  for (const IssuedCertificate& one : issued.published) {
    RestingCertificate resting{.place = place,
                               .certificate = one.certificate,
                               .problems = one.listed_only ? nullptr : unreadable(*one.certificate),
                               .leaf = true,
                               .listed_only = one.listed_only};
    if (one.state == IssuedState::superseded) add(resting, Finding::superseded, "its subject has a later one");
    slot.published.push_back(std::move(resting));
  }
  return slot;
}

std::chrono::sys_seconds begin_of(const Certificate& certificate) {
  return certificate.not_before().value_or(std::chrono::sys_seconds::max());
}

// The leaves of `read`, each certificate once.
std::vector<IssuedOne> leaves_of(const Inventory& read) {
  std::vector<IssuedOne> found;
  std::unordered_set<std::string_view> seen;
  for (const StoredCertificate& stored : read.certificates)
    if (stored.position == 0 && seen.insert(stored.certificate->fingerprint_sha256()).second)
      found.push_back({stored.certificate});
  return found;
}

// The order of issue.
void put_in_order(std::vector<IssuedOne>& issued) {
  std::stable_sort(issued.begin(), issued.end(), [](const IssuedOne& one, const IssuedOne& other) {
    return std::tuple(begin_of(*one.certificate), end_of(*one.certificate)) <
           std::tuple(begin_of(*other.certificate), end_of(*other.certificate));
  });
}

}  // namespace

Scanned scanned_index(const config::Authority& authority, const IssuedCertificates& read) {
  Scanned found{
      .slot = authority_slot(authority, read), .folders = {folder_of(authority.openssl_index)}, .troubles = read.troubles};
  count(found.slot.errors, read.troubles);
  for (const std::string& pattern : authority.crl_files) found.folders.insert(folder_of(pattern));
  found.slot.up = read.troubles.empty();  // an authority that has issued nothing yet is in order
  return found;
}

namespace {

probes::observations::IssuedLedgerPtr ledger_of(const Told& told, const std::vector<IssuedState>& states) {
  const auto ledger = std::make_shared<probes::observations::IssuedLedger>();
  for (std::size_t index = 0; index < told.issued.size(); ++index) {
    const Certificate& one = *told.issued[index].certificate;
    ledger->add(one.serial(), one.not_after(), states[index]);
    if (!told.vouched_for || told.vouched_for(one)) ledger->issued_by_it(one);
  }
  ledger->finish();
  return ledger;
}

// What is valid, by issuer, those that end first by name.
std::vector<ValidIssued> valid_of(const std::vector<IssuedOne>& issued, const std::vector<IssuedState>& states) {
  std::map<std::pair<std::string_view, std::string_view>, ValidIssued> by_issuer;
  for (std::size_t index = 0; index < issued.size(); ++index) {
    if (states[index] != IssuedState::valid) continue;
    const Certificate& one = *issued[index].certificate;
    ValidIssued& of = by_issuer[{one.issuer(), one.authority_key_identifier()}];
    of.issuer = one.issuer();
    of.key_identifier = one.authority_key_identifier();
    ++of.certificates;
    if (!of.first_end || end_of(one) < *of.first_end) of.first_end = one.not_after();
    of.named.push_back(issued[index].certificate);
  }
  std::vector<ValidIssued> found;
  for (auto& [issuer, of] : by_issuer) {
    std::ranges::stable_sort(of.named, {}, [](const CertificatePtr& one) { return end_of(*one); });
    if (of.named.size() > named_limit) of.named.resize(named_limit);
    found.push_back(std::move(of));
  }
  return found;
}

// A renewal has the subject and the alternative names of what it replaces. One with a date that cannot be read replaces nothing:
// nobody accepts it.
IssuedCertificates judged(const config::Authority& authority, const Told& told, std::chrono::sys_seconds now) {
  std::vector<std::string> holders;
  holders.reserve(told.issued.size());
  for (const auto& [certificate, standing] : told.issued)
    holders.push_back(certificate->not_before() && certificate->not_after() ? purpose_of(*certificate) : "");
  std::vector<IssuedEntry> entries;
  for (std::size_t index = 0; index < told.issued.size(); ++index)
    entries.push_back({.holder = holders[index],
                       .not_after = told.issued[index].certificate->not_after(),
                       .standing = told.issued[index].standing});
  const auto states = probes::inventory::issued_states(entries, now);
  const auto selection = probes::inventory::published(entries, states, authority.publish, authority.publish_superseded, now);
  IssuedCertificates judged{.left_out = selection.left_out, .published_revocations = told.published_revocations};
  for (const IssuedState state : states) ++judged.counts[static_cast<std::size_t>(state)];
  for (const std::uint32_t index : selection.chosen)
    judged.published.push_back({.certificate = told.issued[index].certificate, .state = states[index]});
  if (authority.ledger) judged.ledger = ledger_of(told, states);
  judged.valid = valid_of(told.issued, states);
  return judged;
}

}  // namespace

Scanned scanned_told(const config::Authority& authority, Told told, std::chrono::sys_seconds now) {
  put_in_order(told.issued);
  Scanned found{.slot = authority_slot(authority, judged(authority, told, now)), .folders = {}, .troubles = told.troubles};
  found.slot.revocation_lists = std::move(told.revocation_lists);
  found.slot.up = found.troubles.empty();
  count(found.slot.errors, found.troubles);
  return found;
}

Scanned scanned_issued(const config::Authority& authority, const Inventory& read, std::chrono::sys_seconds now) {
  Scanned found = scanned_told(
      authority, {.issued = leaves_of(read), .revocation_lists = read.revocation_lists, .troubles = read.troubles}, now);
  found.folders = folders_of(authority.issued, read);
  return found;
}

}  // namespace exporter
