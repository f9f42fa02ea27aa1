#include "probes/revocation/database.h"

#include <openssl/bn.h>
#include <openssl/err.h>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_set>

#include "probes/revocation/scope.h"

namespace probes::revocation {

using observations::PublishedRevocations;
using observations::RevocationReason;

namespace {

// So many serials are told one by one.
constexpr std::size_t most_told = 10;

using Integer = std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)>;

Integer integer_of(std::string_view hexadecimal) {
  BIGNUM* number = nullptr;
  Integer integer(nullptr, ASN1_INTEGER_free);
  if (BN_hex2bn(&number, std::string(hexadecimal).c_str()) > 0) integer.reset(BN_to_ASN1_INTEGER(number, nullptr));
  BN_free(number);
  return integer;
}

bool names(const List& list, const ASN1_INTEGER* serial) {
  const std::optional<Entry> entry = list.find(list.issuer(), serial);
  return entry && entry->reason != RevocationReason::remove_from_crl;
}

bool is_complete(const NamedList& named) { return named.list->base_number() == nullptr; }

bool is_of_the_same(const List& one, const List& other) {
  return X509_NAME_cmp(one.issuer(), other.issuer()) == 0 && one.scope_der() == other.scope_der() &&
         one.key_identifier_der() == other.key_identifier_der();
}

}  // namespace

std::vector<NamedList> latest(std::span<const NamedList> lists) {
  std::vector<NamedList> found;
  for (const NamedList& named : lists) {
    if (!is_complete(named)) continue;
    const auto known = std::ranges::find_if(found, [&](const NamedList& one) { return is_of_the_same(*one.list, *named.list); });
    if (known == found.end()) found.push_back(named);
    else if (known->list->this_update() < named.list->this_update()) *known = named;
  }
  const std::size_t complete = found.size();
  for (const NamedList& named : lists) {
    const auto completes = [&](const NamedList& base) { return updates(*named.list, *base.list); };
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(complete);
    if (!is_complete(named) && std::find_if(found.begin(), end, completes) != end) found.push_back(named);
  }
  return found;
}

PublishedRevocations compared(std::span<const DatabaseEntry> revoked, std::span<const NamedList> lists,
                              std::chrono::sys_seconds now) {
  PublishedRevocations result;
  for (const NamedList& named : lists) result.lists.push_back(named.source);
  std::vector<std::uint64_t> known(lists.size());  // entries of each list that the database has, too
  std::unordered_set<std::string_view> seen;
  for (const DatabaseEntry& entry : revoked) {
    if (!seen.insert(entry.serial).second) continue;
    const Integer serial = integer_of(entry.serial);
    bool listed = false;
    for (std::size_t i = 0; serial && i < lists.size(); ++i) {
      if (!names(*lists[i].list, serial.get())) continue;
      ++known[i];
      listed = true;
    }
    if (listed || entry.not_after <= now) continue;
    ++result.only_in_database;
    if (result.unlisted.size() < most_told) result.unlisted.emplace_back(entry.serial);
  }
  // A delta names again what its base may name, and what is no longer held: only complete lists are counted the other way round.
  for (std::size_t i = 0; i < lists.size(); ++i)
    if (is_complete(lists[i]) && lists[i].list->entries() > known[i]) result.only_in_lists += lists[i].list->entries() - known[i];
  ERR_clear_error();
  return result;
}

}  // namespace probes::revocation
