#include "exporter/schedule/fan_out.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "exporter/estate/fanned_out.h"
#include "exporter/log.h"

namespace exporter {

using probes::net::Resolved;
using probes::observations::Failure;
using probes::observations::Reason;

namespace {

constexpr std::chrono::seconds patience(10);  // for one look-up, or the interval where that is less

// In the order of the numbers, those of IPv4 first: what a name server says first changes from one answer to the next.
std::vector<std::string> in_order(std::vector<asio::ip::address> addresses) {
  std::ranges::sort(addresses);
  const auto repeated = std::ranges::unique(addresses);
  addresses.erase(repeated.begin(), repeated.end());
  std::vector<std::string> texts;
  for (const asio::ip::address& address : addresses) texts.push_back(address.to_string());
  return texts;
}

}  // namespace

bool fans_out(const config::Target& target) {
  asio::error_code no_literal;
  asio::ip::make_address(target.host, no_literal);
  return target.module->all_addresses && no_literal;
}

struct FanOut::Work {
  explicit Work(const probes::net::NameServers& servers) : resolver(loop.get_executor(), servers) {
    thread = std::thread([this] {
      const auto work = asio::make_work_guard(loop);
      loop.run();
    });
  }
  ~Work() { stop(); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  void stop() {
    loop.stop();
    if (thread.joinable()) thread.join();
  }

  asio::io_context loop{1};
  probes::net::Resolver resolver;
  std::thread thread;
};

FanOut::FanOut(std::function<void()> changed, probes::net::NameServers servers)
    : changed_(std::move(changed)), servers_(std::move(servers)) {}

FanOut::~FanOut() { stop(); }

void FanOut::stop() {
  if (work_) work_->stop();
}

void FanOut::adopt(const config::Settings& settings) {
  std::map<std::string, std::chrono::milliseconds> wanted;
  for (const auto& target : settings.targets) {
    if (!fans_out(*target)) continue;
    const auto [found, first] = wanted.try_emplace(target->host, target->module->interval);
    if (!first) found->second = std::min(found->second, target->module->interval);
  }
  if (!wanted.empty() && !work_) work_ = std::make_unique<Work>(servers_);
  const std::lock_guard lock(mutex_);
  std::erase_if(names_, [&](const auto& name) { return !wanted.contains(name.first); });
  for (const auto& [host, interval] : wanted) {
    Name& name = names_[host];
    if (name.turn != 0 && name.interval == interval) continue;
    name.interval = interval;
    name.turn = ++turns_;
    asio::co_spawn(work_->loop, look_up_again_and_again(host, name.turn), asio::detached);
  }
}

asio::awaitable<void> FanOut::look_up_again_and_again(std::string host, std::uint64_t turn) {
  asio::steady_timer timer(work_->loop);
  auto due = std::chrono::steady_clock::now();
  for (std::chrono::milliseconds interval{};;) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = names_.find(host);
      if (found == names_.end() || found->second.turn != turn) co_return;
      interval = found->second.interval;
    }
    const auto until = std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(patience, interval);
    const Resolved resolved = co_await work_->resolver.resolve(host, until);
    bool differs = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = names_.find(host);
      if (found == names_.end() || found->second.turn != turn) co_return;
      differs = take(found->second, resolved);
      log(differs ? LogLevel::info : LogLevel::debug, "name looked up",
          {{"name", host}, {"addresses", found->second.count}, {"watched", found->second.addresses->size()}});
    }
    if (differs) changed_();
    due = std::max(due + interval, std::chrono::steady_clock::now());
    timer.expires_at(due);
    asio::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

// Whether anything is new. Only an answer takes addresses away.
bool FanOut::take(Name& name, const Resolved& resolved) {
  const auto* failure = std::get_if<Failure>(&resolved);
  const bool known = name.addresses && !name.addresses->empty();
  if (failure != nullptr && failure->reason != Reason::name_not_found && known) return false;
  std::vector<std::string> now;
  if (failure == nullptr) now = in_order(std::get<std::vector<asio::ip::address>>(resolved));
  const std::size_t count = now.size();
  if (now.size() > most_addresses) now.resize(most_addresses);
  if (name.addresses == now && name.count == count) return false;
  name.addresses = std::move(now);
  name.count = count;
  return true;
}

config::Settings FanOut::spread(config::Settings settings) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const config::Target>> targets;
  for (std::shared_ptr<const config::Target>& target : settings.targets) {
    if (!fans_out(*target)) {
      targets.push_back(std::move(target));
      continue;
    }
    const auto found = names_.find(target->host);
    if (found == names_.end() || !found->second.addresses) continue;
    if (found->second.addresses->empty()) targets.push_back(target);
    for (const std::string& address : *found->second.addresses) {
      auto one = std::make_shared<config::Target>(*target);
      if (one->server_name.empty()) one->server_name = target->host;
      one->host = one->address = address;
      one->addresses = found->second.count;
      targets.push_back(std::move(one));
    }
  }
  settings.targets = std::move(targets);
  return settings;
}

bool FanOut::looked_once() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(names_, [](const auto& name) { return name.second.addresses.has_value(); });
}

}  // namespace exporter
