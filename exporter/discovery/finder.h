// Keeps the discoveries of a configuration at work: each source looks on a thread of its own, so that one that hangs delays no
// other and no probe. What they found stands here as lists; whoever wants to know is told that a list changed. A reload leaves
// sources alone whose settings stay: a sweep under way goes on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "exporter/discovery/merge.h"
#include "exporter/discovery/source.h"
#include "exporter/estate/estate.h"

namespace exporter::discovery {

class Finder {
 public:
  // `estate` outlives it. `changed`: found() has changed, or every source has now looked once; called on the sources' threads,
  // and must return soon.
  Finder(Estate& estate, Surroundings surroundings, std::function<void()> changed);
  ~Finder();  // stop()
  Finder(const Finder&) = delete;
  Finder& operator=(const Finder&) = delete;

  // Looks for exactly the discoveries of `settings` from now on. Before Estate::adopt(); one call at a time, any thread. Waits
  // for the looks under way of sources that go or change; they give up soon.
  void adopt(std::shared_ptr<const config::Settings> settings);

  // The lists of the moment; a source that has not looked yet has none. Any thread.
  [[nodiscard]] Found found() const;

  // Every source has looked once; true without sources. Any thread.
  [[nodiscard]] bool looked_once() const;

  void stop();

 private:
  class Search;

  void take(const Search& search, Look look);
  void log_new(const std::string& name, const Troubles& troubles);

  Estate& estate_;
  const Surroundings surroundings_;
  const std::function<void()> changed_;
  std::map<std::string, std::unique_ptr<Search>> searches_;  // of the thread that adopts
  mutable std::mutex mutex_;                                 // guards what follows
  std::shared_ptr<const config::Settings> settings_;
  Found found_;
  std::map<std::string, std::vector<Trouble>> said_;  // of the look before, by the name of the discovery
};

}  // namespace exporter::discovery
