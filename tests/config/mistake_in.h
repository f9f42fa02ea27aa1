// What is wrong with a piece of configuration, for tests of one section.
#pragma once

#include <string>

#include "config/load.h"

namespace config {

// What `read(entries)` says is wrong; "none": nothing is.
template <typename Read>
std::string mistake_in(Read read, const std::string& entries) {
  try {
    (void)read(entries);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace config
