#include "exporter/materials/kept_lists.h"

#include <utility>

#include "probes/observations/wall_time.h"

namespace exporter {

void KeptLists::keep(const std::string& url, std::shared_ptr<const std::string> body) {
  if (storage_ != nullptr) storage_->put({.url = url, .body = std::move(body), .at = probes::observations::wall_now()});
}

std::shared_ptr<const std::string> KeptLists::kept(const std::string& url) {
  return storage_ == nullptr ? nullptr : storage_->take_list(url);
}

}  // namespace exporter
