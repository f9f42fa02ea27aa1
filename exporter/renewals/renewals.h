// Watches certificates come and go in their places (servers, identities, files), keeps that in the storage, and says which are
// late by their place's own habit. On a thread of its own, which goes over the estate when the storage asks; the text for a
// scrape lies ready.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "exporter/estate/estate.h"
#include "exporter/metrics/slot_text.h"
#include "exporter/renewals/places.h"
#include "exporter/storage/storage.h"

namespace exporter::renewals {

class Renewals {
 public:
  using ScopeSource = std::function<metrics::Scope()>;  // how series are rendered now
  using Clock = std::function<WallTime()>;

  // `estate` and `storage` outlive it.
  Renewals(const Estate& estate, storage::Storage& storage, ScopeSource scope, Clock clock);
  ~Renewals();  // stop()
  Renewals(const Renewals&) = delete;
  Renewals& operator=(const Renewals&) = delete;

  // mtls_certificate_renewal_late as of the last look. Any thread.
  [[nodiscard]] std::shared_ptr<const metrics::SlotText> text() const { return text_; }

  // How often the estate was looked at. Any thread.
  [[nodiscard]] std::uint64_t looks() const { return looks_; }

  // Nothing is handed to the storage once this has returned.
  void stop();

 private:
  void run(const std::stop_token& stopping);
  void look();
  void save();

  const Estate& estate_;
  storage::Storage& storage_;
  const ScopeSource scope_;
  const Clock clock_;
  std::atomic<std::shared_ptr<const metrics::SlotText>> text_;
  std::atomic<std::uint64_t> looks_ = 0;
  Places places_;  // this and what follows: the thread's
  std::uint64_t opened_ = 0;
  std::uint64_t asked_ = 0;
  std::jthread thread_;
};

}  // namespace exporter::renewals
