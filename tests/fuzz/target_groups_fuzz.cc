// Any bytes at all are a list of targets or none, as JSON and as YAML.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/discovery/target_groups.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::discovery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Troubles troubles;
  for (const ListFormat format : {ListFormat::json, ListFormat::yaml})
    (void)read_target_groups(text, format, "list", {}, troubles);
  return 0;
}
