#include "exporter/discovery/haproxy_names.h"

#include <algorithm>
#include <map>
#include <set>

namespace exporter::discovery {

namespace {

constexpr std::size_t most_names = 5000;  // of one bind

// Which certificates a name leads to, in the order in which the names were met.
class Owners {
 public:
  explicit Owners(const std::vector<LoadedCertificate>& certificates) : certificates_(certificates) {
    for (std::size_t index = 0; index < certificates.size(); ++index) {
      const LoadedCertificate& loaded = certificates[index];
      if (!loaded.filters.empty()) add(loaded.filters, index);
      else if (loaded.leaf) add(loaded.leaf->names, index);
      // haproxy also answers to the common name; no client that asks for it takes a certificate with DNS names without it.
      if (loaded.filters.empty() && loaded.leaf && !loaded.leaf->common_name.empty()) add({loaded.leaf->common_name}, index);
    }
  }

  const std::vector<std::string>& names() const { return order_; }
  const std::vector<std::size_t>& of(const std::string& name) const { return by_name_.at(name); }

  std::set<std::string> exact_names() const {
    std::set<std::string> found;
    for (const std::string& name : order_)
      if (!is_wildcard(name)) found.insert(name);
    return found;
  }

  // Whether a client would use the name that leads to `index`.
  bool is_of_use(const std::string& name, std::size_t index) const {
    const LoadedCertificate& loaded = certificates_[index];
    return !loaded.filters.empty() || (loaded.leaf && (is_wildcard(name) || carries(*loaded.leaf, name)));
  }

 private:
  void add(const std::vector<std::string>& names, std::size_t index) {
    for (const std::string& name : names) {
      if (order_.size() >= most_names) return;
      auto [entry, fresh] = by_name_.try_emplace(name);
      if (fresh) order_.push_back(name);
      const auto same_kind = [&](std::size_t other) { return kind(other) == kind(index); };
      if (std::ranges::none_of(entry->second, same_kind)) entry->second.push_back(index);
    }
  }

  KeyKind kind(std::size_t index) const { return certificates_[index].leaf ? certificates_[index].leaf->key : KeyKind::other; }

  const std::vector<LoadedCertificate>& certificates_;
  std::map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<std::string> order_;
};

}  // namespace

std::vector<LedName> names_of(const std::vector<LoadedCertificate>& certificates, bool strict) {
  const Owners owners(certificates);
  const std::set<std::string> exact = owners.exact_names();
  std::vector<LedName> found;
  std::set<std::string> asked;
  for (const std::string& name : owners.names()) {
    const std::size_t first = owners.of(name).front();
    if (!owners.is_of_use(name, first)) continue;
    const bool wildcard = is_wildcard(name);
    const auto claimed = [&](const std::string& other) {
      return asked.contains(other) || (wildcard && (exact.contains(other) || certificates[first].excluded.contains(other)));
    };
    auto ask = name_to_ask(name, certificates[first].leaf, claimed);
    if (!ask) continue;
    asked.insert(ask->asked);
    found.push_back({.name = std::move(ask), .leads_to = owners.of(name)});
  }
  const auto seen = [&](std::size_t index) {
    return std::ranges::any_of(found, [&](const LedName& led) { return std::ranges::count(led.leads_to, index) > 0; });
  };
  if (!strict && (certificates.empty() || !seen(0)))
    found.push_back(
        {.name = std::nullopt, .leads_to = certificates.empty() ? std::vector<std::size_t>{} : std::vector<std::size_t>{0}});
  return found;
}

}  // namespace exporter::discovery
