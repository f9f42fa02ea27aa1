// Names to addresses by c-ares, without blocking and without a queue: a name server that never answers delays only the
// names that need it. One per lane, used on that lane's thread only.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

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

class Resolver {
 public:
  // `servers`: "127.0.0.1:5353,[::1]:53" instead of the system's (tests); empty: the system's.
  explicit Resolver(const asio::any_io_executor& executor, const std::string& servers = "");
  ~Resolver();  // pending look-ups end with resolve_failed
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `host`: a name, or an IP literal, which needs no look-up. Failures are of stage resolve; resolve_timeout at `deadline`.
  asio::awaitable<Resolved> resolve(std::string host, Moment deadline);

  // All records of exactly this name (no search list), a message of DNS full at most (64 KiB, some 4,000). Failures as above; a
  // name without records of the type is name_not_found.
  asio::awaitable<Records> records(std::string name, RecordType type, Moment deadline);

 private:
  class Channel;
  std::shared_ptr<Channel> channel_;
};

}  // namespace probes::net
