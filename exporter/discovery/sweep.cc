// sweep: connects to every address and port of its ranges, shuffled, at a bounded rate and with a bounded number in flight. What
// answers TLS is remembered and stays a target until two passes in a row found nothing there: an outage takes no target away. The
// first pass goes at the configured rate, later ones are spread over the interval. Off unless configured.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <random>

#include "config/address.h"
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/sweep_order.h"
#include "exporter/discovery/tls_trial.h"
#include "probes/net/connect_failure.h"
#include "probes/protocols/protocol.h"

namespace exporter::discovery {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds slice(1000);               // how often a pass under way says what it has found
constexpr std::chrono::milliseconds tick(10);                  // connections begin in bunches this far apart
constexpr std::chrono::milliseconds arrears(100);              // of beginnings that a held up sweep makes up for
constexpr std::chrono::seconds connect_patience(2);            // silence for longer is nobody
constexpr std::chrono::milliseconds want_of_descriptors(250);  // until somebody may have given one back
constexpr int passes_without_answer = 2;                       // until a server is forgotten

// A socket on its way to `endpoint`, and what connect() said: 0, EINPROGRESS, ECONNREFUSED ... The descriptor is -1 if there is
// none.
std::pair<int, int> connecting(const Endpoint& endpoint) {
  const bool v4 = config::is_ipv4(endpoint.address);
  const int descriptor = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return {-1, errno};
  int result = 0;
  if (v4) {
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(endpoint.port), .sin_addr = {}, .sin_zero = {}};
    std::copy_n(endpoint.address.data() + 12, 4, reinterpret_cast<std::uint8_t*>(&to.sin_addr));
    result = connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in6 to{
        .sin6_family = AF_INET6, .sin6_port = htons(endpoint.port), .sin6_flowinfo = 0, .sin6_addr = {}, .sin6_scope_id = 0};
    std::copy_n(endpoint.address.data(), 16, to.sin6_addr.s6_addr);
    result = connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  return {descriptor, result == 0 ? 0 : errno};
}

class Sweep final : public Source {
 public:
  // `written`: the protocol that the targets' module says; empty: it leaves it open.
  Sweep(config::Sweep settings, std::chrono::milliseconds interval, std::string written, const Surroundings& surroundings)
      : settings_(std::move(settings)),
        interval_(interval),
        written_(std::move(written)),
        surroundings_(surroundings),
        order_(settings_, std::random_device{}()),
        trial_(loop_, surroundings.materials) {
    pace_ = std::chrono::nanoseconds(std::chrono::seconds(1)) / settings_.rate;
    next_ = Clock::now();
  }

  // One slice of a pass.
  Look look(const std::stop_token& stopping) override {
    const std::stop_callback wake(stopping, [this] { loop_.stop(); });
    if (place_ == order_.size() && in_flight_ == 0) begin_pass();
    const auto end = Clock::now() + slice;
    while (!stopping.stop_requested() && Clock::now() < end && (place_ < order_.size() || in_flight_ > 0)) {
      begin_due(Clock::now());
      loop_.run_until(std::min(end, std::max(next_, Clock::now() + tick)));
    }
    Look look{.found = {}, .troubles = std::exchange(troubles_, {})};
    for (const auto& [endpoint, known] : known_) look.found.push_back(known.candidate);
    return look;
  }

  void rest(const std::stop_token& stopping, std::chrono::milliseconds) override {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
    if (in_flight_ == 0 && left > tick) Source::rest(stopping, left);
  }

 private:
  struct Known {
    Candidate candidate;
    int missed = 0;  // passes in a row
  };

  void begin_pass() {
    order_ = SweepOrder(settings_, std::random_device{}());
    place_ = 0;
    const auto at_once = std::chrono::nanoseconds(std::chrono::seconds(1)) / settings_.rate;
    pace_ = std::max<std::chrono::nanoseconds>(at_once, std::chrono::nanoseconds(interval_) / order_.size());
  }

  void begin_due(Clock::time_point now) {
    next_ = std::max(next_, now - arrears);
    while (place_ < order_.size() && next_ <= now && in_flight_ < at_once()) {
      const auto endpoint = order_.at(place_);
      if (endpoint && !begin(*endpoint)) {
        next_ = now + want_of_descriptors;
        return;
      }
      ++place_;
      if (endpoint) next_ += pace_;
    }
  }

  // Most addresses refuse at once or are silent: no coroutine is made for the former.
  // False when there was no socket for it: its turn comes later.
  bool begin(const Endpoint& endpoint) {
    const auto [descriptor, error] = connecting(endpoint);
    if (descriptor < 0) {
      troubles_.add(SourceReason::read_failed, {address_text(endpoint.address)},
                    std::string("no socket: ") + std::strerror(error));
      return !probes::net::exhausted(std::error_code(error, std::generic_category()));
    }
    if (error != 0 && error != EINPROGRESS) {
      close(descriptor);
      miss(endpoint);
      return true;
    }
    ++in_flight_;
    asio::co_spawn(loop_, examine(endpoint, descriptor), asio::detached);
    return true;
  }

  std::size_t at_once() const {
    const auto wanted = static_cast<std::size_t>(settings_.in_flight);
    return surroundings_.sweep_share ? std::min(wanted, surroundings_.sweep_share()) : wanted;
  }

  asio::awaitable<void> examine(Endpoint endpoint, int descriptor) {
    const bool connected = co_await connects(descriptor);
    if (!connected) miss(endpoint);
    else co_await shake_hands(endpoint);
    --in_flight_;
  }

  asio::awaitable<bool> connects(int raw) {
    const auto descriptor = std::make_shared<asio::posix::stream_descriptor>(loop_, raw);
    asio::steady_timer patience(loop_, connect_patience);
    patience.async_wait([descriptor](const asio::error_code& error) {
      if (!error) descriptor->cancel();
    });
    asio::error_code waited;
    co_await descriptor->async_wait(asio::posix::stream_descriptor::wait_write,
                                    asio::redirect_error(asio::use_awaitable, waited));
    int error = 0;
    socklen_t size = sizeof error;
    const bool known = getsockopt(raw, SOL_SOCKET, SO_ERROR, &error, &size) == 0;
    patience.cancel();
    descriptor->close();
    co_return !waited && known && error == 0;
  }

  // What a module says is spoken there and nothing else.
  std::vector<std::string_view> protocols_of(std::uint16_t port) const {
    return written_.empty() ? TlsTrial::protocols_of(port) : std::vector<std::string_view>{written_};
  }

  asio::awaitable<void> shake_hands(Endpoint endpoint) {
    const TlsTrial::Outcome outcome = co_await trial_.of(endpoint, protocols_of(endpoint.port));
    if (outcome.speaks) note(endpoint, *outcome.speaks);
    else if (!outcome.exhausted) miss(endpoint);
  }

  void note(const Endpoint& endpoint, const Candidate& candidate) {
    known_[endpoint] = {.candidate = candidate};
    if (known_.size() > most_candidates) {
      known_.erase(endpoint);
      troubles_.add(SourceReason::too_large, {address_text(endpoint.address)},
                    "more servers than " + std::to_string(most_candidates));
    }
  }

  void miss(const Endpoint& endpoint) {
    const auto known = known_.find(endpoint);
    if (known != known_.end() && ++known->second.missed >= passes_without_answer) known_.erase(known);
  }

  const config::Sweep settings_;
  const std::chrono::milliseconds interval_;
  const std::string written_;
  const Surroundings surroundings_;
  SweepOrder order_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  TlsTrial trial_;

  std::map<Endpoint, Known> known_;
  Troubles troubles_;        // since the last look
  std::uint64_t place_ = 0;  // in order_, of the next to begin
  std::size_t in_flight_ = 0;
  std::chrono::nanoseconds pace_{};
  Clock::time_point next_{};  // when the next may begin
};

}  // namespace

std::unique_ptr<Source> sweep(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<Sweep>(std::get<config::Sweep>(discovery.source), discovery.interval, written_protocol(discovery),
                                 surroundings);
}

}  // namespace exporter::discovery
