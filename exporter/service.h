// The exporter at work: configuration, materials, estate, schedule and web, put together. Started once; reload() swaps the
// configuration under it, or keeps the old one and says why.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "exporter/api/links.h"
#include "exporter/at_rest/at_rest.h"
#include "exporter/callers/reader.h"
#include "exporter/commands/command_line.h"
#include "exporter/descriptor_budget.h"
#include "exporter/discovery/finder.h"
#include "exporter/discovery/merge.h"
#include "exporter/estate/estate.h"
#include "exporter/journal.h"
#include "exporter/materials/kept_lists.h"
#include "exporter/materials/material_watch.h"
#include "exporter/materials/remote_sources.h"
#include "exporter/metrics/own.h"
#include "exporter/on_demand/on_demand_probes.h"
#include "exporter/renewals/renewals.h"
#include "exporter/schedule/fan_out.h"
#include "exporter/schedule/schedule.h"
#include "exporter/storage/storage.h"
#include "exporter/telemetry/telemetry.h"
#include "exporter/web/server.h"
#include "probes/revocation/places.h"

namespace exporter {

class Service {
 public:
  // Reads the configuration and starts everything. Throws config::ConfigurationError (also when the limit of open files is too
  // low for it) or web::ListenError, with nothing left running.
  Service(const std::string& config_file, const Serve& options);
  ~Service();  // stop()
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Reads the configuration file again and goes over to it in one step. The error, for people, when the old one keeps running.
  // Any thread.
  std::optional<std::string> reload();

  // Reloads when the configuration file is not the one that was read last. Any thread.
  void reload_if_changed();

  // Where it listens: "127.0.0.1:10219".
  [[nodiscard]] std::vector<std::string> addresses() const;

  // Where the telemetry port is; empty: there is none.
  [[nodiscard]] std::string telemetry_address() const { return telemetry_ ? telemetry_->address() : std::string(); }

  // Whether the loops of probes and sockets have all turned since the last call; false also when that was only a moment ago.
  // One thread at a time.
  [[nodiscard]] bool turns();

  // Sums up in the log what changed lately; to be called now and then.
  void tell_changes();

  // One line for the service manager: "watching 3 targets on [::]:10219".
  [[nodiscard]] std::string status() const;

  // Ends everything in under two seconds.
  void stop();

 private:
  void adopt(std::shared_ptr<const config::Settings> settings);
  void adopt_targets();
  void found_something();
  void follow_discovery(const std::stop_token& stopping);
  void publish(MaterialKind kind, const std::string& name);
  void publish(TrustSlot slot);
  void share_descriptors(const config::Settings& settings);
  void listen();
  web::Pieces scrape(metrics::Format format);
  [[nodiscard]] metrics::Scope scope() const;
  [[nodiscard]] api::Offers offers() const;
  void tell_storage();
  bool forget_caller(const std::string& fingerprint);
  [[nodiscard]] MaterialsPtr materials() const;
  [[nodiscard]] MaterialsPtr materials_and_targets() const;
  std::optional<std::string> reload_locked();

  const std::string config_file_;
  const Serve options_;
  metrics::OwnMetrics own_;
  Journal journal_;
  Estate estate_;
  std::mutex reloading_;
  std::string stamp_;        // of the configuration file as read last
  DescriptorShares shares_;  // under reloading_
  std::atomic<std::size_t> sweep_share_ = 1;
  std::atomic<std::shared_ptr<MaterialWatch>> materials_;
  RemoteSources remote_sources_{estate_};
  KeptLists kept_lists_;
  std::shared_ptr<probes::revocation::Places> remote_ =
      std::make_shared<probes::revocation::Places>([this](const auto& report) { remote_sources_.publish(report); }, &kept_lists_);
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<on_demand::OnDemandProbes> on_demand_;
  std::unique_ptr<AtRest> at_rest_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<callers::Reader> callers_;
  std::unique_ptr<renewals::Renewals> renewals_;
  std::atomic<bool> adopted_ = false;                             // an estate that is still empty has not been tried
  std::atomic<std::shared_ptr<const config::Settings>> watched_;  // with the targets of the moment, configured and found
  std::unique_ptr<discovery::Merge> merge_;                       // under reloading_
  std::mutex discovering_;                                        // guards discovered_
  std::condition_variable_any discovers_;
  bool discovered_ = false;  // something was found that is not in the estate yet
  std::unique_ptr<discovery::Finder> finder_;
  std::unique_ptr<FanOut> fan_out_;
  std::jthread follower_;
  std::vector<std::unique_ptr<web::Server>> servers_;
  std::unique_ptr<telemetry::Telemetry> telemetry_;
};

// Runs until SIGTERM or SIGINT; SIGHUP reloads; a service manager hears of it (notify.h). Returns the exit code: 2 when it could
// not start.
[[nodiscard]] int serve(const std::string& config_file, const Serve& options);

}  // namespace exporter
