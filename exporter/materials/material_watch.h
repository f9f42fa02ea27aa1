// Keeps the materials current on a thread of its own: an identity or trust store is read again when one of its files
// changes, and identities are judged again each minute, so that one that ends while the exporter runs is seen to end. Every
// change makes a new snapshot, swapped in one step.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "exporter/materials/file_sighting.h"
#include "exporter/materials/materials.h"

namespace exporter {

enum class MaterialKind { identity, trust };

class MaterialWatch {
 public:
  // What is new about `name` stands in current(). Called on the watch's thread, never under its lock.
  using Changed = std::function<void(MaterialKind kind, const std::string& name)>;

  static constexpr std::chrono::milliseconds usual_period = std::chrono::seconds(2);

  // The time of judgements; tests have their own.
  using Clock = std::function<std::chrono::sys_seconds()>;
  [[nodiscard]] static std::chrono::sys_seconds system_time();

  // Loads the materials before it returns (blocking) and then looks at their files every `period`. `previous`: as in
  // load_materials(). `changed` is not called for this first load.
  MaterialWatch(std::shared_ptr<const config::Settings> settings, const MaterialsPtr& previous, Changed changed,
                std::chrono::milliseconds period = usual_period, Clock clock = &system_time,
                std::shared_ptr<probes::revocation::Remote> remote = nullptr);
  ~MaterialWatch();
  MaterialWatch(const MaterialWatch&) = delete;
  MaterialWatch& operator=(const MaterialWatch&) = delete;

  [[nodiscard]] MaterialsPtr current() const;  // any thread

  // No callback runs once this has returned; it waits for at most the file being read. May be called twice, but not from a
  // callback.
  void stop();

 private:
  using Change = std::pair<MaterialKind, std::string>;

  void run(const std::stop_token& stopping);
  void look(const std::stop_token& stopping);
  bool refresh_proxy_passwords(Materials& next);
  bool refresh_trust(Materials& next, const std::string& name);
  bool refresh_identity(Materials& next, const config::Identity& settings, bool judge, std::chrono::sys_seconds now);
  Sighting sighted_trust(const Materials& materials, const std::string& name) const;

  const std::shared_ptr<const config::Settings> settings_;
  const Changed changed_;
  const std::chrono::milliseconds period_;
  const Clock clock_;

  mutable std::mutex mutex_;  // guards current_
  MaterialsPtr current_;

  // Of the watch's thread alone.
  std::map<std::string, Sighting> identity_files_;
  std::map<std::string, Sighting> trust_files_;
  std::map<std::string, Sighting> password_files_;
  std::chrono::sys_seconds judged_{};

  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace exporter
