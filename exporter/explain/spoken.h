// What is spoken at a port before TLS, or instead of it, as far as the server's own greeting or the port's number gives it away.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "exporter/explain/causes.h"

namespace exporter::explain {

struct Spoken {
  std::string_view name;           // of the protocol, as `protocol` has it
  std::string_view words;          // for people
  std::uint16_t port = 0;          // its own
  bool before_tls = true;          // TLS comes later; false: never
  std::string_view greeting = {};  // how the failure's detail calls its greeting (probes/tls/failure.h); empty: it is silent
};

// Null: nothing tells. Only for handshakes that met something else than TLS, a close or silence.
[[nodiscard]] const Spoken* spoken_before_tls(const Facts& facts);

}  // namespace exporter::explain
