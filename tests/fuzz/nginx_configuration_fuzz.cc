// Any bytes at all are a configuration of nginx to the reader: what it cannot make sense of is counted.
#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/discovery/nginx_configuration.h"
#include "tests/fuzz/any_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::discovery;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Troubles troubles;
  const std::vector<ConfigurationFile> files{{"/x/configuration", text}};
  (void)read_nginx(files, tests::fuzz::any_files(text), troubles);
  return 0;
}
