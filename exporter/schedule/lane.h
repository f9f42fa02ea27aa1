// One core's share of the schedule. Everything but adopt() and stop() happens on the lane's own thread, so nothing is locked.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>

#include "exporter/heartbeat.h"
#include "exporter/schedule/pace.h"
#include "exporter/schedule/rogues.h"
#include "exporter/schedule/schedule.h"
#include "probes/net/resolver.h"
#include "probes/probe.h"
#include "probes/tls/context.h"
#include "probes/worker.h"

namespace exporter {

// A watch as the schedule sees it.
struct Planned {
  WatchKey key;
  std::shared_ptr<const config::Target> target;
  double phase = 0;
};

class Schedule::Lane {
 public:
  // Probes at once, of the lane and of each host in it.
  struct Limits {
    std::size_t in_flight = 1;
    std::size_t per_host = 1;
    bool by_descriptors = false;  // the limit of open files allows no more in flight
  };

  Lane(Estate& estate, metrics::OwnMetrics& own, MaterialsSource materials);
  ~Lane();

  // Replaces the lane's watches; `in_all`: watches of the whole estate. Any thread.
  void adopt(std::vector<Planned> planned, std::size_t in_all, Limits limits);
  bool turns();  // as Schedule::turns()
  void stop();   // any thread but the lane's own

 private:
  struct Watch;
  using WatchPtr = std::shared_ptr<Watch>;

  // A probe, or a knock of the watch: `knock` is empty for a probe.
  struct Task {
    Moment due;
    WatchPtr watch;
    std::string knock;
    bool delayed = false;  // and counted
  };

  struct Host {
    std::size_t in_flight = 0;
    std::deque<Task> waiting;
  };

  void take_turns();
  void replace(std::vector<Planned> planned, std::size_t in_all);
  WatchPtr add(Planned planned, Moment now, std::size_t in_all);
  void plan(Task task);
  void plan_knocks(const WatchPtr& watch, Moment from);
  void sleep_until_due();
  void start_due();
  void admit(Task task);
  void delay(Task& task, metrics::DelayCause cause);
  void try_again(Task task);
  void begin(Task task);
  asio::awaitable<void> run(Task task);
  asio::awaitable<void> run_probe(const Task& task);
  asio::awaitable<void> run_knock(const Task& task);
  probes::tls::IdentityPtr knocker(const Task& task, const Materials& materials);
  void plan_next_knock(const Task& task);
  void finished(const Task& task);
  void begin_waiting(Host& host);

  Estate& estate_;
  metrics::OwnMetrics& own_;
  MaterialsSource materials_;

  Heartbeat heartbeat_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  asio::thread_pool signer_{1};
  probes::Worker worker_;
  asio::steady_timer alarm_{loop_};
  probes::net::Resolver resolver_{loop_.get_executor()};
  probes::tls::Contexts contexts_;
  Rogues rogues_;
  std::map<WatchKey, WatchPtr> watches_;
  std::map<Moment, std::vector<Task>> due_;  // by beat: of 100,000 tasks only those of one beat are touched
  std::deque<Task> ready_;                   // due, but the lane is full
  std::chrono::nanoseconds beat_{1};
  std::unordered_map<std::string, Host> hosts_;
  std::size_t in_flight_ = 0;
  Limits limits_;
  std::thread thread_;
};

}  // namespace exporter
