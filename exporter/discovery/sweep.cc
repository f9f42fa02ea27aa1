// sweep: connects to every address and port of its ranges, shuffled, at a bounded rate and with a bounded number in flight. A
// port of no protocol's own is given a first look, which costs no cryptography; what that leaves open, a handshake. What answers
// TLS is remembered and stays a target until two passes in a row found nothing there: an outage takes no target away. The first
// pass goes at the configured rate, later ones are spread over the interval. Off unless configured.
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
#include "exporter/discovery/first_find.h"
#include "exporter/discovery/sweep_order.h"
#include "exporter/discovery/tls_trial.h"
#include "exporter/log.h"
#include "probes/look/first_look.h"
#include "probes/net/connect_failure.h"
#include "probes/protocols/protocol.h"

namespace exporter::discovery {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds slice(1000);               // how often a pass under way says what it has found
constexpr std::chrono::milliseconds tick(10);                  // connections begin in bunches this far apart
constexpr std::chrono::milliseconds arrears(100);              // of beginnings that a held up sweep makes up for
constexpr std::chrono::seconds connect_patience(2);            // silence for longer is nobody
constexpr std::chrono::seconds look_patience(2);               // a first look asks for no work
constexpr std::size_t most_names_said = 20;                    // of a list of acceptable CAs, in a line of the log
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

using Connection = std::shared_ptr<asio::posix::stream_descriptor>;

// What a pass found.
struct Tally {
  std::size_t ask = 0, ask_not = 0;  // for a client certificate, in TLS 1.2 or older: by first looks
  std::size_t unknown = 0;           // by a handshake: TLS 1.3 alone, a dialogue before TLS, an alert
};

class Sweep final : public Source {
 public:
  // `written`: the protocol that the targets' module says; empty: it leaves it open.
  Sweep(const config::Discovery& discovery, std::string written, const Surroundings& surroundings)
      : name_(discovery.name),
        settings_(std::get<config::Sweep>(discovery.source)),
        interval_(discovery.interval),
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
    if (!stopping.stop_requested() && place_ == order_.size() && in_flight_ == 0) end_pass();
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

  asio::awaitable<void> examine(Endpoint endpoint, int raw) {
    const auto connection = std::make_shared<asio::posix::stream_descriptor>(loop_, raw);
    const bool connected = co_await connects(connection);
    if (!connected) miss(endpoint);
    else co_await find_out(endpoint, connection);
    --in_flight_;
  }

  asio::awaitable<bool> connects(Connection connection) {
    asio::steady_timer patience(loop_, connect_patience);
    patience.async_wait([connection](const asio::error_code& error) {
      if (!error) connection->cancel();
    });
    asio::error_code waited;
    co_await connection->async_wait(asio::posix::stream_descriptor::wait_write,
                                    asio::redirect_error(asio::use_awaitable, waited));
    int error = 0;
    socklen_t size = sizeof error;
    const bool known = getsockopt(connection->native_handle(), SOL_SOCKET, SO_ERROR, &error, &size) == 0;
    co_return !waited && known && error == 0;
  }

  // What a module says is spoken there and nothing else.
  std::vector<std::string_view> protocols_of(std::uint16_t port) const {
    return written_.empty() ? TlsTrial::protocols_of(port) : std::vector<std::string_view>{written_};
  }

  // A first look where TLS is all that is spoken, and a handshake where that settles nothing.
  asio::awaitable<void> find_out(Endpoint endpoint, Connection connection) {
    const auto protocols = protocols_of(endpoint.port);
    if (protocols.front() == any_protocol) {
      const probes::look::Flight flight = co_await probes::look::first_look(std::move(connection), look_patience);
      if (take(endpoint, flight)) co_return;
    } else {
      connection->close();
    }
    const TlsTrial::Outcome outcome = co_await trial_.of(endpoint, protocols);
    if (outcome.speaks) ++tally_.unknown;
    if (outcome.speaks) note(endpoint, *outcome.speaks);
    else if (!outcome.exhausted) miss(endpoint);
  }

  // False: it says neither that there is a server nor that there is none.
  bool take(const Endpoint& endpoint, const probes::look::Flight& flight) {
    if (std::holds_alternative<probes::look::NotTls>(flight)) {
      miss(endpoint);
      return true;
    }
    const auto* look = std::get_if<probes::look::Look>(&flight);
    const auto find = look != nullptr ? first_find(*look) : std::nullopt;
    if (!find) return false;
    const Candidate candidate{.host = address_text(endpoint.address),
                              .port = endpoint.port,
                              .server_name = leaf_name(*find->leaf),
                              .protocol = std::string(any_protocol)};
    ++(find->asks ? tally_.ask : tally_.ask_not);
    if (logs(LogLevel::debug)) say(candidate, *find, *look);
    note(endpoint, candidate);
    return true;
  }

  void say(const Candidate& candidate, const FirstFind& find, const probes::look::Look& look) const {
    const probes::observations::Date not_after = find.leaf->not_after();
    std::string names;
    for (const std::string& name : acceptable_names(look, most_names_said)) names += (names.empty() ? "" : "; ") + name;
    log(LogLevel::debug, "a sweep found a server",
        {{"name", name_},
         {"address", config::address_text({candidate.host, candidate.port})},
         {"version", find.version},
         {"server_name", candidate.server_name},
         {"not_after_timestamp", not_after ? std::to_string((*not_after).time_since_epoch().count()) : std::string()},
         {"asks_for_certificate", find.asks ? "yes" : "no"},
         {"acceptable_cas", find.acceptable},
         {"acceptable_ca_names", names}});
  }

  void end_pass() {
    log(LogLevel::info, "a sweep has passed",
        {{"name", name_}, {"asking", tally_.ask}, {"not_asking", tally_.ask_not}, {"by_handshake", tally_.unknown}});
    tally_ = {};
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

  const std::string name_;
  const config::Sweep settings_;
  const std::chrono::milliseconds interval_;
  const std::string written_;
  const Surroundings surroundings_;
  SweepOrder order_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  TlsTrial trial_;

  std::map<Endpoint, Known> known_;
  Tally tally_;              // of the pass
  Troubles troubles_;        // since the last look
  std::uint64_t place_ = 0;  // in order_, of the next to begin
  std::size_t in_flight_ = 0;
  std::chrono::nanoseconds pace_{};
  Clock::time_point next_{};  // when the next may begin
};

}  // namespace

std::unique_ptr<Source> sweep(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<Sweep>(discovery, written_protocol(discovery), surroundings);
}

}  // namespace exporter::discovery
