// Names to addresses by c-ares, without blocking and without a queue: a name server that never answers delays only the
// names that need it. One per lane, used on that lane's thread only.
//
// The name servers are those of /etc/resolv.conf as it is now: when the file changes, the next look-ups ask the new ones, and
// those under way end with the old. Of several servers the first is asked first. When it keeps silent while another answers, the
// next look-ups begin at the other, and one of each half minute tries the first again: it alone may pay its silence.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include "probes/net/resolv_conf.h"
#include "probes/net/socket.h"
#include "probes/observations/reason.h"

namespace probes::net {

// At most this many addresses of a name are kept, in the resolver's order (RFC 6724).
inline constexpr std::size_t address_limit = 32;

using Resolved = std::variant<std::vector<asio::ip::address>, observations::Failure>;

// What a name stands for besides its addresses: one record of its answer.
struct Record {
  std::string host;        // the address of A and AAAA, the target of SRV without a dot at its end
  std::uint16_t port = 0;  // SRV only
  auto operator<=>(const Record&) const = default;
};
enum class RecordType : std::uint8_t { a, aaaa, srv };
using Records = std::variant<std::vector<Record>, observations::Failure>;

// Whom to ask, and how long; everything but the system's way is for tests.
struct NameServers {
  std::string list;                          // "127.0.0.1:5353,[::1]:53"; empty: those of the file
  std::string file = "/etc/resolv.conf";     // search domains and options are always this file's
  std::uint16_t port = 0;                    // of the servers of the file; 0: 53
  std::chrono::milliseconds patience{1500};  // with each server, the first time round; c-ares doubles it
  std::chrono::milliseconds retry{30'000};   // until a first server that kept silent is tried again
};

class DnsChannel;

class Resolver {
 public:
  explicit Resolver(const asio::any_io_executor& executor, NameServers servers = {});
  Resolver(const asio::any_io_executor& executor, const std::string& list);  // NameServers::list
  ~Resolver();                                                               // pending look-ups end with resolve_failed
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `host`: a name, or an IP literal, which needs no look-up. Failures are of stage resolve; resolve_timeout at `deadline`. Of
  // stage internal when this machine had no socket to ask with: they say nothing of the name.
  asio::awaitable<Resolved> resolve(std::string host, Moment deadline);

  // All records of exactly this name (no search list), a message of DNS full at most (64 KiB, some 4,000). Failures as above; a
  // name without records of the type is name_not_found.
  asio::awaitable<Records> records(std::string name, RecordType type, Moment deadline);

 private:
  std::shared_ptr<DnsChannel> channel();  // of the next look-up
  std::shared_ptr<DnsChannel> opened(std::size_t first);
  void begin_at(std::size_t first, std::shared_ptr<DnsChannel> channel, Moment now);

  const asio::any_io_executor executor_;
  const NameServers servers_;
  ResolvConf file_;
  std::vector<std::weak_ptr<DnsChannel>> opened_;  // all that somebody still holds: a look-up holds its own
  std::shared_ptr<DnsChannel> current_;
  std::size_t first_ = 0;              // the server at which `current_` begins
  std::shared_ptr<DnsChannel> trial_;  // of the first server, while `current_` begins at another
  Moment next_trial_;
};

}  // namespace probes::net
