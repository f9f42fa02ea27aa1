#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return tests::fuzz::feed(data, size, probes::inventory::is_der, probes::inventory::read_der);
}
