// Discoveries at work in a test: a configuration, the finder, and waiting for what it finds.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/discovery/finder.h"
#include "exporter/estate/estate.h"

namespace exporter::discovery {

class Finding {
 public:
  // `folder` anchors the relative paths of `configuration`; materials are loaded from it.
  Finding(const std::string& folder, const std::string& configuration);

  void reconfigure(const std::string& configuration);

  // "NAME ADDRESS SERVER_NAME MODULE" of each target in the merged settings, sorted; dashes for what is empty.
  [[nodiscard]] std::vector<std::string> targets();
  // The addresses alone.
  [[nodiscard]] std::vector<std::string> addresses();
  [[nodiscard]] std::shared_ptr<const DiscoverySlot> slot(const std::string& name) const;
  [[nodiscard]] std::uint64_t errors(const std::string& name, SourceReason reason) const;
  [[nodiscard]] const config::Settings& merged();

  // Waits until `reached` holds; false after 20 seconds.
  [[nodiscard]] bool wait_until(const std::function<bool()>& reached);

  Finder& finder() { return *finder_; }

 private:
  const std::string folder_;
  std::shared_ptr<const config::Settings> settings_;
  MaterialsPtr materials_;
  Estate estate_;
  std::mutex mutex_;
  config::Settings merged_;
  std::unique_ptr<Merge> merge_;
  std::unique_ptr<Finder> finder_;
};

}  // namespace exporter::discovery
