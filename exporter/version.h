// Which build this is, and which OpenSSL it runs with.
#pragma once

#include <string>
#include <string_view>

namespace exporter {

struct Build {
  std::string version;   // "0.1.0", from the project's CMakeLists.txt
  std::string revision;  // the commit, from git or whoever packaged the sources; "unknown"
  std::string compiler;  // "g++ 12.2.0"
  std::string openssl;   // "3.0.22": the library that runs, which may be newer than the one that was compiled against
};

[[nodiscard]] const Build& build();

// "mtls_exporter 0.1.0 (revision 0123456789ab, g++ 12.2.0, OpenSSL 3.0.22)"
[[nodiscard]] std::string build_line();

// Of this build: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace exporter
