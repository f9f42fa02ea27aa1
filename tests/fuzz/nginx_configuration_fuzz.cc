// Any bytes at all are a configuration of nginx to the reader: what it cannot make sense of is counted.
#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/discovery/nginx_configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::discovery;
  const std::string text(reinterpret_cast<const char*>(data), size);
  int reads = 0;  // every include is the text itself, a few times over
  const ServerFiles files{.read = [&](const std::string&, Errors&) { return ++reads < 8 ? std::optional(text) : std::nullopt; },
                          .matches = [](const std::string& pattern) { return std::vector{pattern}; },
                          .leaf_name = [](const std::string&) { return std::string("leaf.example"); }};
  Errors errors;
  (void)read_nginx("/x/nginx.conf", text, files, errors);
  return 0;
}
