// Receives syslog on one socket: datagrams, or streams of a bounded number of connections. What follows the header is a server's
// log line (call.h); the header itself, of RFC 3164, RFC 5424 or none, is not looked at. A sender is never held up: what is above
// the budget is read and passed over. Owned by one thread.
#pragma once

#include <poll.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/callers_settings.h"
#include "exporter/callers/syslog_frames.h"
#include "probes/observations/inventory.h"

namespace exporter::callers {

inline constexpr std::size_t connections_limit = 64;  // of one stream socket; those above are closed at once

class SyslogReceiver {
 public:
  // Listens, or says why it cannot. A Unix socket that is left over from an earlier run is replaced; one in use is not.
  [[nodiscard]] static std::variant<std::unique_ptr<SyslogReceiver>, probes::observations::Trouble> open(
      const config::Callers& door);
  ~SyslogReceiver();
  SyslogReceiver(const SyslogReceiver&) = delete;
  SyslogReceiver& operator=(const SyslogReceiver&) = delete;

  // Every descriptor to wait for.
  void wait_for(std::vector<pollfd>& descriptors) const;

  // Reads what is there, at most about `messages` of them. True when there may be more.
  bool receive(std::size_t messages, const Frames::Take& take);

  [[nodiscard]] std::uint64_t take_too_long();
  [[nodiscard]] std::uint16_t port() const;  // of UDP and TCP

 private:
  SyslogReceiver(int descriptor, const config::SyslogSocket& settings);

  void accept();
  bool receive_datagrams(std::size_t messages, const Frames::Take& take);
  bool receive_streams(std::size_t messages, const Frames::Take& take);

  const int descriptor_;
  const config::SyslogSocket settings_;
  std::map<int, Frames> connections_;
  std::uint64_t too_long_ = 0;
  std::string buffer_;
};

}  // namespace exporter::callers
