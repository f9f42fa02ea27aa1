// What outlives a restart, as the plain values that storage keeps: a struct for each table. Whoever hands them over knows what
// they mean; here they are kept, replaced by their keys, and taken out. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/observations/wall_time.h"

namespace exporter::storage {

using probes::observations::WallTime;

// A certificate that other rows name by its fingerprint; kept once, and as long as one names it.
struct CertificateRow {
  std::string fingerprint;
  std::string der;
  bool operator==(const CertificateRow&) const = default;
};

// A caller of a door.
struct CallerKey {
  std::string door;
  std::string key;
  auto operator<=>(const CallerKey&) const = default;
};
struct CallerRow {
  CallerKey id;
  bool has_certificate = false;  // under `key`; else the facts are what is known
  std::string subject;
  std::string issuer;
  std::string serial;
  std::string fingerprint;
  std::optional<std::chrono::sys_seconds> not_after;
  WallTime first_seen{};
  WallTime last_seen{};
  std::chrono::microseconds longest_gap{};
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::string server;
  std::vector<std::string> addresses;
  bool more_addresses = false;
  std::string said;      // of the verification, for people
  int verification = 0;  // what that came to
  bool operator==(const CallerRow&) const = default;
};

// How far a door has read one of its logs. A log that was renamed is read for a while beside the one that took its place.
struct LogKey {
  std::string door;
  std::string path;
  auto operator<=>(const LogKey&) const = default;
};
struct ReadFile {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  // 0: there was no file
  std::uint64_t offset = 0;
  std::string mark;  // bytes by which it is known again
  bool finished = false;
  bool operator==(const ReadFile&) const = default;
};
struct LogRow {
  LogKey id;
  WallTime at{};  // when this was so
  std::vector<ReadFile> files;
  bool operator==(const LogRow&) const = default;
};

// Where certificates come and go: a server's leaf, an identity, a file.
struct PlaceKey {
  std::string source;
  std::string target;
  std::string identity;
  std::string address;
  auto operator<=>(const PlaceKey&) const = default;
};

// A certificate in a place, from when to when.
struct SightingKey {
  PlaceKey place;
  std::string fingerprint;
  auto operator<=>(const SightingKey&) const = default;
};
struct SightingRow {
  SightingKey id;
  std::string subject;
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};
  WallTime first_seen{};
  WallTime last_seen{};
  bool operator==(const SightingRow&) const = default;
};

// One that took the place of another, which had so much of its lifetime left.
struct ReplacementKey {
  PlaceKey place;
  std::string replaced;  // its fingerprint
  auto operator<=>(const ReplacementKey&) const = default;
};
struct ReplacementRow {
  ReplacementKey id;
  std::string by;  // the fingerprint of the other
  WallTime at{};
  std::chrono::sys_seconds not_before{};  // of the one that was replaced
  std::chrono::sys_seconds not_after{};
  bool timely = false;  // we looked often enough to know when
  bool operator==(const ReplacementRow&) const = default;
};

// A revocation list, as its URL has answered.
struct ListRow {
  std::string url;
  std::shared_ptr<const std::string> body;  // DER, or PEM
  WallTime at{};                            // when it came
};

// What one source hands over at once: it is written in one transaction, or not at all.
struct Changes {
  std::vector<CertificateRow> certificates;
  std::vector<CallerRow> callers;
  std::vector<CallerKey> gone_callers;
  std::vector<LogRow> logs;
  std::vector<SightingRow> sightings = {};
  std::vector<SightingKey> gone_sightings = {};
  std::vector<ReplacementRow> replacements = {};
  std::vector<ReplacementKey> gone_replacements = {};
};

// What is known of all places.
struct StoredPlaces {
  std::vector<SightingRow> sightings;
  std::vector<ReplacementRow> replacements;
};

// What is known of one door.
struct StoredDoor {
  std::vector<CallerRow> callers;
  std::vector<CertificateRow> certificates;  // of these callers
  std::vector<LogRow> logs;
};

// All that was found when the file was opened.
struct Stored {
  std::vector<CertificateRow> certificates;
  std::vector<CallerRow> callers;
  std::vector<LogRow> logs;
  StoredPlaces places;
  std::vector<ListRow> lists;
};

}  // namespace exporter::storage
