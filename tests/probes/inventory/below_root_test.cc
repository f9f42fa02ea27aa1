#include "probes/inventory/below_root.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

namespace fs = std::filesystem;

class BelowRoot : public testing::Test {
 protected:
  std::string below(const std::string& path) { return below_root(root_ + path, root_).substr(root_.size()); }
  void link(const std::string& target, const std::string& path) { fs::create_symlink(target, root_ + path); }

  const tests::support::TemporaryFolder folder_;
  const std::string root_ = folder_.path();
};

TEST_F(BelowRoot, LinksMeanWhatTheyMeanThere) {
  folder_.write("var/pki/client-1.pem", "x");
  link("/var/pki/client-1.pem", "/var/pki/current.pem");
  link("/var/pki", "/etc");
  EXPECT_EQ(below("/var/pki/current.pem"), "/var/pki/client-1.pem");
  EXPECT_EQ(below("/etc/current.pem"), "/var/pki/client-1.pem");
  EXPECT_EQ(below("/etc/../client"), "/var/client");
  EXPECT_EQ(below("/gone/./a.pem"), "/gone/a.pem");
}

TEST_F(BelowRoot, NothingLeadsAboveIt) {
  link("../../../../../../etc/passwd", "/up");
  EXPECT_EQ(below("/up"), "/etc/passwd");
  EXPECT_EQ(below("/../../etc/passwd"), "/etc/passwd");
}

TEST_F(BelowRoot, CirclesAndPathsElsewhereStayAsTheyAre) {
  link("/a", "/b");
  link("/b", "/a");
  EXPECT_EQ(below("/a"), "/a");
  EXPECT_EQ(below_root("/etc/passwd", root_), "/etc/passwd");
  EXPECT_EQ(below_root(root_ + "more/a", root_), root_ + "more/a");
  EXPECT_EQ(below_root("/etc/../a", ""), "/etc/../a");
}

}  // namespace
}  // namespace probes::inventory
