// Any bytes at all, given to one reader of certificates at rest: it reports, and never crashes, hangs or throws. A reader is
// given what its format recognises, as format.cc does; passphrases are tried.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "probes/inventory/reading.h"

namespace tests::fuzz {

inline int feed(const std::uint8_t* data, std::size_t size, bool (*recognises)(std::string_view),
                void (*read)(std::string_view, probes::inventory::Reading)) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!recognises(bytes)) return 0;
  static const std::string path = "file";
  probes::tls::Secret passphrases[1] = {probes::tls::Secret(1)};
  passphrases[0].data()[0] = 'x';
  probes::observations::Inventory found;
  read(bytes, probes::inventory::Reading(path, passphrases, found));
  return 0;
}

}  // namespace tests::fuzz
