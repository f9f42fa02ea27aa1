// What a set of revocation lists says of a certificate on a path (RFC 5280 6.3.3): full, delta, indirect and partitioned lists,
// each matched by the issuer's name and key. Immutable; shared by every judgement against a trust store. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "probes/observations/revocation.h"
#include "probes/revocation/list.h"

namespace probes::revocation {

struct NamedList {
  ListPtr list;
  std::string source;  // its file or URL
};

struct Inquiry {
  std::span<X509* const> path;    // leaf first, anchor last; borrowed, as the rest
  std::span<X509* const> others;  // where else the issuer of a list may be found
  // Whether one of `others` is trusted to the same anchor, and was itself not revoked: the issuer of a list need not be on the
  // path. Asked rarely.
  std::function<bool(X509* issuer)> vouched;
  std::chrono::sys_seconds at{};
};

// An answer, and the span of time for which it would be the same.
struct DatedAnswer {
  observations::RevocationAnswer answer;
  std::chrono::sys_seconds from = std::chrono::sys_seconds::min();   // inclusive
  std::chrono::sys_seconds until = std::chrono::sys_seconds::max();  // exclusive
};

class Lists {
 public:
  void add(NamedList list) { lists_.push_back(std::move(list)); }
  bool empty() const { return lists_.empty(); }
  const std::vector<NamedList>& all() const { return lists_; }

  // What they say of path[index]. REQUIRES: index + 1 < path.size(): nobody lists an anchor.
  [[nodiscard]] DatedAnswer ask(const Inquiry& inquiry, std::size_t index) const;

 private:
  std::vector<NamedList> lists_;
};

}  // namespace probes::revocation
