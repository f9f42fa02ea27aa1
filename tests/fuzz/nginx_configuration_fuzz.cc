// Any bytes at all are a configuration of nginx to the reader: what it cannot make sense of is counted.
#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/discovery/nginx_configuration.h"
#include "tests/fuzz/any_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::discovery;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Errors errors;
  (void)read_nginx("/x/nginx.conf", text, tests::fuzz::any_files(text), errors);
  return 0;
}
