// What distribution points and responders say of a path: those that its certificates name, as they were last heard. Nothing is
// waited for: what has not been asked yet is unavailable, and said to be pending.
#pragma once

#include <cstddef>
#include <vector>

#include "probes/chain/issuance.h"
#include "probes/chain/judge.h"
#include "probes/revocation/lists.h"
#include "probes/revocation/remote.h"

namespace probes::chain {

struct RemoteAnswer {
  std::vector<revocation::NamedList> lists;                   // what the distribution points of the certificate have
  std::optional<observations::RevocationAnswer> unavailable;  // where one of them has nothing, and why
};

class RemoteRevocation {
 public:
  // Borrows everything. REQUIRES: options.remote.
  RemoteRevocation(const Issuance::Path& path, const JudgeOptions& options) : path_(path), options_(options) {}

  // The lists for path[index], a delta's with them. REQUIRES: index + 1 < path.size(), as below.
  [[nodiscard]] RemoteAnswer lists_for(std::size_t index);

  // What a responder says of path[index]; nothing where nobody is named that could be asked.
  [[nodiscard]] std::optional<revocation::DatedAnswer> answer_for(std::size_t index);

  // What it all rests on, and whether something of it was not asked yet.
  const std::vector<revocation::Ticket>& tickets() const { return tickets_; }
  bool pending() const { return pending_; }

 private:
  revocation::Told told_by(const revocation::PlacePtr& place);
  observations::RevocationAnswer unavailable(std::size_t index, observations::RevocationMethod method, const std::string& url,
                                             std::string why) const;

  const Issuance::Path& path_;
  const JudgeOptions& options_;
  std::vector<revocation::Ticket> tickets_;
  bool pending_ = false;
};

}  // namespace probes::chain
