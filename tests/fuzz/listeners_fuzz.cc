// Reads the input as what the kernel says of this host's ports and processes, and as what a server greets with.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/discovery/greeting.h"
#include "exporter/discovery/listening_sockets.h"
#include "exporter/discovery/tls_trial.h"
#include "probes/protocols/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::discovery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const ListeningSocket& socket : listening_in(text))
    if (address_text(socket.endpoint.address).empty()) std::abort();
  if (unit_in(text).size() > size) std::abort();
  const std::string_view protocol = protocol_greeting_so(text);
  if (!protocol.empty() && probes::protocols::find_protocol(protocol) == nullptr) std::abort();
  return 0;
}
