#include "exporter/storage/pending.h"

#include <utility>

namespace exporter::storage {

namespace {

template <typename Map>
void lay_over(Map& below, Map& later) {
  later.merge(below);  // what both have is left behind
  below = std::move(later);
}

}  // namespace

void Pending::add(Changes changes) {
  for (CertificateRow& row : changes.certificates) {
    std::string fingerprint = row.fingerprint;
    certificates.insert_or_assign(std::move(fingerprint), std::move(row));
  }
  for (CallerKey& key : changes.gone_callers) callers.insert_or_assign(std::move(key), std::nullopt);
  for (CallerRow& row : changes.callers) {
    CallerKey key = row.id;
    callers.insert_or_assign(std::move(key), std::move(row));
  }
  for (LogRow& row : changes.logs) {
    LogKey key = row.id;
    logs.insert_or_assign(std::move(key), std::move(row));
  }
}

void Pending::add(Pending later) {
  lay_over(certificates, later.certificates);
  lay_over(callers, later.callers);
  lay_over(logs, later.logs);
}

}  // namespace exporter::storage
