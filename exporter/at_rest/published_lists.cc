#include "exporter/at_rest/published_lists.h"

#include "probes/inventory/scan.h"

namespace exporter {

using probes::inventory::PublishedLists;
using probes::observations::SourceReason;
using probes::observations::Trouble;

PublishedLists published_lists(const config::Authority& authority, const Materials& materials, std::vector<Trouble>& troubles) {
  PublishedLists found{.lists = {}, .of_this_authority = !authority.crl_files.empty()};
  if (found.of_this_authority) {
    const auto read = probes::inventory::read_revocation_lists(authority.crl_files, {}, found.lists);
    for (const Trouble& trouble : read.troubles)
      if (trouble.reason != SourceReason::no_certificates) troubles.push_back(trouble);
    return found;
  }
  for (const auto& [name, store] : materials.trust)
    for (std::size_t i = 0; i < store->lists().all().size(); ++i)
      if (store->revocation_lists()[i].genuine != false) found.lists.push_back(store->lists().all()[i]);
  return found;
}

}  // namespace exporter
