#include "exporter/materials/folder_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/support/test_ca.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using tests::support::TemporaryFolder;

TEST(FolderWatch, NoticesWhatIsWrittenReplacedAndRemoved) {
  const TemporaryFolder folder;
  FolderWatch watch;
  EXPECT_TRUE(watch.watch({folder.path()}));
  EXPECT_FALSE(watch.watch({folder.path()})) << "the same folders";
  EXPECT_FALSE(watch.wait(0ms));
  const std::string file = folder.write("a.pem", "a");
  EXPECT_TRUE(watch.wait(10s));
  EXPECT_FALSE(watch.wait(0ms)) << "told once";
  std::filesystem::rename(file, folder.path() + "/b.pem");
  EXPECT_TRUE(watch.wait(10s));
  chmod((folder.path() + "/b.pem").c_str(), 0600);
  EXPECT_TRUE(watch.wait(10s));
  std::filesystem::remove(folder.path() + "/b.pem");
  EXPECT_TRUE(watch.wait(10s));
}

TEST(FolderWatch, ReadingIsNoChange) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.pem", "a");
  FolderWatch watch;
  watch.watch({folder.path()});
  std::ifstream(file).get();
  EXPECT_FALSE(watch.wait(50ms));
}

TEST(FolderWatch, FoldersNoLongerNamedAreLeftAlone) {
  const TemporaryFolder one, other;
  FolderWatch watch;
  watch.watch({one.path()});
  watch.watch({other.path(), "/nonexistent"});
  one.write("a.pem", "a");
  EXPECT_FALSE(watch.wait(50ms));
  other.write("a.pem", "a");
  EXPECT_TRUE(watch.wait(10s));
}

TEST(FolderWatch, AnotherThreadMayWakeIt) {
  FolderWatch watch;
  std::jthread waker([&] { watch.wake(); });
  EXPECT_TRUE(watch.wait(10s));
  EXPECT_FALSE(watch.wait(0ms));
}

}  // namespace
}  // namespace exporter
