// dns: the addresses or services of names. Each name is asked in a coroutine and at a pace of its own, so that a name server that
// never answers delays only the names that need it. An answer, also that there is no such name, replaces the targets of before.
#include <algorithm>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "config/address.h"
#include "exporter/discovery/candidates.h"
#include "probes/net/resolver.h"

namespace exporter::discovery {

namespace {

using probes::net::Record;
using probes::net::Records;
using probes::net::RecordType;
using probes::observations::Failure;
using probes::observations::Reason;
using enum SourceReason;

constexpr std::chrono::seconds patience(10);           // for one answer, all tries together
constexpr std::chrono::milliseconds together(100);     // answers that come this soon after each other are one look
constexpr std::chrono::milliseconds first_look(1000);  // names that have not answered by then come with a later look

RecordType type_of(config::DnsType type) {
  switch (type) {
    case config::DnsType::a: return RecordType::a;
    case config::DnsType::aaaa: return RecordType::aaaa;
    case config::DnsType::srv: return RecordType::srv;
  }
  return RecordType::a;
}

SourceReason reason_of(const Failure& failure) {
  if (failure.reason == Reason::name_not_found) return SourceReason::name_not_found;
  return failure.reason == Reason::resolve_timeout ? SourceReason::timeout : SourceReason::resolve_failed;
}

class Dns final : public Source {
 public:
  Dns(config::Dns settings, std::chrono::milliseconds interval)
      : settings_(std::move(settings)), interval_(interval), resolver_(loop_.get_executor(), settings_.servers) {}

  // Waits until some answer has come, and says what is known of all names.
  Look look(const std::stop_token& stopping) override {
    if (answers_.empty())
      for (const std::string& name : settings_.names)
        if (answers_.try_emplace(name).second) asio::co_spawn(loop_, ask_again_and_again(name), asio::detached);
    const std::stop_callback wake(stopping, [this] { loop_.stop(); });
    const auto begun = std::chrono::steady_clock::now();
    const auto missing = [this] { return std::ranges::any_of(answers_, [](const auto& entry) { return !entry.second.asked; }); };
    while (!stopping.stop_requested() && (answered_ == 0 || (missing() && std::chrono::steady_clock::now() - begun < first_look)))
      loop_.run_one_for(first_look);
    loop_.run_for(together);
    return everything();
  }

  // look() waits itself.
  void rest(const std::stop_token&, std::chrono::milliseconds) override {}

 private:
  struct Answer {
    std::vector<Candidate> found;
    bool asked = false;  // an answer, or its absence, is there
    bool good = true;
  };

  asio::awaitable<void> ask_again_and_again(std::string name) {
    asio::steady_timer pause(loop_);
    asio::error_code ignored;
    for (;;) {
      const auto deadline = std::chrono::steady_clock::now() + patience;
      Records records = co_await resolver_.records(name, type_of(settings_.type), deadline);
      take(name, records);
      pause.expires_after(interval_);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void take(const std::string& name, const Records& records) {
    Answer& answer = answers_[name];
    answer.asked = true;
    answer.good = true;
    ++answered_;
    if (const auto* failure = std::get_if<Failure>(&records)) {
      troubles_.add(reason_of(*failure), {name}, failure->detail);
      answer.good = failure->reason == Reason::name_not_found;
      if (answer.good) answer.found.clear();
      return;
    }
    answer.found.clear();
    for (const Record& record : std::get<std::vector<Record>>(records)) add(name, record, answer);
  }

  void add(const std::string& name, const Record& record, Answer& answer) {
    const bool service = settings_.type == config::DnsType::srv;
    Candidate candidate{.server_name = service ? "" : name};
    const std::string wrong = aim(candidate, config::address_text({record.host, service ? record.port : settings_.port}));
    if (wrong.empty()) answer.found.push_back(std::move(candidate));
    else troubles_.add(bad_target, {name}, wrong);
  }

  Look everything() {
    answered_ = 0;
    Look look{.found = {}, .troubles = std::exchange(troubles_, {})};
    for (const auto& [name, answer] : answers_) {
      look.found.insert(look.found.end(), answer.found.begin(), answer.found.end());
      look.complete = look.complete && answer.asked && answer.good;
    }
    return look;
  }

  const config::Dns settings_;
  const std::chrono::milliseconds interval_;
  asio::io_context loop_{1};
  probes::net::Resolver resolver_;
  std::map<std::string, Answer> answers_;  // by name
  Troubles troubles_;                      // since the last look
  std::size_t answered_ = 0;               // since the last look
};

}  // namespace

std::unique_ptr<Source> dns(const config::Discovery& discovery, const Surroundings&) {
  return std::make_unique<Dns>(std::get<config::Dns>(discovery.source), discovery.interval);
}

}  // namespace exporter::discovery
