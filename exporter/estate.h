// The estate: one slot per watch (a target seen with one identity), identity and trust store, and what is known of it. A
// finished probe updates its slot in one step, under that slot's lock; taking a watch away takes its slot, so a stale series cannot exist.
// A slot keeps the text it contributes to a scrape, rendered when it changes (exporter/metrics), so that a scrape
// only concatenates. Called from every probe thread and from the web threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "probes/observations/handshake.h"

namespace exporter {

using WallTime = std::chrono::system_clock::time_point;

namespace metrics { struct SlotText; }

// A target seen with one identity ("" when none is used): what P labels name.
struct WatchKey {
  std::string target;
  std::string identity;
  auto operator<=>(const WatchKey&) const = default;
};

// The certificates last actually received, kept through outages for the module's certificate_retention.
struct Received {
  WallTime at{};
  std::vector<probes::observations::CertificatePtr> certificates;
  probes::observations::ChainJudgementPtr chain;
  bool hostname_match = false;
};

struct KnockRecord {
  probes::observations::KnockAnswer answer = probes::observations::KnockAnswer::undetermined;
  WallTime at{};
};

// What the door knocks found, for the watch whose own answer they were compared with.
struct Door {
  std::map<std::string, KnockRecord> knocks;  // by "anonymous", "rogue" or the identity's name
  std::optional<probes::observations::DoorMode> mode;  // absent: never knocked
};

struct HistoryEntry {
  WallTime at{};
  std::chrono::nanoseconds duration{};
  std::optional<probes::observations::StageReason> failure;  // absent: no failure
  std::optional<std::uint8_t> alert;
};

struct LastFailure {
  probes::observations::Failure failure;
  WallTime at{};
};

// Everything known of one watch.
struct WatchSlot {
  std::shared_ptr<const config::Target> target;
  std::string identity;  // "" when none is used
  std::optional<probes::observations::Handshake> last;  // absent: not probed yet
  std::optional<Received> received;
  std::optional<LastFailure> last_failure;  // kept for a day
  Door door;
  std::uint64_t probes = 0;
  std::uint64_t failures = 0;
  std::deque<HistoryEntry> history;  // newest last, at most history_limit
};
inline constexpr std::size_t history_limit = 16;

// What is published of one identity.
struct IdentitySlot {
  std::string name;
  config::Labels labels;
  bool usable = false;
  std::vector<probes::observations::CertificatePtr> certificates;  // leaf first
  probes::observations::ChainJudgementPtr chain;                   // absent without a trust store
  std::vector<probes::observations::Problem> problems;
};

// What is published of one trust store.
struct TrustSlot {
  std::string name;
  config::Labels labels;
  std::vector<probes::observations::CertificatePtr> certificates;
  std::map<std::string, std::uint64_t> errors;  // by reason word, of the last load
  bool up = false;                              // every file could be read and at least one anchor was found
};

}  // namespace exporter
