// What ends in the next ninety days, of everything the estate knows: servers' chains, identities, trust anchors, and what lies at
// rest. A certificate seen in many places stands here once. Pure; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/estate/estate.h"

namespace exporter::api {

inline constexpr std::chrono::days expiries_within{90};
inline constexpr std::size_t most_expiries = 1000;  // the soonest; a timeline of more is no longer read
inline constexpr std::size_t most_places = 8;       // named per certificate; the others are counted

struct Place {
  std::string_view source;  // "server", "identity", "trust", "file", "authority"
  std::string name;         // of the target, identity, trust store or authority; the path of a file
  auto operator<=>(const Place&) const = default;
};

struct Expiry {
  probes::observations::CertificatePtr certificate;
  std::vector<Place> places;  // at most most_places, in the order they were added
  std::size_t seen = 0;       // in how many places
  bool in_use = false;        // served, presented, at rest, or on a path: not only an anchor in a store
};

// Collects certificates; one that ended before `now` is kept: it is still in use. One whose end cannot be read has no place here.
class Expiries {
 public:
  explicit Expiries(WallTime now) : now_(now), until_(now + expiries_within) {}

  void add(const std::vector<probes::observations::CertificatePtr>& certificates, std::string_view source, std::string_view name);

  // What a source publishes, or of it those of these indices; a caller that no longer calls may expire.
  void add(const SourceSlot& source);
  void add(const SourceSlot& source, const std::vector<std::size_t>& some);

  // What a path that holds ends at is in use, wherever it lies; it stands here if it does elsewhere. May be null.
  void add_path(const probes::observations::ChainJudgementPtr& chain);

  // Soonest first, at most most_expiries.
  [[nodiscard]] std::vector<Expiry> soonest() const;
  // How many: first those that have ended, then one number for each day from now.
  [[nodiscard]] std::vector<std::size_t> by_day() const;
  [[nodiscard]] std::size_t size() const { return found_.size(); }

 private:
  void add_one(const SourceSlot& source, std::size_t at);

  WallTime now_;
  WallTime until_;
  std::map<std::string, Expiry> found_;  // by fingerprint
  std::set<std::string> on_paths_;       // fingerprints
};

}  // namespace exporter::api
