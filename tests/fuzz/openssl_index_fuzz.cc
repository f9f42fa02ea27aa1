// A CA's database with any content: read to its end, judged, and nothing worse.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "probes/inventory/openssl_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = probes::inventory::parse_index(text, "index.txt");
  std::vector<probes::inventory::IssuedEntry> entries;
  for (const auto& row : read.rows) entries.push_back({row.subject, row.not_after, row.standing});
  const auto states = probes::inventory::issued_states(entries, {});
  if (states.size() != read.rows.size()) __builtin_trap();
  return 0;
}
