// Databases of authorities as others keep them: every line is read, expiry goes by the clock and R wins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "probes/inventory/openssl_index.h"
#include "tests/support/corpus.h"

namespace tests::corpus {
namespace {

namespace fs = std::filesystem;
using namespace probes::observations;

struct Expected {
  std::map<char, std::uint64_t> flags;  // as written
  std::uint64_t rows = 0;
};

Expected written(const fs::path& path) {
  Expected expected;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    ++expected.flags[line.front()];
    ++expected.rows;
  }
  return expected;
}

TEST(CaDatabases, EveryLineIsReadAndStatesGoByTheClock) {
  const auto folder = support::corpus("ca-databases");
  if (!folder) GTEST_SKIP() << "no corpus";
  int databases = 0;
  for (const auto& entry : fs::directory_iterator(*folder)) {
    if (!entry.path().string().ends_with(".index.txt")) continue;
    SCOPED_TRACE(entry.path());
    ++databases;
    const Expected expected = written(entry.path());
    const config::Authority settings{.openssl_index = entry.path().string()};
    const auto long_after =
        probes::inventory::read_openssl_index(settings, std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
    EXPECT_THAT(long_after.troubles, testing::IsEmpty());
    std::uint64_t rows = 0;
    for (const std::uint64_t count : long_after.counts) rows += count;
    EXPECT_EQ(rows, expected.rows);
    EXPECT_EQ(long_after.counts[static_cast<std::size_t>(IssuedState::valid)], 0u) << "all of them have ended, whatever the flag";
    const auto revoked = expected.flags.contains('R') ? expected.flags.at('R') : 0;
    EXPECT_EQ(long_after.counts[static_cast<std::size_t>(IssuedState::revoked)], revoked);
    const auto long_before =
        probes::inventory::read_openssl_index(settings, std::chrono::sys_days(std::chrono::year(1940) / 1 / 1));
    EXPECT_EQ(long_before.counts[static_cast<std::size_t>(IssuedState::expired)], 0u) << "none had ended then, whatever the flag";
  }
  EXPECT_EQ(databases, 2);
}

TEST(CaDatabases, Utf8IsUnescaped) {
  const auto folder = support::corpus("ca-databases");
  if (!folder) GTEST_SKIP() << "no corpus";
  const config::Authority settings{.openssl_index = (*folder / "tls-o-matic-utf8.index.txt").string(), .publish = {}};
  const auto found = probes::inventory::read_openssl_index(settings, std::chrono::sys_days(std::chrono::year(2016) / 1 / 1));
  const auto named = [&](std::string_view subject) {
    return std::ranges::any_of(found.published, [&](const auto& one) { return one.certificate->subject() == subject; });
  };
  EXPECT_TRUE(named("/O=hej och h\u00e5/CN=www2.tls-o-matic.com"));
  EXPECT_TRUE(named("/O=Manuelas klara bilar AB \U0001F699 /CN=test42.tls-o-matic.com"));
}

}  // namespace
}  // namespace tests::corpus
