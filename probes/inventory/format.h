// The table of formats. A new one is a row here, a file, its test and its seeds.
#pragma once

#include <span>
#include <string_view>

#include "probes/inventory/reading.h"

namespace probes::inventory {

struct Format {
  std::string_view name;  // for people
  bool (*recognises)(std::string_view bytes);
  void (*read)(std::string_view bytes, Reading reading);
};

// In the order in which they are tried: the first that recognises the bytes reads them.
[[nodiscard]] std::span<const Format> all_formats();

// The format of `bytes`; null: none that is known.
[[nodiscard]] const Format* format_of(std::string_view bytes);

// Reads `bytes`, whatever they are. Without certificates, revocation lists or trouble there is the trouble no_certificates, which
// names what there was instead: a key, an empty keystore.
void read_bytes(std::string_view bytes, Reading reading);

}  // namespace probes::inventory
