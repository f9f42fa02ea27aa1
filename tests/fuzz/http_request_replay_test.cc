// The fuzz target as a plain test: every seed, and every seed with one byte changed or cut short.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes) { LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()); }

TEST(HttpRequestFuzz, SeedsAreReadAlikeWholeAndInPieces) {
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MTLS_SOURCE_DIR "/tests/fuzz/seeds/http_request")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string seed{std::istreambuf_iterator<char>(file), {}};
    ++seeds;
    run(seed);
    for (std::size_t at = 0; at < seed.size(); ++at) {
      std::string changed = seed;
      for (const char byte : {'\0', '\n', '\r', ' ', ':', '%', '9', '\xff'}) {
        changed[at] = byte;
        run(changed);
      }
      run(seed.substr(0, at));
    }
  }
  EXPECT_GE(seeds, 8);
}

}  // namespace
