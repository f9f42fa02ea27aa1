// The callers of one door: one record for each certificate, and counts of those that have none. Bounded in every direction: what
// is left out is counted. Owned by the reader's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/callers_settings.h"
#include "exporter/callers/call.h"
#include "exporter/callers/certificates.h"
#include "exporter/callers/judgement.h"
#include "exporter/estate/estate.h"
#include "exporter/storage/rows.h"

namespace exporter::callers {

class Book {
 public:
  explicit Book(config::Callers door) : door_(std::move(door)) {}

  const config::Callers& door() const { return door_; }
  void adopt(config::Callers door) { door_ = std::move(door); }

  // A line of the logs that was read now, as steady time for limits and wall time for records.
  void note_line(std::string_view line, SeenCertificates& certificates, std::chrono::steady_clock::time_point tick, WallTime now);
  // Lines that were not even looked at.
  void note_dropped(std::uint64_t lines) { found_.dropped += lines; }
  void note_unreadable(std::uint64_t lines) { found_.unreadable += lines; }

  // From now on callers are judged against this.
  void judge_against(Against against);

  // Forgets who was not seen for `keep`, judges anew what changed since it was judged, for at most `budget`, and counts. False
  // where the budget did not suffice: to be called again soon.
  bool refresh(WallTime now, std::chrono::milliseconds budget);

  // What is published: those that end first stand first. Its errors and whether it is up are the caller's to fill in.
  [[nodiscard]] SourceSlot slot() const;

  // Takes up what an earlier run knew, beside what is known already: a caller that called before and since has the sum.
  void restore(storage::StoredDoor stored, WallTime now);
  // What changed since the last call; `all`: everything. From the first call on, who is forgotten is noted for the next.
  void save(storage::Changes& changes, bool all);
  // Removes the record of this fingerprint, as it is listed. False: there is none.
  bool forget(const std::string& fingerprint);

  [[nodiscard]] std::size_t records() const { return records_.size(); }
  [[nodiscard]] std::uint64_t unreadable() const { return found_.unreadable; }

 private:
  struct Record {
    SeenCertificatePtr seen;  // null: the log gives facts only
    probes::observations::CertificatePtr certificate;
    Evidence evidence;
    bool saved = false;  // as it is
    bool certificate_saved = false;
    bool judged = false;                      // against what is in use
    std::chrono::sys_seconds judged_until{};  // a date of the chain is crossed then
    std::chrono::microseconds longest_gap{};
    std::shared_ptr<const Caller> shown;  // null: it changed
    Caller caller;
    probes::observations::ProblemsPtr problems;  // besides the chain's
  };
  using Records = std::unordered_map<std::string, Record>;

  void note(const Call& call, SeenCertificatePtr certificate, WallTime now);
  bool stranger(const std::string& key, const Record& candidate, const Call& call, WallTime now);
  void update(Record& record, const Call& call, WallTime at) const;
  void expect_again(Record& record) const;
  void judge(Record& record, std::chrono::sys_seconds now) const;
  bool make_room(WallTime now);
  void forget_where(const std::function<bool(const Record&)>& condition);
  [[nodiscard]] probes::observations::ProblemsPtr problems_of(CallerState state, const Evidence& evidence) const;

  config::Callers door_;
  Against against_;
  Records records_;                                         // by fingerprint, or by what is as good
  std::unordered_map<std::string, CallerState> strangers_;  // judged lately, so that a thousand calls cost one judgement
  std::unordered_set<std::size_t> left_out_;                // digests of callers above max_series
  bool saves_ = false;
  std::vector<storage::CallerKey> gone_;  // since the last save
  CallersFound found_;                    // the counters of it
};

}  // namespace exporter::callers
