// A book and the rows that outlive a restart.
#include <algorithm>
#include <map>
#include <utility>

#include "exporter/callers/book.h"
#include "exporter/callers/described.h"

namespace exporter::callers {

namespace {

CertificateFacts facts_of(const storage::CallerRow& row) {
  CertificateFacts facts{.subject = row.subject, .issuer = row.issuer, .serial = row.serial, .fingerprint = row.fingerprint};
  if (row.not_after) facts.not_after = *row.not_after;
  return facts;
}

Verification verification_of(int number) {
  const bool known = number >= 0 && number <= static_cast<int>(Verification::failed);
  return known ? static_cast<Verification>(number) : Verification::untold;
}

// Addresses of one and then of the other, the latest last, as many as are remembered.
void add_addresses(Caller& caller, const std::vector<std::string>& earlier, bool more, std::size_t most) {
  std::vector<std::string> all = earlier;
  for (const std::string& address : caller.addresses) {
    std::erase(all, address);
    all.push_back(address);
  }
  caller.more_addresses = caller.more_addresses || more || all.size() > most;
  if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
  caller.addresses = std::move(all);
}

}  // namespace

void Book::restore(storage::StoredDoor stored, WallTime now) {
  saves_ = true;
  std::map<std::string, std::string> ders;
  for (storage::CertificateRow& row : stored.certificates) ders.emplace(std::move(row.fingerprint), std::move(row.der));
  for (const storage::CallerRow& row : stored.callers) {
    auto known = records_.find(row.id.key);
    if (known == records_.end()) {
      if (records_.size() >= door_.max_series) continue;
      SeenCertificatePtr seen;
      if (const auto der = ders.find(row.id.key); row.has_certificate && der != ders.end()) seen = certificate_of(der->second);
      if (row.has_certificate && !seen) continue;  // the row it belongs to was lost
      Record fresh{.seen = seen, .certificate = seen ? seen->facts : described(facts_of(row))};
      fresh.certificate_saved = true;
      fresh.evidence.verification = verification_of(row.verification);
      fresh.caller = {.fingerprint = fingerprint_of(row.id.key), .first_seen = row.first_seen, .last_seen = row.last_seen};
      fresh.caller.server = row.server;
      fresh.caller.verification = row.said;
      known = records_.emplace(row.id.key, std::move(fresh)).first;
    }
    Record& record = known->second;
    Caller& caller = record.caller;
    caller.first_seen = std::min({caller.first_seen, row.first_seen, now});
    caller.last_seen = std::min(std::max(caller.last_seen, row.last_seen), now);  // a clock that was wrong
    record.longest_gap = std::max(record.longest_gap, row.longest_gap);
    caller.accepted += row.accepted;
    caller.refused += row.refused;
    add_addresses(caller, row.addresses, row.more_addresses, door_.addresses);
    expect_again(record);
    record.saved = false;
    record.shown = nullptr;
  }
}

void Book::save(storage::Changes& changes, bool all) {
  saves_ = true;
  for (storage::CallerKey& key : gone_) changes.gone_callers.push_back(std::move(key));
  gone_.clear();
  for (auto& [key, record] : records_) {
    if (record.saved && !all) continue;
    const Caller& caller = record.caller;
    storage::CallerRow row{.id = {door_.name, key}, .has_certificate = record.seen != nullptr};
    if (!record.seen) {
      row.subject = record.certificate->subject(), row.issuer = record.certificate->issuer();
      row.serial = record.certificate->serial(), row.fingerprint = record.certificate->fingerprint_sha256();
      if (record.certificate->not_after()) row.not_after = *record.certificate->not_after();
    } else if (all || !record.certificate_saved) {
      changes.certificates.push_back({.fingerprint = key, .der = record.seen->der});
    }
    row.first_seen = caller.first_seen, row.last_seen = caller.last_seen, row.longest_gap = record.longest_gap;
    row.accepted = caller.accepted, row.refused = caller.refused;
    row.server = caller.server, row.addresses = caller.addresses, row.more_addresses = caller.more_addresses;
    row.said = caller.verification, row.verification = static_cast<int>(record.evidence.verification);
    changes.callers.push_back(std::move(row));
    record.saved = record.certificate_saved = true;
  }
}

bool Book::forget(const std::string& fingerprint) {
  const std::size_t before = records_.size();
  forget_where([&](const Record& record) { return record.caller.fingerprint == fingerprint; });
  return records_.size() < before;
}

}  // namespace exporter::callers
