// What ends in the next ninety days, of everything the estate knows: servers' chains, identities, trust anchors, and what lies at
// rest. A certificate seen in many places stands here once. Pure; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
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
};

// Collects certificates; one that ended before `now` is kept: it is still in use. One whose end cannot be read has no place here.
class Expiries {
 public:
  explicit Expiries(WallTime now) : now_(now), until_(now + expiries_within) {}

  void add(const std::vector<probes::observations::CertificatePtr>& certificates, std::string_view source, std::string_view name);

  // What a source publishes; a caller that no longer calls may expire.
  void add(const SourceSlot& source);

  // Soonest first, at most most_expiries.
  [[nodiscard]] std::vector<Expiry> soonest() const;
  // How many: first those that have ended, then one number for each day from now.
  [[nodiscard]] std::vector<std::size_t> by_day() const;
  [[nodiscard]] std::size_t size() const { return found_.size(); }

 private:
  WallTime now_;
  WallTime until_;
  std::map<std::string, Expiry> found_;  // by fingerprint
};

// Everything that the estate knows of.
void add_all(Expiries& expiries, const Estate& estate);

}  // namespace exporter::api
