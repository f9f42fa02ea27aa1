// Where the corpora written by others are: MTLS_CORPUS_DIR, else ../shared/corpus beside the source tree. Tests that
// need them skip with a message where they are absent.
#pragma once

#include <filesystem>
#include <optional>

namespace tests::support {

// The corpus folder `name` ("x509-limbo"); empty when it is not there.
[[nodiscard]] std::optional<std::filesystem::path> corpus(const std::string& name);

}  // namespace tests::support
