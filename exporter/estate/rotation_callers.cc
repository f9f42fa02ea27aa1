#include "exporter/estate/rotation_callers.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace exporter {

namespace {

// Whether the server's word on a certificate (text of nginx, a number of haproxy or OpenSSL) is that its issuer is not known to
// it.
bool says_unknown_issuer(std::string_view said) {
  static constexpr std::array<std::string_view, 4> texts = {"issuer certificate", "first certificate", "self signed",
                                                            "self-signed"};
  static constexpr std::array<std::string_view, 5> numbers = {"2", "18", "19", "20", "21"};  // X509_V_ERR_*
  return std::ranges::any_of(texts, [&](std::string_view text) { return said.find(text) != std::string_view::npos; }) ||
         std::ranges::find(numbers, said) != numbers.end();
}

// As far as the log tells: its last word, or that it never let the caller in.
bool refused_for_its_ca(const Caller& caller) {
  const bool fit =
      caller.state != CallerState::revoked && caller.state != CallerState::expired && caller.state != CallerState::not_yet_valid;
  if (!fit || caller.refused == 0) return false;
  return says_unknown_issuer(caller.verification) || (caller.verification.empty() && caller.accepted == 0);
}

// Processes of one client go over one after the other: the old certificate is out of use when it has not been seen for so long.
constexpr std::chrono::hours overlap{24};

// Of one subject at one door.
struct Seen {
  WallTime first_after = WallTime::max();  // when it first came with a certificate of the new CA that was let in
  WallTime last_before = WallTime::min();  // when it last came with one of the old CA
  WallTime last_after = WallTime::min();
};

}  // namespace

std::vector<CallerStanding> callers_of(const SourceSlot& source, const RotationSides& sides, std::chrono::milliseconds quiet,
                                       WallTime now) {
  std::vector<CallerStanding> found;
  std::vector<const Caller*> callers;
  std::unordered_map<std::string_view, Seen> by_subject;
  for (std::size_t at = 0; at < source.published.size(); ++at) {
    const RestingCertificate& resting = source.published[at];
    const Caller& caller = *source.callers->callers[at];
    const Side side = sides.of(*resting.certificate, resting.chain.get());
    if (side == Side::neither) continue;
    Seen& seen = by_subject[resting.certificate->subject()];
    if (side == Side::after) {
      const bool let_in = caller.accepted > 0 || caller.refused == 0;
      if (let_in) seen.first_after = std::min(seen.first_after, caller.first_seen);
      seen.last_after = std::max(seen.last_after, caller.last_seen);
    } else {
      seen.last_before = std::max(seen.last_before, caller.last_seen);
    }
    found.push_back({.name = std::string(name_or_serial(*resting.certificate)),
                     .fingerprint = caller.fingerprint,
                     .certificate = resting.certificate,
                     .side = side});
    callers.push_back(&caller);
  }
  for (std::size_t at = 0; at < found.size(); ++at) {
    CallerStanding& one = found[at];
    const Caller& caller = *callers[at];
    const Seen& seen = by_subject[one.certificate->subject()];
    const bool silent = now - caller.last_seen >= quiet;
    const bool came_since = seen.first_after != WallTime::max() && seen.last_after >= caller.last_seen;
    const bool at_once = seen.first_after >= caller.last_seen;
    const bool gone_over = came_since && (at_once || now - caller.last_seen >= std::min<WallTime::duration>(quiet, overlap));
    const bool unfit = caller.state == CallerState::revoked || caller.state == CallerState::expired;
    one.counts = one.side != Side::after && !silent && !gone_over && !unfit;
    const WallTime otherwise = one.side == Side::after ? seen.last_before : seen.last_after;
    one.refused = !silent && caller.calls_until > now && refused_for_its_ca(caller) && otherwise <= caller.last_seen;
  }
  return found;
}

}  // namespace exporter
