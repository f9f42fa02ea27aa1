#include "probes/inventory/java_object.h"
#include "tests/fuzz/reader.h"

// Formats that are another in an encoding; a serialised Java object has no seed file of its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probes::inventory;
  tests::fuzz::feed(data, size, is_utf16, read_utf16);
  tests::fuzz::feed(data, size, is_base64, read_base64);
  (void)java_object_size({reinterpret_cast<const char*>(data), size});
  return tests::fuzz::feed(data, size, is_openvpn, read_openvpn);
}
