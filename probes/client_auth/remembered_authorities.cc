// The memory of acceptable_authorities.h: lists by everything that is said of them, for as long as no date is crossed.
#include <mutex>
#include <utility>

#include "probes/client_auth/dated_authorities.h"
#include "probes/recent.h"

namespace probes::client_auth {

namespace {

using observations::AcceptableAuthorities;
using observations::AcceptableAuthoritiesPtr;

constexpr std::size_t most_remembered = 2u << 20;  // bytes

std::size_t weight_of(const AcceptableAuthorities& list) {
  std::size_t weight = sizeof list;
  for (const std::string& name : list.names) weight += sizeof name + name.size();
  return weight;
}

class Memory {
 public:
  AcceptableAuthoritiesPtr find(const std::string& key, std::chrono::sys_seconds now) {
    const std::scoped_lock lock(mutex_);
    const DatedAuthorities* known = read_.find(key);
    return known != nullptr && known->from <= now && now < known->until ? known->list : nullptr;
  }

  AcceptableAuthoritiesPtr remember(std::string key, DatedAuthorities made) {
    const std::scoped_lock lock(mutex_);
    const std::size_t weight = weight_of(*made.list);
    // A reload reads every list anew, and most say the same as before.
    const AcceptableAuthoritiesPtr* same = lists_.find(made.list->digest);
    if (same != nullptr && **same == *made.list) made.list = *same;
    else lists_.remember(made.list->digest, made.list, weight);
    AcceptableAuthoritiesPtr list = made.list;
    const std::size_t key_weight = key.size();
    read_.remember(std::move(key), std::move(made), key_weight + weight);
    return list;
  }

 private:
  std::mutex mutex_;
  Recent<DatedAuthorities> read_{most_remembered};           // by the list as sent and what was known
  Recent<AcceptableAuthoritiesPtr> lists_{most_remembered};  // by digest
};

std::string generation(const chain::TrustStore* store) {
  return store == nullptr ? "-;" : std::to_string(store->generation()) + ";";
}

}  // namespace

AcceptableAuthoritiesPtr acceptable_authorities(const AuthorityNames* names, const KnownAuthorities& known,
                                                std::chrono::sys_seconds now) {
  static Memory memory;
  std::string key = generation(known.trust) + generation(known.system);
  std::vector<std::string> encoded;
  for (int i = 0; i < sk_X509_NAME_num(names); ++i) key += encoded.emplace_back(encoded_name(sk_X509_NAME_value(names, i)));
  if (AcceptableAuthoritiesPtr list = memory.find(key, now)) return list;
  return memory.remember(std::move(key), dated_authorities(names, encoded, known, now));
}

}  // namespace probes::client_auth
