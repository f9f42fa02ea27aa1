// Which leaves lie on disk, by what they are for: subject and alternative names. A server that serves one of them is compared
// with its counterparts, to tell a certificate that was renewed on disk from one that is served. Every method may be called from
// any thread; each source replaces what is known of itself. Made for a hundred thousand leaves: each is a place and a pointer in
// an array that is searched by halves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/location.h"

namespace exporter {

// A leaf at rest that a server may be meant to serve.
struct StoredLeaf {
  probes::observations::Location place;
  probes::observations::CertificatePtr certificate;
};

// One server's counterparts at most: a folder may hold the history of a decade. Those that begin last are kept.
inline constexpr std::size_t counterparts_limit = 8;

// What a certificate is for: its subject and its alternative names, whatever their order. Empty: it has neither.
[[nodiscard]] std::string purpose_of(const probes::observations::Certificate& certificate);
[[nodiscard]] std::size_t digest_of_purpose(const probes::observations::Certificate& certificate);  // 0: none

// Whether the leaf on disk is a later one than the leaf served. What counts is when a certificate begins to hold: the time of a
// file is that of the last copy. Absent where that cannot be read.
[[nodiscard]] std::optional<bool> stale(const probes::observations::Certificate& served,
                                        const probes::observations::Certificate& stored);

class StoredLeaves {
 public:
  // What a replacement changed: digests of purposes, and paths, whose leaves are others now.
  struct Change {
    std::set<std::size_t> purposes;
    std::set<std::string> paths;
    bool empty() const { return purposes.empty() && paths.empty(); }
  };

  // The leaves of `source` are now `leaves`; an empty list forgets it.
  Change replace(const std::string& source, std::vector<StoredLeaf> leaves);

  // The leaves that targets name as their own, all of them: `certificate_file`.
  Change replace_named(std::vector<StoredLeaf> leaves);

  // The counterparts of `served`: leaves of the same purpose, and the leaf of `certificate_file` (empty: none) whatever it is
  // for. By path, each path once.
  [[nodiscard]] std::vector<StoredLeaf> counterparts(const probes::observations::Certificate& served,
                                                     const std::string& certificate_file) const;

 private:
  struct Filed {
    std::size_t purpose;  // a digest
    StoredLeaf leaf;
  };
  using Shelf = std::vector<Filed>;  // by purpose, those that begin last first
  static bool before(const Filed& one, const Filed& other);

  mutable std::mutex mutex_;
  std::map<std::string, Shelf> by_source_;
  std::map<probes::observations::Location, probes::observations::CertificatePtr, std::less<>> named_;
};

}  // namespace exporter
