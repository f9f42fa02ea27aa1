// Feeds every seed of a fuzz target to it, and what mutation finds first: each seed cut short and with a byte changed. Built once
// per target; MTLS_FUZZ_SEEDS is its folder of seeds.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t mutations_limit = 300;  // per seed: a plain test ends within seconds

using Bytes = std::vector<std::uint8_t>;

Bytes read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A copy on the heap of exactly this size, so that AddressSanitizer sees a read past its end.
void feed(Bytes bytes) {
  bytes.shrink_to_fit();
  EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
}

void feed_mutations(const Bytes& seed) {
  const std::size_t step = seed.size() / mutations_limit + 1;
  for (std::size_t at = 0; at < seed.size(); at += step) {
    feed({seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(at)});
    Bytes changed = seed;
    changed[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
    feed(std::move(changed));
  }
}

TEST(Fuzz, SeedsAndTheirNeighboursAreSurvived) {
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MTLS_FUZZ_SEEDS)) {
    SCOPED_TRACE(entry.path());
    const Bytes seed = read(entry.path());
    feed(seed);
    feed_mutations(seed);
    ++seeds;
  }
  EXPECT_GT(seeds, 0u) << "no seeds in " << MTLS_FUZZ_SEEDS;
}

}  // namespace
