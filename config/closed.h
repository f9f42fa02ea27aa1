// Addresses that nobody is connected to for a stranger's sake, whatever the configuration opens (/probe, and URLs that stand in
// certificates): link-local ones and the metadata services of the clouds, which hand out credentials to whoever comes from this
// machine; and those no server can have. An IPv6 address that carries an IPv4 address on its way (NAT64, 6to4, Teredo ...) is
// judged by that one, too. Pure; any thread.
#pragma once

#include <string_view>

#include "config/network.h"

namespace config {

// Why `address` is closed: "link-local", "multicast"; empty: it is not. Loopback is not closed by itself, but where it is
// carried.
[[nodiscard]] std::string_view closed(const AddressBytes& address);

// 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback(const AddressBytes& address);
[[nodiscard]] bool is_loopback(const Network& network);  // all of it

}  // namespace config
