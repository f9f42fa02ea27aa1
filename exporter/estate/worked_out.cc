#include "exporter/estate/worked_out.h"

#include <iterator>

#include "exporter/estate/dependents.h"
#include "exporter/estate/known_issuers.h"
#include "exporter/estate/rotation.h"
#include "exporter/estate/shared_keys.h"

namespace exporter {

std::shared_ptr<const metrics::SlotText> WorkedOut::text(const Estate& estate, const metrics::Scope& scope, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto begin = std::chrono::steady_clock::now();
  if (text_ && begin < kept_until_) return text_;
  metrics::Rows all;
  const KnownIssuers known(estate);
  if (scope.detail >= config::Detail::standard) {
    all = rows(dependents(estate, known, now, 0), scope);
    all.shared_keys = rows(shared_keys(estate), scope);
  }
  for (const config::Rotation& rotation : estate.rotations())
    all.rotations.push_back(row_of(standing(rotation, estate, known, now), scope));
  text_ = std::make_shared<metrics::SlotText>(metrics::render(all, scope.detail));
  const auto end = std::chrono::steady_clock::now();
  kept_until_ = end - begin < at_once ? begin : end + (end - begin) * kept_per_time_taken;
  return text_;
}

}  // namespace exporter
