// Any bytes at all are an answer of Consul's or none.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/discovery/consul_answers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::discovery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string tags[] = {"tls"};
  Troubles troubles;
  (void)consul_services(text, tags);
  (void)consul_instances(text, {}, "consul", troubles);
  (void)consul_index(text, 1);
  return 0;
}
