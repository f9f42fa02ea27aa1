#include "exporter/estate/stored_leaves.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

namespace exporter {

using probes::observations::Certificate;
using probes::observations::SubjectAlternativeName;

namespace {

// One whose begin cannot be read comes last.
bool begins_later(const StoredLeaf& one, const StoredLeaf& other) {
  const auto begin = [](const StoredLeaf& leaf) {
    return leaf.certificate->not_before().value_or(std::chrono::sys_seconds::min());
  };
  return std::tuple(begin(other), one.place.text()) < std::tuple(begin(one), other.place.text());
}

}  // namespace

std::optional<bool> stale(const Certificate& served, const Certificate& stored) {
  if (stored.fingerprint_sha256() == served.fingerprint_sha256()) return false;
  if (!stored.not_before() || !served.not_before()) return std::nullopt;
  return *stored.not_before() > *served.not_before();
}

std::string purpose_of(const Certificate& certificate) {
  std::vector<std::string> names;
  names.reserve(certificate.subject_alternative_names().size());
  for (const SubjectAlternativeName& name : certificate.subject_alternative_names())
    names.push_back(std::to_string(static_cast<int>(name.kind)).append(name.value));
  std::sort(names.begin(), names.end());
  std::string purpose(certificate.subject());
  for (const std::string& name : names) (purpose += '\0') += name;
  return purpose;
}

std::size_t digest_of_purpose(const Certificate& certificate) {
  const std::string purpose = purpose_of(certificate);
  return purpose.empty() ? 0 : std::hash<std::string>{}(purpose);
}

bool StoredLeaves::before(const Filed& one, const Filed& other) {
  if (one.purpose != other.purpose) return one.purpose < other.purpose;
  if (begins_later(one.leaf, other.leaf)) return true;
  return !begins_later(other.leaf, one.leaf) && one.leaf.certificate < other.leaf.certificate;
}

StoredLeaves::Change StoredLeaves::replace(const std::string& source, std::vector<StoredLeaf> leaves) {
  Shelf next;
  next.reserve(leaves.size());
  for (StoredLeaf& leaf : leaves) next.push_back({digest_of_purpose(*leaf.certificate), std::move(leaf)});
  std::sort(next.begin(), next.end(), before);
  const std::lock_guard lock(mutex_);
  Shelf& held = by_source_[source];
  std::vector<Filed> changed;
  std::set_symmetric_difference(held.begin(), held.end(), next.begin(), next.end(), std::back_inserter(changed), before);
  Change change;
  for (const Filed& filed : changed) change.purposes.insert(filed.purpose);
  held.swap(next);
  if (held.empty()) by_source_.erase(source);
  return change;
}

StoredLeaves::Change StoredLeaves::replace_named(std::vector<StoredLeaf> leaves) {
  decltype(named_) next;
  for (StoredLeaf& leaf : leaves) next.emplace(std::move(leaf.place), std::move(leaf.certificate));
  const std::lock_guard lock(mutex_);
  Change change;
  const auto compare = [&](const auto& these, const auto& others) {
    for (const auto& [place, certificate] : these)
      if (const auto other = others.find(place); other == others.end() || other->second != certificate)
        change.paths.emplace(place.text());
  };
  compare(named_, next);
  compare(next, named_);
  named_.swap(next);
  return change;
}

std::vector<StoredLeaf> StoredLeaves::counterparts(const Certificate& served, const std::string& certificate_file) const {
  std::vector<StoredLeaf> found;
  const std::lock_guard lock(mutex_);
  if (by_source_.empty() && named_.empty()) return found;
  const std::string purpose = purpose_of(served);
  const std::size_t digest = purpose.empty() ? 0 : std::hash<std::string>{}(purpose);
  for (const auto& [source, shelf] : by_source_) {
    if (digest == 0) break;
    // Of one source at most so many: a history of a thousand renewals must not slow down every probe.
    auto filed = std::ranges::lower_bound(shelf, digest, {}, &Filed::purpose);
    for (std::size_t seen = 0; filed != shelf.end() && filed->purpose == digest && seen < counterparts_limit; ++filed, ++seen)
      if (filed->leaf.place != certificate_file && purpose_of(*filed->leaf.certificate) == purpose) found.push_back(filed->leaf);
  }
  std::sort(found.begin(), found.end(), begins_later);
  if (found.size() > counterparts_limit) found.resize(counterparts_limit);
  if (const auto named = named_.find(certificate_file); named != named_.end()) found.push_back({named->first, named->second});
  std::sort(found.begin(), found.end(), [](const StoredLeaf& one, const StoredLeaf& other) { return one.place < other.place; });
  const auto repeated =
      std::unique(found.begin(), found.end(), [](const auto& one, const auto& other) { return one.place == other.place; });
  found.erase(repeated, found.end());
  return found;
}

}  // namespace exporter
