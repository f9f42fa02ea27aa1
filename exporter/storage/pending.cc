#include "exporter/storage/pending.h"

#include <utility>

namespace exporter::storage {

namespace {

template <typename Map>
void lay_over(Map& below, Map& later) {
  later.merge(below);  // what both have is left behind
  below = std::move(later);
}

// The rows of one table, and the keys of those that are to go.
template <typename Key, typename Row>
void replace(std::map<Key, std::optional<Row>>& table, std::vector<Row>& rows, std::vector<Key>& gone) {
  for (Key& key : gone) table.insert_or_assign(std::move(key), std::nullopt);
  for (Row& row : rows) {
    Key key = row.id;
    table.insert_or_assign(std::move(key), std::move(row));
  }
}

}  // namespace

bool Pending::empty() const {
  return certificates.empty() && callers.empty() && logs.empty() && sightings.empty() && replacements.empty() && lists.empty();
}

void Pending::add(Changes changes) {
  for (CertificateRow& row : changes.certificates) {
    std::string fingerprint = row.fingerprint;
    certificates.insert_or_assign(std::move(fingerprint), std::move(row));
  }
  replace(callers, changes.callers, changes.gone_callers);
  replace(sightings, changes.sightings, changes.gone_sightings);
  replace(replacements, changes.replacements, changes.gone_replacements);
  for (LogRow& row : changes.logs) {
    LogKey key = row.id;
    logs.insert_or_assign(std::move(key), std::move(row));
  }
}

void Pending::add(Pending later) {
  lay_over(certificates, later.certificates);
  lay_over(callers, later.callers);
  lay_over(logs, later.logs);
  lay_over(sightings, later.sightings);
  lay_over(replacements, later.replacements);
  lay_over(lists, later.lists);
}

}  // namespace exporter::storage
