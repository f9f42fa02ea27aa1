// Runs the command line tools that make what OpenSSL's library cannot.
#pragma once

#include <string>
#include <vector>

namespace tests::support {

// Runs a program of the PATH with these arguments, its output discarded; true if it exits with 0.
[[nodiscard]] bool run(const std::vector<std::string>& command);

}  // namespace tests::support
