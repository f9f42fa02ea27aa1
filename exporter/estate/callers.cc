#include "exporter/estate/callers.h"

#include <map>
#include <utility>

namespace exporter {

namespace {

using enum CallerState;

constexpr CallerState states[] = {revoked, expired, not_yet_valid, unknown_issuer, not_issued, superseded, expiring, valid};
static_assert(std::size(states) == caller_states);
constexpr CallerState of_strangers[] = {expired, not_yet_valid, unknown_issuer};

constexpr std::size_t fingerprint_shown = 16;  // hexadecimal digits

}  // namespace

std::string_view word(CallerState state) {
  switch (state) {
    case revoked: return "revoked";
    case expired: return "expired";
    case not_yet_valid: return "not_yet_valid";
    case unknown_issuer: return "unknown_issuer";
    case not_issued: return "not_issued";
    case superseded: return "superseded";
    case expiring: return "expiring";
    case valid: return "valid";
  }
  return "valid";
}

std::span<const CallerState> all_caller_states() { return states; }
std::span<const CallerState> stranger_states() { return of_strangers; }

std::vector<std::string> caller_positions(const std::vector<probes::observations::CertificatePtr>& certificates,
                                          const std::vector<std::shared_ptr<const Caller>>& callers) {
  std::map<std::pair<std::string_view, std::string_view>, int> seen;
  for (const auto& certificate : certificates) ++seen[{certificate->serial(), name_or_serial(*certificate)}];
  std::vector<std::string> found;
  found.reserve(certificates.size());
  for (std::size_t at = 0; at < certificates.size(); ++at) {
    const std::string_view serial = certificates[at]->serial();
    const bool alone = !serial.empty() && seen[{serial, name_or_serial(*certificates[at])}] == 1;
    found.push_back(alone ? std::string(serial) : callers[at]->fingerprint.substr(0, fingerprint_shown));
  }
  return found;
}

}  // namespace exporter
