#include "exporter/schedule/lane.h"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <ctime>
#include <set>
#include <utility>

#include "exporter/log.h"
#include "probes/client_auth/knock.h"
#include "probes/observations/wall_time.h"

namespace exporter {

using probes::observations::Handshake;

struct Schedule::Lane::Watch {
  WatchKey key;
  std::shared_ptr<const config::Target> target;
  Pace pace;
  std::set<std::string> knocks;  // those that are planned or under way
  bool gone = false;
};

Schedule::Lane::Lane(Estate& estate, metrics::OwnMetrics& own, MaterialsSource materials)
    : estate_(estate), own_(own), materials_(std::move(materials)) {
  thread_ = std::thread([this] { take_turns(); });
}

Schedule::Lane::~Lane() { stop(); }

namespace {

// From so many probes under way on, answers gather for so long between the lane's turns.
constexpr std::size_t crowd = 8;
constexpr std::chrono::milliseconds gathering(5);

std::chrono::nanoseconds cpu_of_this_thread() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

// A lane that wakes up for each answer alone finds its caches cold each time. What an answer waits here is not counted as the
// server's time (net::Socket::now()), and a probe that is alone does not wait.
void Schedule::Lane::take_turns() {
  std::chrono::nanoseconds before = cpu_of_this_thread();
  while (loop_.run_one() > 0) {
    do {
      const std::chrono::nanoseconds now = cpu_of_this_thread();
      own_.observe_lane_step(now - std::exchange(before, now));
    } while (loop_.poll_one() > 0);
    if (in_flight_ >= crowd) std::this_thread::sleep_for(gathering);
  }
}

void Schedule::Lane::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

bool Schedule::Lane::turns() {
  return heartbeat_.beats([this](auto answer) { asio::post(loop_, std::move(answer)); });
}

void Schedule::Lane::adopt(std::vector<Planned> planned, std::size_t in_all, Limits limits) {
  asio::post(loop_, [this, planned = std::move(planned), in_all, limits]() mutable {
    limits_ = limits;
    replace(std::move(planned), in_all);
  });
}

namespace {

// The same watch with other settings. Another address is another server: what is under way there says nothing of this one.
bool continues(const config::Target& before, const config::Target& now) {
  return before.host == now.host && before.port == now.port && before.module->interval == now.module->interval;
}

std::chrono::nanoseconds beat_of(const std::vector<Planned>& planned) {
  double probes_a_second = 0;
  std::chrono::nanoseconds shortest = std::chrono::nanoseconds::max();
  for (const Planned& watch : planned) {
    const std::chrono::nanoseconds interval = watch.target->module->interval;
    probes_a_second += 1 / std::chrono::duration<double>(interval).count();
    shortest = std::min(shortest, interval);
  }
  return exporter::beat_of(probes_a_second, shortest);
}

}  // namespace

void Schedule::Lane::replace(std::vector<Planned> planned, std::size_t in_all) {
  const Moment now = std::chrono::steady_clock::now();
  beat_ = beat_of(planned);
  std::map<WatchKey, WatchPtr> kept;
  for (Planned& wanted : planned) {
    const auto found = watches_.find(wanted.key);
    if (found != watches_.end() && continues(*found->second->target, *wanted.target)) {
      found->second->target = std::move(wanted.target);
      kept.insert(watches_.extract(found));
    } else {
      const WatchKey key = wanted.key;
      kept.emplace(key, add(std::move(wanted), now, in_all));
    }
  }
  for (auto& [key, watch] : watches_) watch->gone = true;
  watches_ = std::move(kept);
  sleep_until_due();
}

Schedule::Lane::WatchPtr Schedule::Lane::add(Planned planned, Moment now, std::size_t in_all) {
  auto watch = std::make_shared<Watch>();
  watch->key = std::move(planned.key);
  watch->target = std::move(planned.target);
  const std::chrono::nanoseconds interval = watch->target->module->interval;
  watch->pace = Pace(now, planned.phase, first_round(in_all, interval), interval);
  const Moment first = on_beat(watch->pace.first(), beat_);
  due_[first].push_back({.due = first, .watch = watch, .knock = ""});
  return watch;
}

void Schedule::Lane::plan(Task task) {
  if (task.watch->gone) return;
  task.due = on_beat(task.due, beat_);
  due_[task.due].push_back(std::move(task));
  sleep_until_due();
}

// The first knocks follow the first probe that reached the server, some way apart, so that they do not look like an attack.
void Schedule::Lane::plan_knocks(const WatchPtr& watch, Moment from) {
  const config::ClientAuth& client_auth = watch->target->module->client_auth;
  const auto share = client_auth.every / static_cast<int>(client_auth.must_refuse.size() + 1);
  const auto apart = std::min<std::chrono::milliseconds>(share, std::chrono::seconds(1));
  for (const std::string& knock : client_auth.must_refuse) {
    if (!watch->knocks.insert(knock).second) continue;
    plan({.due = from + apart * static_cast<int>(watch->knocks.size()), .watch = watch, .knock = knock});
  }
}

void Schedule::Lane::sleep_until_due() {
  if (due_.empty() || alarm_.expiry() == due_.begin()->first) return;
  alarm_.expires_at(due_.begin()->first);
  alarm_.async_wait([this](const asio::error_code& error) {
    if (!error) start_due();
  });
}

void Schedule::Lane::start_due() {
  const Moment now = std::chrono::steady_clock::now();
  while (!due_.empty() && due_.begin()->first <= now) {
    auto beat = due_.extract(due_.begin());
    for (Task& task : beat.mapped())
      if (!task.watch->gone) admit(std::move(task));
  }
  alarm_.expires_at(Moment::max());
  sleep_until_due();
}

// Into flight, or into the queue of what is full: the host's own, so that a host that hangs holds up only itself.
void Schedule::Lane::admit(Task task) {
  Host& host = hosts_[task.watch->target->host];
  if (host.in_flight >= limits_.per_host) {
    delay(task, metrics::DelayCause::places);
    host.waiting.push_back(std::move(task));
  } else if (in_flight_ >= limits_.in_flight) {
    delay(task, limits_.by_descriptors ? metrics::DelayCause::descriptors : metrics::DelayCause::places);
    ready_.push_back(std::move(task));
  } else {
    begin(std::move(task));
  }
}

void Schedule::Lane::delay(Task& task, metrics::DelayCause cause) {
  if (!std::exchange(task.delayed, true)) own_.probe_delayed(cause);
}

namespace {

// After a socket was not to be had: long enough for somebody to give one back.
constexpr std::chrono::milliseconds want_of_descriptors(250);

}  // namespace

// Of a probe that had no socket nothing is told: it is not the server that failed.
void Schedule::Lane::try_again(Task task) {
  own_.probe_delayed(metrics::DelayCause::descriptors);
  task.due = std::chrono::steady_clock::now() + want_of_descriptors;
  plan(std::move(task));
}

void Schedule::Lane::begin(Task task) {
  ++in_flight_;
  ++hosts_[task.watch->target->host].in_flight;
  own_.probe_started();
  own_.observe_lag(
      std::max<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - task.due, std::chrono::nanoseconds::zero()));
  asio::co_spawn(loop_, run(std::move(task)), asio::detached);
}

asio::awaitable<void> Schedule::Lane::run(Task task) {
  if (task.knock.empty()) co_await run_probe(task);
  else co_await run_knock(task);
  finished(task);
}

namespace {

void tell_details(const WatchKey& key, const Handshake& seen) {
  if (!logs(LogLevel::debug)) return;
  const auto* failure = seen.failure();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(seen.duration).count();
  log(LogLevel::debug, "probed",
      {{"target", key.target},
       {"identity", key.identity},
       {"endpoint", seen.endpoint},
       {"stage", failure == nullptr ? "" : word(failure->stage)},
       {"reason", failure == nullptr ? "" : word(failure->reason)},
       {"detail", failure == nullptr ? "" : failure->detail},
       {"verdict", seen.client.verdict ? word(*seen.client.verdict) : ""},
       {"chain", seen.chain ? seen.chain->verify_text : ""},
       {"milliseconds", took}});
}

}  // namespace

asio::awaitable<void> Schedule::Lane::run_probe(const Task& task) {
  const Watch& watch = *task.watch;
  const auto materials = materials_();
  const probes::Surroundings surroundings{resolver_, contexts_, signer_.get_executor(), worker_.executor()};
  bool exhausted = false;
  const auto before = estate_.watch(watch.key);
  probes::Assignment assignment{.target = watch.target,
                                .identity = identity_named(*materials, watch.key.identity),
                                .trust = trust_named(*materials, watch.target->module->trust),
                                .system = trust_named(*materials, ""),
                                .remote = materials->remote,
                                .approach = before && before->last ? before->last->approach : probes::observations::Approach{}};
  assignment.proxy_password = proxy_password(*materials, *watch.target->module);
  assignment.exhausted = [&] { exhausted = true; };
  Handshake seen = co_await probes::probe(surroundings, assignment);
  if (exhausted) co_return try_again(task);
  const bool reached = probes::observations::reached(seen);
  tell_details(watch.key, seen);
  if (!watch.gone) estate_.record(watch.key, std::move(seen));
  const Moment now = std::chrono::steady_clock::now();
  if (reached) plan_knocks(task.watch, now);
  plan({.due = watch.pace.after(task.due, now), .watch = task.watch, .knock = ""});
}

namespace {

// "Could not tell" must not be all that is said when it is our own identity that keeps us from knocking. Said once, not at every
// knock.
void tell_unusable(const std::string& knock, const Handshake& seen, const WatchSlot& slot) {
  const auto* failure = seen.failure();
  if (failure == nullptr || failure->reason != probes::observations::Reason::identity_unusable) return;
  const auto before = slot.door.knocks.find(knock);
  if (before != slot.door.knocks.end() && before->second.answer == probes::observations::KnockAnswer::undetermined) return;
  log(LogLevel::warn, "the door cannot be knocked at: the identity cannot be used",
      {{"target", slot.target->name}, {"knock", knock}, {"detail", failure->detail}});
}

}  // namespace

asio::awaitable<void> Schedule::Lane::run_knock(const Task& task) {
  const Watch& watch = *task.watch;
  const auto slot = estate_.watch(watch.key);
  // A door that cannot be reached is not knocked at: the answer would say nothing.
  if (slot && slot->last && probes::observations::reached(*slot->last)) {
    const auto materials = materials_();
    const probes::Surroundings surroundings{resolver_, contexts_, signer_.get_executor(), worker_.executor()};
    bool exhausted = false;
    probes::Assignment assignment{.target = watch.target,
                                  .identity = knocker(task, *materials),
                                  .trust = trust_named(*materials, watch.target->module->trust),
                                  .system = trust_named(*materials, ""),
                                  .approach = slot->last->approach,
                                  .settled_approach = true};
    assignment.proxy_password = proxy_password(*materials, *watch.target->module);
    assignment.exhausted = [&] { exhausted = true; };
    const Handshake seen = co_await probes::probe(surroundings, assignment);
    if (exhausted) co_return try_again(task);
    tell_unusable(task.knock, seen, *slot);
    if (!watch.gone) estate_.record_knock(watch.key, task.knock, probes::client_auth::answer(seen, *slot->last), seen.finished);
  }
  plan_next_knock(task);
}

// Who knocks; null is anonymous.
probes::tls::IdentityPtr Schedule::Lane::knocker(const Task& task, const Materials& materials) {
  if (task.knock == "anonymous") return nullptr;
  if (task.knock != "rogue") return identity_named(materials, task.knock);
  const auto now = probes::observations::wall_seconds();
  return rogues_.like(identity_named(materials, task.watch->key.identity), now);
}

void Schedule::Lane::plan_next_knock(const Task& task) {
  const config::ClientAuth& client_auth = task.watch->target->module->client_auth;
  const auto& wanted = client_auth.must_refuse;
  if (std::find(wanted.begin(), wanted.end(), task.knock) == wanted.end()) {
    task.watch->knocks.erase(task.knock);
    return;
  }
  const Moment now = std::chrono::steady_clock::now();
  plan({.due = std::max(task.due + client_auth.every, now), .watch = task.watch, .knock = task.knock});
}

void Schedule::Lane::finished(const Task& task) {
  own_.probe_finished();
  --in_flight_;
  const auto found = hosts_.find(task.watch->target->host);
  Host& host = found->second;
  --host.in_flight;
  if (host.in_flight < limits_.per_host) begin_waiting(host);
  if (host.in_flight == 0 && host.waiting.empty()) hosts_.erase(found);
  while (!ready_.empty() && in_flight_ < limits_.in_flight) {
    Task next = std::move(ready_.front());
    ready_.pop_front();
    if (!next.watch->gone) admit(std::move(next));
    else if (const auto host_of = hosts_.find(next.watch->target->host); host_of != hosts_.end()) begin_waiting(host_of->second);
  }
}

// The next of those that wait for their host, if the lane has room: else it waits for the lane.
void Schedule::Lane::begin_waiting(Host& host) {
  while (!host.waiting.empty() && host.waiting.front().watch->gone) host.waiting.pop_front();
  if (host.waiting.empty()) return;
  Task next = std::move(host.waiting.front());
  host.waiting.pop_front();
  if (in_flight_ < limits_.in_flight) begin(std::move(next));
  else ready_.push_back(std::move(next));
}

}  // namespace exporter
