// One channel of c-ares on an event loop: its sockets, its timeouts, and the look-ups under way. It reads the name servers once,
// when it is made; `Resolver` makes another when they change and lets this one drain. Used on the loop's thread only.
//
// c-ares opens and closes its sockets within its own calls, often one under the number of another: a descriptor is taken out of
// the loop at the moment c-ares says so, before it is closed, and not when the last who knew it has gone.
#pragma once

#include <ares.h>

#include <map>
#include <memory>
#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "probes/net/dns_sockets.h"
#include "probes/net/records.h"
#include "probes/net/resolver.h"

namespace probes::net {

[[nodiscard]] observations::Failure resolve_failure(int status);  // of c-ares

// One look-up under way. Owned by both sides: c-ares may answer after the probe gave up, or the other way round.
template <typename Result>
struct PendingLookup {
  PendingLookup(const asio::any_io_executor& executor, Moment deadline)
      : done(executor, deadline), result(resolve_failure(ARES_ENODATA)) {}
  asio::steady_timer done;  // expires at the deadline; cancelled when the answer is there
  const Moment started = Moment::clock::now();
  bool asked = false;  // the question is out: what comes from now on comes from the network
  bool answered = false;
  Result result;
};

class DnsChannel : public std::enable_shared_from_this<DnsChannel> {
 public:
  // `first`: this server of the list comes first, those before it last. Not used where c-ares does that itself.
  DnsChannel(const asio::any_io_executor& executor, const NameServers& servers, std::size_t first);
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  void close();  // what is under way ends with resolve_failed

  [[nodiscard]] std::shared_ptr<PendingLookup<Resolved>> resolve(const std::string& host, Moment deadline);
  [[nodiscard]] std::shared_ptr<PendingLookup<Records>> records(const std::string& name, RecordType type, Moment deadline);

  // False when it could not be made, as when there was no descriptor for reading the file.
  [[nodiscard]] bool usable() const { return channel_ != nullptr; }
  [[nodiscard]] bool lacking_socket_since(Moment moment) const { return opens_.lacking_since(moment); }

  // Name servers, if this c-ares begins every look-up at the first of them; 0 if it remembers itself which are silent.
  [[nodiscard]] std::size_t in_fixed_order() const { return in_fixed_order_; }
  // The last answer came from a later server while the first kept silent for its whole patience, and answered nobody else.
  [[nodiscard]] bool first_is_silent() const { return silent_; }
  // Something was answered at once.
  [[nodiscard]] bool heard() const { return heard_ != Moment{}; }

 private:
  using Descriptor = asio::posix::stream_descriptor;
  struct Watched;
  template <typename Result>
  struct Owner;

  static void socket_state(void* self, ares_socket_t socket, int readable, int writable);
  static void receive(void* argument, int status, int timeouts, ares_addrinfo* answer);
  void begin_at(std::size_t first);
  void watch(ares_socket_t socket, bool readable, bool writable);
  void listen(ares_socket_t socket, const std::shared_ptr<Watched>& watched);
  void wait(ares_socket_t socket, const std::shared_ptr<Watched>& watched, Descriptor::wait_type what);
  void process(ares_socket_t socket, const std::shared_ptr<Watched>& watched, Descriptor::wait_type what);
  void arm_timer();
  template <typename Result>
  void finish(PendingLookup<Result>& lookup, int status, int timeouts);

  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  DnsSockets opens_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
  std::size_t in_fixed_order_ = 0;
  Moment heard_;  // the last answer without a timeout; zero: none
  bool silent_ = false;
};

}  // namespace probes::net
