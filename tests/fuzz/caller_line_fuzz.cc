// A line of a log with any content: a call or none, its certificate read, and a record of it rendered.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/callers/book.h"
#include "exporter/metrics/family.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter;
  config::Callers door;
  door.name = "door";
  callers::Book book(door);
  callers::SeenCertificates certificates;
  const WallTime now{std::chrono::seconds(1793491200)};
  book.note_line({reinterpret_cast<const char*>(data), size}, certificates, {}, now);
  book.refresh(now, std::chrono::seconds(1));
  const SourceSlot slot = book.slot();
  (void)metrics::render(metrics::rows(slot, {}), config::Detail::full);
  return 0;
}
