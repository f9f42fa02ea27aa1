#include "tests/support/corpus.h"

#include <cstdlib>
#include <string>

namespace tests::support {

std::optional<std::filesystem::path> corpus(const std::string& name) {
  const char* configured = std::getenv("MTLS_CORPUS_DIR");
  const std::filesystem::path root =
      configured ? configured : std::filesystem::path(MTLS_SOURCE_DIR) / ".." / "shared" / "corpus";
  const std::filesystem::path folder = root / name;
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

}  // namespace tests::support
