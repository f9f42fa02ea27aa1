#include "probes/net/resolver.h"

#include <ares.h>
#include <netdb.h>

#include <algorithm>
#include <map>
#include <utility>

#include "probes/net/records.h"

#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace probes::net {

namespace {

using observations::Failure;
using observations::Reason;
using observations::Stage;

// One look-up under way. Owned by both sides: c-ares may answer after the probe gave up, or the other way round.
template <typename Result>
struct Pending {
  explicit Pending(const asio::any_io_executor& executor) : done(executor) {}
  asio::steady_timer done;  // expires at the deadline; cancelled when the answer is there
  bool answered = false;
  RecordType type = RecordType::a;
  Result result;
};
using Lookup = Pending<Resolved>;
using Query = Pending<Records>;

Failure failure(int status) {
  const bool unknown = status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME;
  const Reason reason = unknown                   ? Reason::name_not_found
                        : status == ARES_ETIMEOUT ? Reason::resolve_timeout
                                                  : Reason::resolve_failed;
  return {.stage = Stage::resolve, .reason = reason, .alert = {}, .detail = ares_strerror(status)};
}

std::vector<asio::ip::address> addresses(const ares_addrinfo& answer) {
  std::vector<asio::ip::address> found;
  for (const ares_addrinfo_node* node = answer.nodes; node != nullptr && found.size() < address_limit; node = node->ai_next) {
    asio::ip::address address;
    if (node->ai_family == AF_INET) {
      address = asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr.s_addr));
    } else if (node->ai_family == AF_INET6) {
      const auto* raw = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(raw->sin6_addr.s6_addr, bytes.size(), bytes.begin());
      address = asio::ip::address_v6(bytes, raw->sin6_scope_id);
    } else {
      continue;
    }
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
  }
  return found;
}

void receive(void* argument, int status, int, ares_addrinfo* answer) {
  const std::unique_ptr<std::shared_ptr<Lookup>> owner(static_cast<std::shared_ptr<Lookup>*>(argument));
  Lookup& lookup = **owner;
  lookup.result = failure(status == ARES_SUCCESS ? ARES_ENODATA : status);
  if (status == ARES_SUCCESS && answer != nullptr)
    if (auto found = addresses(*answer); !found.empty()) lookup.result = std::move(found);
  if (answer != nullptr) ares_freeaddrinfo(answer);
  lookup.answered = true;
  lookup.done.cancel();
}

void receive_records(void* argument, int status, int, unsigned char* message, int size) {
  const std::unique_ptr<std::shared_ptr<Query>> owner(static_cast<std::shared_ptr<Query>*>(argument));
  Query& query = **owner;
  std::vector<Record> found;
  if (status == ARES_SUCCESS) status = read_records(query.type, message, size, found);
  if (status == ARES_SUCCESS) query.result = std::move(found);
  else query.result = failure(status);
  query.answered = true;
  query.done.cancel();
}

}  // namespace

// c-ares' sockets and timeouts, driven by the event loop.
class Resolver::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(const asio::any_io_executor& executor, const std::string& servers) : executor_(executor), timer_(executor) {
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    (void)library;
    ares_options options{};
    options.timeout = 1500;  // milliseconds for the first try of each server; c-ares doubles it
    options.tries = 3;
    options.sock_state_cb = &Channel::socket_state;
    options.sock_state_cb_data = this;
    constexpr int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&channel_, &options, given) != ARES_SUCCESS) channel_ = nullptr;
    if (channel_ != nullptr && !servers.empty()) ares_set_servers_ports_csv(channel_, servers.c_str());
  }

  ~Channel() { close(); }

  void close() {
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
  }

  std::shared_ptr<Lookup> start(const std::string& host, Moment deadline) {
    auto lookup = std::make_shared<Lookup>(executor_);
    lookup->done.expires_at(deadline);
    if (channel_ == nullptr) {
      lookup->result = failure(ARES_ENOTINITIALIZED);
      lookup->answered = true;
      return lookup;
    }
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &receive, new std::shared_ptr<Lookup>(lookup));
    arm_timer();
    return lookup;
  }

  std::shared_ptr<Query> ask(const std::string& name, RecordType type, Moment deadline) {
    auto query = std::make_shared<Query>(executor_);
    query->done.expires_at(deadline);
    query->type = type;
    if (channel_ == nullptr) {
      query->result = failure(ARES_ENOTINITIALIZED);
      query->answered = true;
      return query;
    }
    ares_query(channel_, name.c_str(), /*IN*/ 1, record_number(type), &receive_records, new std::shared_ptr<Query>(query));
    arm_timer();
    return query;
  }

 private:
  using Descriptor = asio::posix::stream_descriptor;

  struct Watched {
    Watched(const asio::any_io_executor& executor, int socket) : descriptor(executor, socket) {}
    ~Watched() { descriptor.release(); }  // c-ares closes its sockets itself
    Descriptor descriptor;
    bool want_read = false, want_write = false;
    bool reading = false, writing = false;
  };

  static void socket_state(void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Channel*>(self)->watch(socket, readable != 0, writable != 0);
  }

  void watch(ares_socket_t socket, bool readable, bool writable) {
    if (!readable && !writable) {
      sockets_.erase(socket);
      return;
    }
    auto& watched = sockets_[socket];
    if (!watched) watched = std::make_shared<Watched>(executor_, socket);
    watched->want_read = readable;
    watched->want_write = writable;
    listen(socket, watched);
  }

  void listen(ares_socket_t socket, const std::shared_ptr<Watched>& watched) {
    if (watched->want_read && !std::exchange(watched->reading, true)) wait(socket, watched, Descriptor::wait_read);
    if (watched->want_write && !std::exchange(watched->writing, true)) wait(socket, watched, Descriptor::wait_write);
  }

  void wait(ares_socket_t socket, const std::shared_ptr<Watched>& watched, Descriptor::wait_type what) {
    watched->descriptor.async_wait(
        what, [self = weak_from_this(), watched = std::weak_ptr(watched), socket, what](const asio::error_code& error) {
          const auto channel = self.lock();
          if (const auto open = watched.lock(); !error && channel && open) channel->process(socket, open, what);
        });
  }

  void process(ares_socket_t socket, const std::shared_ptr<Watched>& watched, Descriptor::wait_type what) {
    if (channel_ == nullptr) return;
    const bool read = what == Descriptor::wait_read;
    (read ? watched->reading : watched->writing) = false;
    ares_process_fd(channel_, read ? socket : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : socket);
    const auto still = sockets_.find(socket);
    if (still != sockets_.end() && still->second == watched) listen(socket, watched);
    arm_timer();
  }

  void arm_timer() {
    timeval maximum{60, 0};
    timeval left{};
    if (channel_ == nullptr || sockets_.empty() || ares_timeout(channel_, &maximum, &left) == nullptr) return;
    timer_.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec) +
                         std::chrono::milliseconds(1));
    timer_.async_wait([self = weak_from_this()](const asio::error_code& error) {
      const auto channel = self.lock();
      if (error || !channel || channel->channel_ == nullptr) return;
      ares_process_fd(channel->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      channel->arm_timer();
    });
  }

  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
};

Resolver::Resolver(const asio::any_io_executor& executor, const std::string& servers)
    : channel_(std::make_shared<Channel>(executor, servers)) {}
Resolver::~Resolver() { channel_->close(); }

asio::awaitable<Resolved> Resolver::resolve(std::string host, Moment deadline) {
  asio::error_code error;
  if (const auto literal = asio::ip::make_address(host, error); !error) co_return std::vector{literal};
  const auto lookup = channel_->start(host, deadline);
  if (!lookup->answered) co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (!lookup->answered) co_return failure(ARES_ETIMEOUT);
  co_return std::move(lookup->result);
}

asio::awaitable<Records> Resolver::records(std::string name, RecordType type, Moment deadline) {
  asio::error_code error;
  const auto query = channel_->ask(name, type, deadline);
  if (!query->answered) co_await query->done.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (!query->answered) co_return failure(ARES_ETIMEOUT);
  co_return std::move(query->result);
}

}  // namespace probes::net
