// The ClientHello of a first look (first_look.h): TLS 1.2 at most, every cipher suite and group that servers of today choose, no
// server name and no key share. It promises nothing that has to be kept: we hang up before a key is needed. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace probes::look {

using Random = std::array<std::uint8_t, 32>;

// One record, ready to be sent.
[[nodiscard]] std::string client_hello(const Random& random);

// Whether the hello lists this cipher suite. RFC 5246 7.4.1.3: the server selects one of the client's list.
[[nodiscard]] bool offers(std::uint16_t cipher);

}  // namespace probes::look
