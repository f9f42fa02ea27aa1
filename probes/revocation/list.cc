#include "probes/revocation/list.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "probes/revocation/list_parts.h"
#include "probes/tls/made.h"

namespace probes::revocation {

using observations::RevocationReason;

namespace {

// RFC 5280 4.1.2.2: a serial has at most 20 octets. Longer ones are met, and none of more than 255.
constexpr std::size_t longest_serial = 255;
// Behind the serial and its length: reason, issuer, date.
constexpr std::size_t trailer = 1 + sizeof(std::uint16_t) + sizeof(std::int64_t);
constexpr std::int64_t no_date = std::numeric_limits<std::int64_t>::min();
// An indirect list speaks for a handful of authorities.
constexpr std::size_t most_issuers = 4096;

std::string_view serial_at(const std::string& pool, std::uint32_t place) {
  return std::string_view(pool).substr(place + 1, static_cast<std::uint8_t>(pool[place]));
}

}  // namespace

bool List::take_heading(ParsedList& parsed) {
  const auto made = time_of(parsed.this_update);
  tls::Ptr<X509_NAME> issuer = name_of(parsed.issuer);
  if (!made || !issuer) return false;
  this_update_ = *made;
  issuers_.push_back(std::move(issuer));
  if (!parsed.next_update) return true;
  next_update_ = time_of(*parsed.next_update);
  return next_update_.has_value();
}

bool List::take_extensions(std::string_view der) {
  std::vector<std::string_view> seen;
  return each_extension(der, [&](const Extension& extension) {
    if (std::ranges::find(seen, extension.oid) != seen.end()) return false;  // RFC 5280 4.2: no extension twice
    seen.push_back(extension.oid);
    if (is_id_ce(extension.oid, crl_number_extension)) {
      own_number_.reset(decoded(&d2i_ASN1_INTEGER, extension.value));
      number_ = decimal(own_number_.get());
      return own_number_ != nullptr;
    }
    if (is_id_ce(extension.oid, delta_indicator)) {
      base_number_.reset(decoded(&d2i_ASN1_INTEGER, extension.value));
      return base_number_ != nullptr;
    }
    if (is_id_ce(extension.oid, authority_key)) {
      key_identifier_.reset(decoded(&d2i_AUTHORITY_KEYID, extension.value));
      key_identifier_der_ = extension.value;
      return key_identifier_ != nullptr;
    }
    if (is_id_ce(extension.oid, distribution_point)) {
      scope_.reset(decoded(&d2i_ISSUING_DIST_POINT, extension.value));
      scope_der_ = extension.value;
      return take_scope();
    }
    const bool known = is_id_ce(extension.oid, freshest) || is_id_ce(extension.oid, issuer_names);
    if (extension.critical && !known) understood_ = false;
    return true;
  });
}

// RFC 5280 5.2.5: at most one of the three "only" may be set; relative names are completed by the list's issuer.
bool List::take_scope() {
  if (!scope_) return false;
  const int only = (scope_->onlyuser > 0 ? 1 : 0) + (scope_->onlyCA > 0 ? 1 : 0) + (scope_->onlyattr > 0 ? 1 : 0);
  if (only > 1) understood_ = false;
  if (scope_->distpoint != nullptr) (void)DIST_POINT_set_dpname(scope_->distpoint, issuer());
  return true;
}

bool List::take_entries(std::string_view der) {
  if (der.size() >= std::numeric_limits<std::uint32_t>::max()) return false;
  pool_.reserve(der.size());  // an entry takes less here than there
  std::uint16_t issuer = 0;   // RFC 5280 5.3.3: that of the entry before, unless an entry says otherwise
  DerCursor entries(der);
  while (!entries.at_end()) {
    const auto entry = entries.next(sequence);
    if (!entry || !take_entry(entry->content, issuer)) return false;
  }
  pool_.shrink_to_fit();
  places_.shrink_to_fit();
  return true;
}

bool List::take_entry(std::string_view der, std::uint16_t& issuer) {
  DerCursor parts(der);
  const auto serial = parts.next(integer);
  const auto at = parts.next();
  if (!serial || !at || !minimal(serial->content) || serial->content.size() > longest_serial) return false;
  if (at->tag != utc_time && at->tag != generalized_time) return false;
  RevocationReason reason = RevocationReason::unspecified;
  if (!parts.at_end()) {
    const auto extensions = parts.next(sequence);
    if (!extensions || !parts.at_end() || !take_entry_extensions(extensions->content, issuer, reason)) return false;
  }
  const auto date = quick_time(*at);
  const std::int64_t seconds = date ? date->time_since_epoch().count() : no_date;
  places_.push_back(static_cast<std::uint32_t>(pool_.size()));
  pool_.push_back(static_cast<char>(serial->content.size()));
  pool_.append(serial->content);
  pool_.push_back(static_cast<char>(reason));
  pool_.append(reinterpret_cast<const char*>(&issuer), sizeof issuer);
  pool_.append(reinterpret_cast<const char*>(&seconds), sizeof seconds);
  return true;
}

bool List::take_entry_extensions(std::string_view der, std::uint16_t& issuer, RevocationReason& reason) {
  return each_extension(der, [&](const Extension& extension) {
    if (is_id_ce(extension.oid, reason_code)) {
      DerCursor value(extension.value);
      const auto code = value.next(enumerated);
      if (!code || code->content.size() != 1) return false;
      reason = observations::revocation_reason(static_cast<std::int8_t>(code->content[0]));
      return true;
    }
    if (is_id_ce(extension.oid, certificate_issuer)) {
      const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(decoded(&d2i_GENERAL_NAMES, extension.value),
                                                                                GENERAL_NAMES_free);
      for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DIRNAME) continue;
        const auto known =
            std::ranges::find_if(issuers_, [&](const auto& one) { return X509_NAME_cmp(one.get(), name->d.directoryName) == 0; });
        issuer = static_cast<std::uint16_t>(known - issuers_.begin());
        if (known != issuers_.end()) return true;
        if (issuers_.size() >= most_issuers) return false;
        issuers_.push_back(tls::made(X509_NAME_dup(name->d.directoryName)));
        return true;
      }
      return false;
    }
    // RFC 5280 5.3: an entry's critical extension that is not understood spoils the list for everybody.
    if (extension.critical && !is_id_ce(extension.oid, invalidity_date)) understood_ = false;
    return true;
  });
}

void List::sort() {
  // By the first eight octets where they differ, which they nearly always do: the pool is out of every cache.
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  order.reserve(places_.size());
  for (const std::uint32_t place : places_) {
    const std::string_view serial = serial_at(pool_, place);
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < 8; ++i) first = first << 8 | (i < serial.size() ? static_cast<std::uint8_t>(serial[i]) : 0u);
    order.emplace_back(first, place);
  }
  std::ranges::sort(order, [&](const auto& one, const auto& other) {
    if (one.first != other.first) return one.first < other.first;
    return serial_at(pool_, one.second) < serial_at(pool_, other.second);
  });
  std::ranges::transform(order, places_.begin(), &std::pair<std::uint64_t, std::uint32_t>::second);
}

ListPtr List::read(std::string_view der) {
  auto parsed = ParsedList::of(der);
  const std::shared_ptr<List> made(new List);
  const bool whole =
      parsed && made->take_heading(*parsed) && made->take_extensions(parsed->extensions) && made->take_entries(parsed->entries);
  if (whole) {
    made->sort();
    made->signed_ = std::make_unique<const SignedPart>(parsed->tbs.whole, parsed->inner_algorithm, parsed->algorithm.whole,
                                                       parsed->signature.content);
  }
  ERR_clear_error();
  return whole ? made : nullptr;
}

ListPtr List::remembered(std::string_view der) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const List>> known;
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(der.data(), der.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) return read(der);
  const std::string key(reinterpret_cast<const char*>(digest.data()), digest.size());
  const std::scoped_lock lock(mutex);
  std::erase_if(known, [](const auto& one) { return one.second.expired(); });
  const auto held = known.find(key);
  ListPtr list = held == known.end() ? nullptr : held->second.lock();
  if (list || !(list = read(der))) return list;
  known[key] = list;
  return list;
}

std::optional<Entry> List::find(const X509_NAME* issuer, const ASN1_INTEGER* serial) const {
  unsigned char* encoded = nullptr;
  const int size = i2d_ASN1_INTEGER(serial, &encoded);
  if (size <= 0) return std::nullopt;
  const auto wanted = DerCursor({reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)}).next();
  std::optional<Entry> found;
  const auto less = [&](std::uint32_t place, std::string_view value) { return serial_at(pool_, place) < value; };
  auto at = wanted ? std::lower_bound(places_.begin(), places_.end(), wanted->content, less) : places_.end();
  for (; at != places_.end() && serial_at(pool_, *at) == wanted->content; ++at) {
    const char* behind = pool_.data() + *at + 1 + wanted->content.size();
    std::uint16_t whose = 0;
    std::int64_t seconds = 0;
    std::memcpy(&whose, behind + 1, sizeof whose);
    std::memcpy(&seconds, behind + 1 + sizeof whose, sizeof seconds);
    if (X509_NAME_cmp(issuers_[whose].get(), issuer) != 0) continue;
    found = Entry{static_cast<RevocationReason>(*behind), std::nullopt};
    if (seconds != no_date) found->at = std::chrono::sys_seconds(std::chrono::seconds(seconds));
    break;
  }
  OPENSSL_free(encoded);
  return found;
}

std::size_t List::bytes() const {
  return sizeof *this + pool_.capacity() + places_.capacity() * sizeof(std::uint32_t) + signed_->bytes();
}

}  // namespace probes::revocation
