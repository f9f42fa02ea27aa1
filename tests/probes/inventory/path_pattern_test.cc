#include "probes/inventory/path_pattern.h"

#include <gtest/gtest.h>

namespace probes::inventory {
namespace {

TEST(PathPattern, ANameIsMeantWhereverItLies) {
  EXPECT_TRUE(path_matches("README", "/etc/letsencrypt/live/README"));
  EXPECT_TRUE(path_matches("*.bak", "/etc/ssl/.old.bak"));
  EXPECT_FALSE(path_matches("README", "/etc/README/a.pem")) << "its folder is what matches, and is not entered";
}

TEST(PathPattern, TwoStarsStandForAnyNumberOfFolders) {
  EXPECT_TRUE(path_matches("**/README", "/README"));
  EXPECT_TRUE(path_matches("**/README", "/a/b/README"));
  EXPECT_TRUE(path_matches("/etc/**/old/*.pem", "/etc/old/a.pem"));
  EXPECT_TRUE(path_matches("/etc/**/old/*.pem", "/etc/a/old/b/old/a.pem"));
  EXPECT_FALSE(path_matches("/etc/**/old/*.pem", "/etc/a/old/b/a.pem"));
  EXPECT_TRUE(path_matches("/etc/ssl/**", "/etc/ssl/a/b"));
}

TEST(PathPattern, AStarStaysWithinOneName) {
  EXPECT_TRUE(path_matches("/etc/*/a.pem", "/etc/ssl//./a.pem"));
  EXPECT_FALSE(path_matches("/etc/*/a.pem", "/etc/ssl/b/a.pem"));
  EXPECT_FALSE(path_matches("/etc/*", "/etc"));
  EXPECT_FALSE(path_matches("/etc/ssl", "/etc/ssl/a.pem"));
}

}  // namespace
}  // namespace probes::inventory
