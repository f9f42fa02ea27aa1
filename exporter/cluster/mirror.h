// The objects of a cluster as its API has them, kept up to date on a thread of its own: a Following for each resource and
// namespace, all over one set of connections. Whoever wants to know is told of changes; what is there is asked for as a snapshot.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "config/kubernetes_settings.h"
#include "exporter/cluster/access.h"
#include "exporter/cluster/following.h"
#include "probes/net/downloads.h"

namespace exporter::cluster {

struct Snapshot {
  std::vector<ObjectPtr> objects;                       // by resource and namespace, then by name
  std::vector<probes::observations::Trouble> troubles;  // one for each resource and namespace that has one
  std::uint64_t version = 0;                            // grows with every change
};

// Which of the resources of a cluster.
enum class Side : std::uint8_t { at_rest, targets };

class Mirror {
 public:
  // `materials`: as of the moment, never null; called on the mirror's thread.
  Mirror(const config::Kubernetes& settings, Side side, std::function<MaterialsPtr()> materials, Pod pod = this_pod());
  ~Mirror();  // stop()
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // From now on `told` hears of changes, on the mirror's thread; it must return soon, and may be called once more until stop().
  void tell(std::function<void()> told);

  // Waits until everything has been listed once or is in trouble; or a stop. Any thread.
  void wait_until_settled(const std::stop_token& stopping);
  // Waits until the version is another, at most so long; or a stop. Any thread.
  void wait_for_change(const std::stop_token& stopping, std::uint64_t version, std::chrono::milliseconds longest);

  [[nodiscard]] Snapshot snapshot() const;  // any thread

  void stop();

 private:
  struct Part;

  void add_parts(Side side);
  void add_part(const std::string& group, const std::string& resource, const std::string& space, Side side,
                const std::string& query);
  void run(const std::stop_token& stopping);
  void begin(Part& part);
  void note();

  const config::Kubernetes settings_;
  const std::function<MaterialsPtr()> materials_;
  const Pod pod_;
  mutable std::mutex mutex_;  // guards what the parts follow, and what follows here
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::function<void()> told_;
  std::uint64_t version_ = 0;
  bool stopped_ = false;
  probes::net::Downloads downloads_;  // of the thread alone, but for wake()
  std::jthread thread_;               // last: it ends before what it uses
};

}  // namespace exporter::cluster
