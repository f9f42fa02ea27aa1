#include "config/regular_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/support/test_ca.h"

namespace config {
namespace {

using tests::support::TemporaryFolder;

FileTrouble trouble(const std::string& path, std::size_t limit = 100) {
  const auto result = read_regular_file(path, limit);
  const auto* found = std::get_if<FileTrouble>(&result);
  return found ? *found : FileTrouble{-1, "no trouble"};
}

TEST(RegularFile, IsReadWhole) {
  const TemporaryFolder folder;
  EXPECT_EQ(std::get<std::string>(read_regular_file(folder.write("a", std::string(100, 'x')), 100)), std::string(100, 'x'));
}

TEST(RegularFile, OverTheLimitIsRefused) {
  const TemporaryFolder folder;
  EXPECT_EQ(trouble(folder.write("a", std::string(101, 'x'))).why, "larger than 100 bytes");
}

TEST(RegularFile, APipeADeviceAndAFolderAreRefusedAtOnce) {
  const TemporaryFolder folder;
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(trouble(pipe).why, "not a regular file");
  EXPECT_EQ(trouble("/dev/zero").why, "not a regular file");
  EXPECT_EQ(trouble(folder.path()).code, EISDIR);
}

TEST(RegularFile, AMissingFileKeepsItsError) { EXPECT_EQ(trouble("/no/such/file").code, ENOENT); }

}  // namespace
}  // namespace config
