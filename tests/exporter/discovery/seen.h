// What the reader of a server's configuration saw, as its tests ask for it.
#pragma once

#include <string>
#include <vector>

#include "config/address.h"
#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

struct Seen {
  std::vector<Candidate> found;
  Errors errors;

  std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const Candidate& candidate : found) all.push_back(config::address_text({candidate.host, candidate.port}));
    return all;
  }
  // "name address"
  std::vector<std::string> named() const {
    std::vector<std::string> all = addresses();
    for (std::size_t index = 0; index < all.size(); ++index) all[index].insert(0, found[index].name + " ");
    return all;
  }
};

}  // namespace exporter::discovery
