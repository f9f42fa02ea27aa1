#include "probes/inventory/walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

namespace fs = std::filesystem;
using observations::Trouble;
using testing::ElementsAre;
using testing::IsEmpty;

class Walking : public testing::Test {
 protected:
  Walking() {
    for (const char* name : {"a.pem", "b.txt", "sub/c.pem", "sub/deep/d.pem", ".hidden/e.pem"}) folder_.write(name, "x");
  }

  // What `pattern` matches, relative to the folder; troubles go to reasons_.
  std::vector<std::string> matches(const std::string& pattern, bool follow = false, std::vector<std::string> exclude = {}) {
    std::vector<std::string> found;
    reasons_.clear();
    walk(in(pattern), {.follow_symlinks = follow,
                       .exclude = std::move(exclude),
                       .root = root_,
                       .file = [&](const std::string& path, bool) { found.push_back(path.substr(folder_.path().size() + 1)); },
                       .trouble = [&](const Trouble& trouble) { reasons_.emplace_back(word(trouble.reason)); }});
    for (std::string& one : found) one.erase(0, one.find_first_not_of('/'));
    return found;
  }
  std::string in(const std::string& name) const { return folder_.path() + "/" + name; }

  tests::support::TemporaryFolder folder_;
  std::vector<std::string> reasons_;
  std::string root_;
};

TEST_F(Walking, AFileIsItself) { EXPECT_THAT(matches("a.pem"), ElementsAre("a.pem")); }

TEST_F(Walking, AFolderIsAllBelowItButHiddenNames) {
  EXPECT_THAT(matches(""), ElementsAre("a.pem", "b.txt", "sub/c.pem", "sub/deep/d.pem"));
}

TEST_F(Walking, AStarStaysWithinOneName) {
  EXPECT_THAT(matches("*.pem"), ElementsAre("a.pem"));
  EXPECT_THAT(matches("*/*.pem"), ElementsAre("sub/c.pem"));
  EXPECT_THAT(matches("[ab].*"), ElementsAre("a.pem", "b.txt"));
}

TEST_F(Walking, TwoStarsStandForAnyNumberOfFolders) {
  EXPECT_THAT(matches("**/*.pem"), ElementsAre("a.pem", "sub/c.pem", "sub/deep/d.pem"));
  EXPECT_THAT(matches("sub/**/d.pem"), ElementsAre("sub/deep/d.pem"));
  EXPECT_THAT(matches("**"), ElementsAre("a.pem", "b.txt", "sub/c.pem", "sub/deep/d.pem"));
}

TEST_F(Walking, WhatMatchesNothingIsNotFound) {
  EXPECT_THAT(matches("*.crt"), IsEmpty());
  EXPECT_THAT(reasons_, ElementsAre("not_found"));
  EXPECT_THAT(matches("gone/*.pem"), IsEmpty());
  EXPECT_THAT(reasons_, ElementsAre("not_found"));
  EXPECT_THAT(matches("gone.pem"), IsEmpty());
  EXPECT_THAT(reasons_, ElementsAre("not_found"));
}

TEST_F(Walking, ALinkMayLeadAnywhereWithinTheFolderNamed) {
  fs::create_symlink("sub/c.pem", in("link.pem"));
  EXPECT_THAT(matches("link.*"), ElementsAre("link.pem"));
  EXPECT_THAT(reasons_, IsEmpty());
}

TEST_F(Walking, ALinkOutOfTheFolderIsFollowedOnlyWhereAllowed) {
  const tests::support::TemporaryFolder elsewhere;
  elsewhere.write("secret.pem", "x");
  fs::create_symlink(elsewhere.path() + "/secret.pem", in("z.pem"));
  fs::create_directory_symlink(elsewhere.path(), in("sub/out"));
  EXPECT_THAT(matches("**/*.pem"), ElementsAre("a.pem", "sub/c.pem", "sub/deep/d.pem"));
  EXPECT_THAT(reasons_, ElementsAre("out_of_scope_symlink", "out_of_scope_symlink"));
  EXPECT_THAT(matches("**/*.pem", true), ElementsAre("a.pem", "sub/c.pem", "sub/deep/d.pem", "sub/out/secret.pem", "z.pem"));
  EXPECT_THAT(matches("z.pem"), ElementsAre("z.pem"));  // named outright
}

TEST_F(Walking, CertbotsLinksLeadToItsArchive) {
  folder_.write("le/archive/site.example/cert1.pem", "x");
  folder_.write("le/live/README", "x");
  fs::create_directory(in("le/live/site.example"));
  fs::create_symlink("../../archive/site.example/cert1.pem", in("le/live/site.example/cert.pem"));
  fs::create_symlink("../../../a.pem", in("le/live/site.example/other.pem"));
  EXPECT_THAT(matches("le/live"), ElementsAre("le/live/README", "le/live/site.example/cert.pem"));
  EXPECT_THAT(reasons_, ElementsAre("out_of_scope_symlink"));
}

TEST_F(Walking, WhatIsExcludedIsPassedOver) {
  EXPECT_THAT(matches("", false, {"*.txt", in("sub/deep")}), ElementsAre("a.pem", "sub/c.pem"));
  EXPECT_THAT(reasons_, IsEmpty());
  EXPECT_THAT(matches("*.txt", false, {"**/b.*"}), IsEmpty());
  EXPECT_THAT(reasons_, ElementsAre("not_found"));
}

TEST_F(Walking, LinksOfAnotherMachinesFilesLeadBelowItsRoot) {
  folder_.write("host/usr/share/ca/x.pem", "x");
  fs::create_directories(in("host/etc/ssl"));
  fs::create_symlink("/usr/share/ca", in("host/etc/ssl/certs"));
  fs::create_symlink("/etc/ssl/certs/x.pem", in("host/etc/ssl/link.pem"));
  root_ = in("host");
  EXPECT_THAT(matches("host/etc/ssl", true), ElementsAre("host/etc/ssl/certs/x.pem", "host/etc/ssl/link.pem"));
  EXPECT_THAT(matches("host/etc/ssl/link.pem"), ElementsAre("host/etc/ssl/link.pem"));
  EXPECT_THAT(reasons_, IsEmpty());
}

TEST_F(Walking, ALoopOfLinksIsOneTrouble) {
  fs::create_directory_symlink("..", in("sub/up"));
  EXPECT_THAT(matches("**/*.pem"), ElementsAre("a.pem", "sub/c.pem", "sub/deep/d.pem"));
  EXPECT_THAT(reasons_, ElementsAre("symlink_loop"));
  fs::create_symlink("self", in("self"));
  EXPECT_THAT(matches("self"), IsEmpty());
  EXPECT_THAT(reasons_, ElementsAre("symlink_loop"));
}

TEST_F(Walking, PipesAndFilesOfTheKernelAreRefused) {
  mkfifo(in("pipe.pem").c_str(), 0600);
  EXPECT_THAT(matches("*.pem"), ElementsAre("a.pem"));
  EXPECT_THAT(reasons_, ElementsAre("irregular_file"));
  std::vector<std::string> reasons;
  const Walk steps{.file = [&](const std::string& path, bool) { ADD_FAILURE() << path; },
                   .trouble = [&](const Trouble& trouble) { reasons.emplace_back(word(trouble.reason)); }};
  for (const char* path : {"/proc/self/environ", "/proc/self", "/proc/*/environ", "/dev/null"}) walk(path, steps);
  EXPECT_THAT(reasons, ElementsAre("irregular_file", "irregular_file", "irregular_file", "irregular_file"));
}

TEST_F(Walking, FoldersNestedBeyondTheLimitAreNotGoneInto) {
  fs::path deep = in("nest");
  for (int depth = 0; depth <= deepest_folder; ++depth) deep /= "n";
  fs::create_directories(deep);
  matches("nest");
  EXPECT_THAT(reasons_, ElementsAre("too_deep"));
}

}  // namespace
}  // namespace probes::inventory
