// The TCP sockets that listen in this network namespace, and who holds them, as the kernel tells: by netlink (sock_diag), or by
// /proc/net where that is not allowed. Blocking, briefly; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/discovery_settings.h"
#include "exporter/discovery/sweep_order.h"

namespace exporter::discovery {

struct ListeningSocket {
  Endpoint endpoint;        // as it is bound: 0.0.0.0 and :: are every address
  std::uint64_t inode = 0;  // of the socket: another one after a restart
  std::uint32_t user = 0;
  bool operator==(const ListeningSocket&) const = default;
};

// Absent: the kernel tells us nothing, neither way.
[[nodiscard]] std::optional<std::vector<ListeningSocket>> listening_sockets();

// The rows of /proc/net/tcp or tcp6 that listen. What cannot be read is passed over.
[[nodiscard]] std::vector<ListeningSocket> listening_in(std::string_view table);

// The inodes of the sockets that a process holds; `process` is its folder ("/proc/self"). Empty where we may not see.
[[nodiscard]] std::vector<std::uint64_t> sockets_of(const std::string& process);

// Processes by the inodes of their sockets, from the folder `proc`: of those whose descriptors we may see. Of several the one
// with the lowest number, which forked the others; the first process of the system holds what it hands on to others.
[[nodiscard]] std::map<std::uint64_t, int> holders_in(const std::string& proc);

// What /proc says of `process`; `user` is the socket's.
[[nodiscard]] config::Holder holder_of(const std::string& proc, std::optional<int> process, std::uint32_t user);

// The systemd unit or container in the text of /proc/PID/cgroup: "nginx.service", "docker:0123456789ab"; empty: neither.
[[nodiscard]] std::string unit_in(std::string_view cgroup);

}  // namespace exporter::discovery
