#include "config/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace config {
namespace {

using testing::HasSubstr;

TEST(ReadFile, ReadsUpToItsLimit) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "yaml_test_read_file";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "a.yml").string();
  std::ofstream(path) << "12345";
  Mistakes mistakes(path);
  EXPECT_EQ(read_file(path, mistakes, 5), "12345");
  EXPECT_TRUE(mistakes.empty());
  EXPECT_EQ(read_file(path, mistakes, 4), std::nullopt);
  EXPECT_EQ(mistakes.text(), path + ": larger than 4 bytes; name a regular file of at most 4 bytes");
  std::filesystem::remove_all(folder);
}

TEST(ReadFile, SaysWhyItCannot) {
  Mistakes missing("none");
  EXPECT_EQ(read_file("/no/such/file.yml", missing), std::nullopt);
  EXPECT_THAT(missing.text(), HasSubstr("No such file"));
  Mistakes folder("folder");
  EXPECT_EQ(read_file("/", folder), std::nullopt);
  EXPECT_THAT(folder.text(), HasSubstr("is a folder"));
}

}  // namespace
}  // namespace config
