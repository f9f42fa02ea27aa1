#include "probes/net/dns_channel.h"

#include <netdb.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace probes::net {

namespace {

using observations::Failure;
using observations::Reason;
using observations::Stage;

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

// A name server said something about the name, be it that there is none.
bool from_a_server(int status) { return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND; }

ares_channel opened(const NameServers& servers, ares_sock_state_cb socket_state, void* self) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  (void)library;
  std::string file = servers.file;
  ares_options options{};
  options.timeout = static_cast<int>(servers.patience.count());
  options.tries = 3;
  options.sock_state_cb = socket_state;
  options.sock_state_cb_data = self;
  options.resolvconf_path = file.data();
  options.udp_port = options.tcp_port = servers.port;
  int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;
  if (servers.port != 0) given |= ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT;
#ifdef ARES_OPT_QUERY_CACHE
  given |= ARES_OPT_QUERY_CACHE;  // of no length: a probe reports what the name servers say now
#endif
  ares_channel channel = nullptr;
  if (ares_init_options(&channel, &options, given) != ARES_SUCCESS) return nullptr;
  if (!servers.list.empty()) ares_set_servers_ports_csv(channel, servers.list.c_str());
  return channel;
}

}  // namespace

Failure resolve_failure(int status) {
  const bool unknown = status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME;
  const Reason reason = unknown                   ? Reason::name_not_found
                        : status == ARES_ETIMEOUT ? Reason::resolve_timeout
                                                  : Reason::resolve_failed;
  return {.stage = Stage::resolve, .reason = reason, .alert = {}, .detail = ares_strerror(status)};
}

struct DnsChannel::Watched {
  Watched(const asio::any_io_executor& executor) : descriptor(executor) {}
  ~Watched() { let_go(); }
  // c-ares closes its sockets itself. Taken out of the loop while the number is still this socket's.
  void let_go() {
    if (descriptor.is_open()) descriptor.release();
  }
  Descriptor descriptor;
  bool want_read = false, want_write = false;
  bool reading = false, writing = false;
};

// What c-ares holds of a look-up. The channel outlives it: destroying the channel ends every look-up first.
template <typename Result>
struct DnsChannel::Owner {
  DnsChannel& channel;
  std::shared_ptr<PendingLookup<Result>> lookup;
};

DnsChannel::DnsChannel(const asio::any_io_executor& executor, const NameServers& servers, std::size_t first)
    : executor_(executor), timer_(executor), channel_(opened(servers, &DnsChannel::socket_state, this)) {
  if (channel_ == nullptr) return;
  opens_.serve(channel_);
  begin_at(first);
}

DnsChannel::~DnsChannel() { close(); }

void DnsChannel::close() {
  if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
  timer_.cancel();
}

// From 1.29 on c-ares asks first who failed least, and tries the others again now and then.
void DnsChannel::begin_at([[maybe_unused]] std::size_t first) {
#if ARES_VERSION < 0x011d00
  ares_addr_port_node* list = nullptr;
  if (ares_get_servers_ports(channel_, &list) != ARES_SUCCESS) return;
  std::vector<ares_addr_port_node*> servers;
  for (ares_addr_port_node* server = list; server != nullptr; server = server->next) servers.push_back(server);
  in_fixed_order_ = servers.size();
  if (first < servers.size() && first != 0) {
    std::rotate(servers.begin(), servers.begin() + static_cast<std::ptrdiff_t>(first), servers.end());
    for (std::size_t i = 0; i < servers.size(); ++i) servers[i]->next = i + 1 < servers.size() ? servers[i + 1] : nullptr;
    ares_set_servers_ports(channel_, servers.front());
    servers.back()->next = nullptr;
    list = servers.front();
  }
  ares_free_data(list);
#endif
}

template <typename Result>
void DnsChannel::finish(PendingLookup<Result>& lookup, int status, int timeouts) {
  lookup.answered = true;
  lookup.done.cancel();
  if (!lookup.asked || !from_a_server(status)) return;
  if (timeouts == 0) heard_ = Moment::clock::now();
  silent_ = timeouts > 0 && heard_ < lookup.started;
}

void DnsChannel::receive(void* argument, int status, int timeouts, ares_addrinfo* answer) {
  const std::unique_ptr<Owner<Resolved>> owner(static_cast<Owner<Resolved>*>(argument));
  PendingLookup<Resolved>& lookup = *owner->lookup;
  lookup.result = resolve_failure(status == ARES_SUCCESS ? ARES_ENODATA : status);
  if (status == ARES_SUCCESS && answer != nullptr)
    if (auto found = addresses(*answer); !found.empty()) lookup.result = std::move(found);
  if (answer != nullptr) ares_freeaddrinfo(answer);
  owner->channel.finish(lookup, status, timeouts);
}

std::shared_ptr<PendingLookup<Resolved>> DnsChannel::resolve(const std::string& host, Moment deadline) {
  auto lookup = std::make_shared<PendingLookup<Resolved>>(executor_, deadline);
  if (channel_ == nullptr) {
    lookup->result = resolve_failure(ARES_ENOTINITIALIZED);
    lookup->answered = true;
    return lookup;
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &receive, new Owner<Resolved>{*this, lookup});
  lookup->asked = true;
  arm_timer();
  return lookup;
}

std::shared_ptr<PendingLookup<Records>> DnsChannel::records(const std::string& name, RecordType type, Moment deadline) {
  auto lookup = std::make_shared<PendingLookup<Records>>(executor_, deadline);
  if (channel_ == nullptr) {
    lookup->result = resolve_failure(ARES_ENOTINITIALIZED);
    lookup->answered = true;
    return lookup;
  }
  ask_records(channel_, name, type, [this, lookup](RecordsAnswer answer) {
    if (answer.status == ARES_SUCCESS) lookup->result = std::move(answer.records);
    else lookup->result = resolve_failure(answer.status);
    finish(*lookup, answer.status, answer.timeouts);
  });
  lookup->asked = true;
  arm_timer();
  return lookup;
}

void DnsChannel::socket_state(void* self, ares_socket_t socket, int readable, int writable) {
  static_cast<DnsChannel*>(self)->watch(socket, readable != 0, writable != 0);
}

// Called from within c-ares, which knows no exceptions: a socket that cannot be waited for leaves its queries to their timeouts.
void DnsChannel::watch(ares_socket_t socket, bool readable, bool writable) {
  if (!readable && !writable) {
    const auto closing = sockets_.find(socket);
    if (closing == sockets_.end()) return;
    closing->second->let_go();
    sockets_.erase(closing);
    return;
  }
  auto& watched = sockets_[socket];
  if (!watched) {
    watched = std::make_shared<Watched>(executor_);
    asio::error_code error;
    watched->descriptor.assign(socket, error);
  }
  watched->want_read = readable;
  watched->want_write = writable;
  listen(socket, watched);
}

void DnsChannel::listen(ares_socket_t socket, const std::shared_ptr<Watched>& watched) {
  if (!watched->descriptor.is_open()) return;
  if (watched->want_read && !std::exchange(watched->reading, true)) wait(socket, watched, Descriptor::wait_read);
  if (watched->want_write && !std::exchange(watched->writing, true)) wait(socket, watched, Descriptor::wait_write);
}

void DnsChannel::wait(ares_socket_t socket, const std::shared_ptr<Watched>& watched, Descriptor::wait_type what) {
  watched->descriptor.async_wait(
      what, [self = weak_from_this(), watched = std::weak_ptr(watched), socket, what](const asio::error_code& error) {
        const auto channel = self.lock();
        if (const auto open = watched.lock(); !error && channel && open) channel->process(socket, open, what);
      });
}

void DnsChannel::process(ares_socket_t socket, const std::shared_ptr<Watched>& watched, Descriptor::wait_type what) {
  // A wait may end well just before its socket is closed and another opened under the number.
  const auto is_current = [&] {
    const auto current = sockets_.find(socket);
    return current != sockets_.end() && current->second == watched;
  };
  if (channel_ == nullptr || !is_current()) return;
  const bool read = what == Descriptor::wait_read;
  (read ? watched->reading : watched->writing) = false;
  ares_process_fd(channel_, read ? socket : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : socket);
  if (is_current()) listen(socket, watched);
  arm_timer();
}

void DnsChannel::arm_timer() {
  timeval left{};
  if (channel_ == nullptr || ares_timeout(channel_, nullptr, &left) == nullptr) return;  // null: nothing under way
  timer_.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec) +
                       std::chrono::milliseconds(1));
  timer_.async_wait([self = weak_from_this()](const asio::error_code& error) {
    const auto channel = self.lock();
    if (error || !channel || channel->channel_ == nullptr) return;
    ares_process_fd(channel->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    channel->arm_timer();
  });
}

}  // namespace probes::net
