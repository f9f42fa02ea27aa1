#include "probes/observations/issued_ledger.h"

#include <algorithm>
#include <functional>

namespace probes::observations {

namespace {

// Databases write leading zeros where certificates have none, and the other way round.
std::uint64_t digest_of(std::string_view serial, std::chrono::sys_seconds not_after) {
  std::string key;
  for (const char c : serial) {
    if (key.empty() && c == '0') continue;
    key += c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
  }
  key.append(1, '/').append(std::to_string(not_after.time_since_epoch().count()));
  return std::hash<std::string>{}(key);
}

}  // namespace

void IssuedLedger::add(std::string_view serial, Date not_after, IssuedState state) {
  if (!serial.empty() && not_after) entries_.push_back({digest_of(serial, *not_after), state});
}

void IssuedLedger::issued_by_it(const Certificate& certificate) {
  std::pair<std::string, std::string> issuer(certificate.issuer(), certificate.authority_key_identifier());
  if (std::ranges::find(issuers_, issuer) == issuers_.end()) issuers_.push_back(std::move(issuer));
}

// A certificate that stands there twice is what its last entry says.
void IssuedLedger::finish() { std::ranges::stable_sort(entries_, {}, &Entry::digest); }

std::optional<IssuedState> IssuedLedger::state_of(const Certificate& certificate) const {
  if (certificate.serial().empty() || !certificate.not_after()) return std::nullopt;
  if (!issuers_.empty() && !should_know(certificate)) return std::nullopt;
  const std::uint64_t digest = digest_of(certificate.serial(), *certificate.not_after());
  const auto behind = std::ranges::upper_bound(entries_, digest, {}, &Entry::digest);
  if (behind == entries_.begin() || std::prev(behind)->digest != digest) return std::nullopt;
  return std::prev(behind)->state;
}

// An authority that changed its key has another identifier: what one of both does not name is told by the name alone.
bool IssuedLedger::should_know(const Certificate& certificate) const {
  const auto same = [&](const auto& issuer) {
    const std::string_view key = certificate.authority_key_identifier();
    return issuer.first == certificate.issuer() && (issuer.second.empty() || key.empty() || issuer.second == key);
  };
  return std::ranges::any_of(issuers_, same);
}

}  // namespace probes::observations
