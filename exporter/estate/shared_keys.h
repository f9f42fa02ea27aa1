// Keys that stand in certificates of different subjects or owners: whoever holds one can speak for all of them, and a leak is one
// of all. A certificate and its renewal with the same key are one subject's business, as long as nobody else owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/estate/estate.h"
#include "exporter/metrics/rows.h"

namespace exporter {

// Who is behind the leaves of one key.
class KeySharers {
 public:
  // The same certificate may come again, from another place. `owner`: the value of the label; "": none is known.
  void add(const probes::observations::Certificate& certificate, std::string_view owner);

  // Certificates of different subjects or owners: 1 where it is nobody else's.
  [[nodiscard]] std::size_t count() const;

 private:
  std::set<std::string, std::less<>> certificates_;                                // by SHA-256
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> owners_;  // by subject, or names where it has none
};

struct SharedKey {
  std::uint64_t digest = 0;  // Certificate::key_digest()
  std::size_t places = 0;    // as count()
};

// At most so many are told of: those with the most places.
inline constexpr std::size_t most_shared_keys = 200;

// Of all leaves that are served, presented, at rest or seen to call; CAs, and what only a list names, are left out.
[[nodiscard]] std::vector<SharedKey> shared_keys(const Estate& estate);

[[nodiscard]] std::vector<metrics::KeyRow> rows(const std::vector<SharedKey>& keys, const metrics::Scope& scope);

}  // namespace exporter
