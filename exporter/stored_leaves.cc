#include "exporter/stored_leaves.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

namespace exporter {

using probes::observations::Certificate;
using probes::observations::SubjectAlternativeName;

namespace {

using Item = std::tuple<std::size_t, const Certificate*, std::string_view>;

std::vector<Item> items(const std::vector<StoredLeaf>& leaves, const std::vector<std::size_t>& purposes) {
  std::vector<Item> found;
  found.reserve(leaves.size());
  for (std::size_t index = 0; index < leaves.size(); ++index)
    found.emplace_back(purposes[index], leaves[index].certificate.get(), leaves[index].path);
  std::sort(found.begin(), found.end());
  return found;
}

bool begins_later(const StoredLeaf& one, const StoredLeaf& other) {
  return std::tuple(other.certificate->not_before(), std::string_view(one.path)) <
         std::tuple(one.certificate->not_before(), std::string_view(other.path));
}

}  // namespace

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

// Of one source at most counterparts_limit for each purpose: a history of a thousand renewals must not slow down every probe.
void StoredLeaves::enter(const Held& held) {
  std::vector<const StoredLeaf*> latest;
  for (const StoredLeaf& leaf : held.leaves) latest.push_back(&leaf);
  std::sort(latest.begin(), latest.end(), [](const auto* one, const auto* other) { return begins_later(*one, *other); });
  std::unordered_map<std::size_t, std::size_t> entered;
  for (const StoredLeaf* leaf : latest) {
    const std::size_t purpose = held.purposes[static_cast<std::size_t>(leaf - held.leaves.data())];
    if (purpose != 0 && ++entered[purpose] <= counterparts_limit) by_purpose_.emplace(purpose, leaf);
  }
}

void StoredLeaves::drop(const Held& held) {
  const StoredLeaf* const first = held.leaves.data();
  const std::less<> before;
  std::erase_if(by_purpose_, [&](const auto& entry) {
    return !before(entry.second, first) && before(entry.second, first + held.leaves.size());
  });
}

StoredLeaves::Change StoredLeaves::replace(const std::string& source, std::vector<StoredLeaf> leaves) {
  Held next{.leaves = std::move(leaves), .purposes = {}};
  next.purposes.reserve(next.leaves.size());
  for (const StoredLeaf& leaf : next.leaves) next.purposes.push_back(digest_of_purpose(*leaf.certificate));
  const std::lock_guard lock(mutex_);
  Held& held = by_source_[source];
  const auto before = items(held.leaves, held.purposes), after = items(next.leaves, next.purposes);
  std::vector<Item> changed;
  std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(changed));
  Change change;
  for (const Item& item : changed) change.purposes.insert(std::get<std::size_t>(item));
  if (change.empty()) return change;
  drop(held);
  held = std::move(next);
  enter(held);
  if (held.leaves.empty()) by_source_.erase(source);
  return change;
}

StoredLeaves::Change StoredLeaves::replace_named(std::vector<StoredLeaf> leaves) {
  std::map<std::string, StoredLeaf> next;
  for (StoredLeaf& leaf : leaves) {
    std::string path = leaf.path;
    next.emplace(std::move(path), std::move(leaf));
  }
  const std::lock_guard lock(mutex_);
  Change change;
  const auto differs = [](const auto& in, const std::string& path, const StoredLeaf& leaf) {
    const auto found = in.find(path);
    return found == in.end() || found->second.certificate != leaf.certificate;
  };
  for (const auto& [path, leaf] : named_)
    if (differs(next, path, leaf)) change.paths.insert(path);
  for (const auto& [path, leaf] : next)
    if (differs(named_, path, leaf)) change.paths.insert(path);
  named_.swap(next);
  return change;
}

std::vector<StoredLeaf> StoredLeaves::counterparts(const Certificate& served, const std::string& certificate_file) const {
  std::vector<StoredLeaf> found;
  const std::lock_guard lock(mutex_);
  if (by_purpose_.empty() && named_.empty()) return found;
  const std::string purpose = purpose_of(served);
  const auto [first, last] = purpose.empty() ? std::pair(by_purpose_.end(), by_purpose_.end())
                                             : by_purpose_.equal_range(std::hash<std::string>{}(purpose));
  for (auto entry = first; entry != last; ++entry)
    if (entry->second->path != certificate_file && purpose_of(*entry->second->certificate) == purpose)
      found.push_back(*entry->second);
  std::sort(found.begin(), found.end(), begins_later);
  if (found.size() > counterparts_limit) found.resize(counterparts_limit);
  if (const auto named = named_.find(certificate_file); named != named_.end()) found.push_back(named->second);
  std::sort(found.begin(), found.end(), [](const StoredLeaf& one, const StoredLeaf& other) { return one.path < other.path; });
  const auto repeated =
      std::unique(found.begin(), found.end(), [](const auto& one, const auto& other) { return one.path == other.path; });
  found.erase(repeated, found.end());
  return found;
}

}  // namespace exporter
