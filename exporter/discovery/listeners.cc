// listeners: the TCP ports that listen on this host. Each is tried once, at a gentle rate, and again when its socket is another
// one or an hour has passed: first it is listened to, and one that greets is spoken to in its protocol or not at all; a silent
// one is tried as a sweep tries it. Our own ports are left out. A port stays a target until two looks in a row found nobody
// listening.
#include <unistd.h>

#include <algorithm>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "exporter/discovery/greeting.h"
#include "exporter/discovery/listening_sockets.h"
#include "exporter/discovery/source.h"
#include "exporter/discovery/tls_trial.h"
#include "exporter/log.h"
#include "probes/protocols/protocol.h"

namespace exporter::discovery {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds slice(1000);             // how often trials under way say what they have found
constexpr std::chrono::milliseconds greeting_patience(500);  // who speaks first does so at once
constexpr std::chrono::seconds connect_patience(2);
constexpr std::chrono::hours until_tried_again(1);
constexpr int looks_without = 2;     // until a port is forgotten
constexpr std::size_t at_once = 16;  // trials
const std::string proc = "/proc";

bool is_zero(const config::AddressBytes& address) {
  const auto first = address.begin() + (config::is_ipv4(address) ? 12 : 0);
  return std::all_of(first, address.end(), [](std::uint8_t byte) { return byte == 0; });
}

// Where a socket that listens at every address is reached.
Endpoint reached(Endpoint endpoint) {
  if (!is_zero(endpoint.address)) return endpoint;
  if (config::is_ipv4(endpoint.address)) endpoint.address[12] = 127;
  endpoint.address[15] = 1;
  return endpoint;
}

// fe80::/10 needs the name of an interface, which a socket does not say.
bool needs_a_zone(const Endpoint& endpoint) { return endpoint.address[0] == 0xfe && (endpoint.address[1] & 0xc0) == 0x80; }

bool in_a_container() {
  std::error_code ignored;
  return std::filesystem::exists("/.dockerenv", ignored) || std::filesystem::exists("/run/.containerenv", ignored);
}

class ListenersOfThisHost final : public Source {
 public:
  ListenersOfThisHost(config::Listeners settings, std::chrono::milliseconds interval, std::string written,
                      const Surroundings& surroundings)
      : settings_(std::move(settings)), interval_(interval), written_(std::move(written)), trial_(loop_, surroundings.materials) {
    if (in_a_container())
      log(LogLevel::info, "listeners are those of this container's network, and their holders those of its processes", {});
  }

  // Which ports listen, once an interval; then one slice of the trials that are due.
  Look look(const std::stop_token& stopping) override {
    const std::stop_callback wake(stopping, [this] { loop_.stop(); });
    if (Clock::now() >= next_) {
      next_ = Clock::now() + interval_;
      sockets_ = listening_sockets();
      if (sockets_) take(*sockets_);
    }
    try_due(stopping);
    Look look{.found = {}, .complete = sockets_.has_value(), .troubles = {}};
    if (!sockets_) look.troubles.add(SourceReason::read_failed, {"/proc/net/tcp"}, "the kernel does not say which ports listen");
    for (const auto& [endpoint, known] : known_)
      if (known.speaks) look.found.push_back(*known.speaks);
    return look;
  }

  void rest(const std::stop_token& stopping, std::chrono::milliseconds) override {
    if (in_flight_ > 0 || next_due() != known_.end()) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
    if (left.count() > 0) Source::rest(stopping, left);
  }

 private:
  struct Known {
    std::uint64_t inode = 0;
    config::Holder holder;
    std::optional<Candidate> speaks;
    Clock::time_point due{};  // for the next trial
    bool under_way = false;   // a trial
    int missed = 0;           // looks in a row
  };

  bool left_out(const ListeningSocket& socket, const std::set<std::uint64_t>& ours) const {
    return ours.contains(socket.inode) || needs_a_zone(socket.endpoint) ||
           std::ranges::find(settings_.exclude_ports, socket.endpoint.port) != settings_.exclude_ports.end();
  }

  // Of 0.0.0.0 and :: on one port, which are one server, the first is taken.
  void take(const std::vector<ListeningSocket>& sockets) {
    const auto mine = sockets_of(proc + "/self");
    const std::set<std::uint64_t> ours(mine.begin(), mine.end());
    const auto holders = holders_in(proc);
    std::set<std::uint16_t> everywhere;
    std::set<Endpoint> there;
    for (const ListeningSocket& socket : sockets) {
      if (left_out(socket, ours)) continue;
      if (is_zero(socket.endpoint.address) && !everywhere.insert(socket.endpoint.port).second) continue;
      const Endpoint endpoint = reached(socket.endpoint);
      if (!there.insert(endpoint).second) continue;
      Known& known = known_[endpoint];
      known.missed = 0;
      if (known.inode == socket.inode) continue;
      const auto holder = holders.find(socket.inode);
      known.holder = holder_of(proc, holder == holders.end() ? std::nullopt : std::optional(holder->second), socket.user);
      known.inode = socket.inode;
      known.due = {};
      if (known.speaks) known.speaks->holder = known.holder;
    }
    for (auto& [endpoint, known] : known_)
      if (!there.contains(endpoint)) ++known.missed;
    std::erase_if(known_, [](const auto& entry) { return entry.second.missed >= looks_without && !entry.second.under_way; });
  }

  using Ports = std::map<Endpoint, Known>;

  Ports::iterator next_due() {
    const auto now = Clock::now();
    return std::ranges::find_if(known_, [&](const auto& entry) {
      return entry.second.missed == 0 && !entry.second.under_way && entry.second.due <= now;
    });
  }

  void try_due(const std::stop_token& stopping) {
    const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(1)) / settings_.rate;
    const auto end = Clock::now() + slice;
    while (!stopping.stop_requested() && Clock::now() < end) {
      const auto due = next_due();
      if (due == known_.end() && in_flight_ == 0) return;
      if (due != known_.end() && in_flight_ < at_once) {
        due->second.due = Clock::now() + until_tried_again;
        due->second.under_way = true;
        ++in_flight_;
        asio::co_spawn(loop_, examine(due->first, due->second), asio::detached);
      }
      loop_.run_for(gap);
    }
  }

  // `known` is one of known_, where it stays while it is under way.
  asio::awaitable<void> examine(Endpoint endpoint, Known& known) {
    const std::optional<std::string> greeting = co_await listen_to(endpoint);
    TlsTrial::Outcome outcome{.speaks = {}, .exhausted = !greeting};
    if (greeting) outcome = co_await trial_.of(endpoint, protocols_for(endpoint.port, *greeting));
    if (outcome.speaks) {
      known.speaks = outcome.speaks;
      known.speaks->holder = known.holder;
    }
    if (outcome.exhausted) known.due = Clock::now() + std::chrono::minutes(1);
    known.under_way = false;
    --in_flight_;
  }

  std::vector<std::string_view> protocols_for(std::uint16_t port, std::string_view greeting) const {
    if (!written_.empty()) return {written_};
    if (greeting.empty()) return TlsTrial::protocols_of(port);
    const std::string_view own = probes::protocols::protocol_of_port(port).name;
    const std::string_view said = protocol_greeting_so(greeting);
    if (!said.empty()) return {said};
    return own == any_protocol ? std::vector<std::string_view>() : std::vector<std::string_view>{own};
  }

  // What is said to whoever connects and says nothing; empty: nothing. Absent: no connection.
  asio::awaitable<std::optional<std::string>> listen_to(Endpoint endpoint) {
    asio::error_code error;
    const auto address = asio::ip::make_address(address_text(endpoint.address), error);
    const auto socket = std::make_shared<asio::ip::tcp::socket>(loop_);
    asio::steady_timer patience(loop_, connect_patience);
    const auto give_up = [socket](const asio::error_code& ended) {
      asio::error_code ignored;
      if (!ended) socket->cancel(ignored);
    };
    patience.async_wait(give_up);
    co_await socket->async_connect({address, endpoint.port}, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return std::nullopt;
    patience.expires_after(greeting_patience);
    patience.async_wait(give_up);
    std::string said(256, '\0');
    said.resize(co_await socket->async_read_some(asio::buffer(said), asio::redirect_error(asio::use_awaitable, error)));
    co_return said;
  }

  const config::Listeners settings_;
  const std::chrono::milliseconds interval_;
  const std::string written_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  TlsTrial trial_;
  std::optional<std::vector<ListeningSocket>> sockets_;  // of the last look at them
  Ports known_;
  std::size_t in_flight_ = 0;
  Clock::time_point next_{};  // when they are looked at again
};

}  // namespace

std::unique_ptr<Source> listeners(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<ListenersOfThisHost>(std::get<config::Listeners>(discovery.source), discovery.interval,
                                               written_protocol(discovery), surroundings);
}

}  // namespace exporter::discovery
