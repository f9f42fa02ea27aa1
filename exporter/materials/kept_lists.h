// Revocation lists that were fetched, in the storage: what is in use while a distribution point cannot be reached after a
// restart.
#pragma once

#include <memory>
#include <string>

#include "exporter/storage/storage.h"
#include "probes/revocation/places.h"

namespace exporter {

class KeptLists final : public probes::revocation::Keeper {
 public:
  // Where they are kept from now on; it outlives whoever asks. REQUIRES: nobody has asked yet.
  void use(storage::Storage& storage) { storage_ = &storage; }

  void keep(const std::string& url, std::shared_ptr<const std::string> body) override;
  std::shared_ptr<const std::string> kept(const std::string& url) override;

 private:
  storage::Storage* storage_ = nullptr;  // null: nothing is kept
};

}  // namespace exporter
