#include "exporter/callers/book.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "exporter/callers/described.h"

namespace exporter::callers {

using namespace probes::observations;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t strangers_remembered = 10'000;
constexpr auto weekly = std::chrono::days(7);
constexpr auto judged_anew = std::chrono::hours(6);  // lists of revocation lapse, too

std::size_t at(CallerState state) { return static_cast<std::size_t>(state); }

}  // namespace

void Book::note_line(std::string_view line, SeenCertificates& certificates, std::chrono::steady_clock::time_point tick,
                     WallTime now) {
  std::optional<Call> call = read_call(line);
  if (!call) return void(++found_.unreadable);
  if (call->anonymous) return void((++found_.read, ++found_.anonymous));
  SeenCertificates::Found seen;
  if (!call->certificate.empty()) seen = certificates.of(call->certificate, tick);
  if (seen.put_off) return void(++found_.dropped);
  if (!seen.certificate && !call->facts.identify()) return void(++found_.unreadable);
  ++found_.read;
  note(*call, std::move(seen.certificate), now);
}

// A time that is still to come is a clock that is wrong.
void Book::note(const Call& call, SeenCertificatePtr certificate, WallTime now) {
  const WallTime at = std::min(call.time.value_or(now), now);
  if (now - at > door_.keep) return;
  const std::string key = certificate ? std::string(certificate->facts->fingerprint_sha256()) : key_of(call.facts);
  if (const auto known = records_.find(key); known != records_.end()) return update(known->second, call, at);
  Record fresh{.seen = certificate, .certificate = certificate ? certificate->facts : described(call.facts)};
  fresh.evidence.verification = call.verification;
  const std::size_t digest = std::hash<std::string>{}(key);
  if (left_out_.contains(digest)) return;
  if (call.result != Result::accepted && stranger(key, fresh, call, now)) return;
  if (!make_room(now)) {
    if (left_out_.size() < door_.max_series) left_out_.insert(digest);
    return;
  }
  fresh.caller = {.fingerprint = fingerprint_of(key), .first_seen = at, .last_seen = at};
  judge(fresh, std::chrono::floor<std::chrono::seconds>(now));
  update(fresh, call, at);
  records_.emplace(key, std::move(fresh));
}

// Who chains to nothing of ours, and was not let in, is counted.
bool Book::stranger(const std::string& key, const Record& candidate, const Call& call, WallTime now) {
  auto known = strangers_.find(key);
  if (known == strangers_.end()) {
    Record judged = candidate;
    judge(judged, std::chrono::floor<std::chrono::seconds>(now));
    if (chains(judged.evidence) == true) return false;
    const CallerState state = state_of(*judged.certificate, judged.evidence, now);
    const bool counted = std::ranges::find(stranger_states(), state) != stranger_states().end();
    if (strangers_.size() >= strangers_remembered) strangers_.clear();
    known = strangers_.emplace(key, counted ? state : CallerState::unknown_issuer).first;
  }
  if (call.result == Result::refused) ++found_.strangers[at(known->second)];
  return true;
}

void Book::update(Record& record, const Call& call, WallTime at) const {
  Caller& caller = record.caller;
  record.shown = nullptr;
  record.saved = false;
  if (at > caller.last_seen) {
    record.longest_gap = std::max<std::chrono::microseconds>(record.longest_gap, at - caller.last_seen);
    caller.last_seen = at;
  }
  caller.first_seen = std::min(caller.first_seen, at);
  expect_again(record);
  if (call.result == Result::accepted) ++caller.accepted;
  if (call.result == Result::refused) ++caller.refused;
  if (!call.server.empty()) caller.server = call.server;
  caller.verification = call.said;
  record.evidence.verification = call.verification;
  if (call.address.empty() || door_.addresses == 0) return;
  auto& addresses = caller.addresses;
  if (!addresses.empty() && addresses.back() == call.address) return;
  if (const auto before = std::ranges::find(addresses, call.address); before != addresses.end()) addresses.erase(before);
  addresses.push_back(call.address);
  if (addresses.size() <= door_.addresses) return;
  addresses.erase(addresses.begin());
  caller.more_addresses = true;
}

void Book::expect_again(Record& record) const {
  const auto silence = std::max<std::chrono::microseconds>(weekly, 3 * record.longest_gap);
  record.caller.calls_until = record.caller.last_seen + std::min<std::chrono::microseconds>(silence, door_.keep);
}

void Book::judge(Record& record, std::chrono::sys_seconds now) const {
  record.judged = true;
  record.shown = nullptr;
  record.judged_until = now + judged_anew;
  if (record.seen) record.evidence.chain = judged(*record.seen, against_, now);
  look_up(*record.certificate, against_, record.evidence);
  if (record.evidence.chain && record.evidence.chain->expiry && *record.evidence.chain->expiry > now)
    record.judged_until = std::min(record.judged_until, *record.evidence.chain->expiry + 1s);
}

// What anybody can write is a claim: it warns.
ProblemsPtr Book::problems_of(CallerState state, const Evidence& evidence) const {
  std::vector<Problem> problems;
  const auto add = [&](Finding finding, Severity severity, const char* detail) {
    problems.push_back({finding, severity, 0, detail});
  };
  const Severity worst = open_to_all(door_.syslog) ? Severity::warning : Severity::critical;
  if (state == CallerState::revoked) add(Finding::revoked, worst, "");
  if (evidence.issued == IssuedState::superseded)
    add(Finding::superseded, Severity::warning, "its authority has issued a later one to its subject, and this one still calls");
  return problems.empty() ? nullptr : std::make_shared<const std::vector<Problem>>(std::move(problems));
}

// A database that was read again costs a look for each record, another trust store a judgement.
void Book::judge_against(Against against) {
  const bool same_trust = against.trust == against_.trust, same = against == against_;
  against_ = std::move(against);
  if (same) return;
  strangers_.clear();
  for (auto& [key, record] : records_) {
    if (!same_trust) record.judged = false;
    look_up(*record.certificate, against_, record.evidence);
    record.shown = nullptr;
  }
}

void Book::forget_where(const std::function<bool(const Record&)>& condition) {
  std::erase_if(records_, [&](const auto& entry) {
    if (!condition(entry.second)) return false;
    if (saves_) gone_.push_back({.door = door_.name, .key = entry.first});
    return true;
  });
}

// Who no longer calls makes room for those that do.
bool Book::make_room(WallTime now) {
  if (records_.size() < door_.max_series) return true;
  if (!left_out_.empty()) return false;  // looked at since the last refresh
  forget_where([&](const Record& record) { return record.caller.calls_until < now; });
  return records_.size() < door_.max_series;
}

bool Book::refresh(WallTime now, std::chrono::milliseconds budget) {
  const auto end = std::chrono::steady_clock::now() + budget;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const std::size_t before = records_.size();
  forget_where([&](const Record& record) { return now - record.caller.last_seen > door_.keep; });
  if (records_.size() < before) left_out_.clear();
  bool all = true;
  found_.counts = {};
  for (auto& [key, record] : records_) {
    if (!record.judged || record.judged_until <= seconds) {
      if (std::chrono::steady_clock::now() < end) judge(record, seconds);
      else all = false;
    }
    const CallerState state = state_of(*record.certificate, record.evidence, now);
    if (state != record.caller.state) record.shown = nullptr;
    record.caller.state = state;
    if (!record.shown) {
      record.problems = problems_of(state, record.evidence);
      record.shown = std::make_shared<const Caller>(record.caller);
    }
    ++found_.counts[at(state)];
  }
  return all;
}

SourceSlot Book::slot() const {
  SourceSlot slot{.key = {SourceKind::caller, door_.name}, .labels = door_.labels};
  slot.certificates = records_.size();
  slot.dropped = left_out_.size();
  std::vector<const Record*> order;
  for (const auto& [key, record] : records_)
    if (record.shown) order.push_back(&record);
  const auto end_of = [](const Record* record) {
    return record->certificate->not_after().value_or(std::chrono::sys_seconds::max());
  };
  std::ranges::sort(order, [&](const Record* one, const Record* other) {
    return std::pair(end_of(one), std::string_view(one->shown->fingerprint)) <
           std::pair(end_of(other), std::string_view(other->shown->fingerprint));
  });
  const auto found = std::make_shared<CallersFound>(found_);
  const Location place(door_.name);
  for (const Record* record : order) {
    slot.published.push_back({.place = place,
                              .certificate = record->certificate,
                              .chain = record->evidence.chain,
                              .problems = record->problems,
                              .leaf = true,
                              .listed_only = record->seen == nullptr});
    found->callers.push_back(record->shown);
  }
  slot.callers = found;
  return slot;
}

}  // namespace exporter::callers
