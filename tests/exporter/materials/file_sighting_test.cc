#include "exporter/materials/file_sighting.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/test_ca.h"

namespace exporter {
namespace {

namespace fs = std::filesystem;

class Sightings : public testing::Test {
 protected:
  tests::support::TemporaryFolder folder;
  std::string file = folder.write("file", "one");
};

TEST_F(Sightings, AreEqualWhileNothingHappens) {
  EXPECT_EQ(sight({file, folder.path() + "/none"}), sight({file, folder.path() + "/none"}));
  EXPECT_EQ(sight_patterns({folder.path()}), sight_patterns({folder.path()}));
}

TEST_F(Sightings, TellAnOverwriteOfTheSameSize) {
  const Sighting before = sight({file});
  while (sight({file}) == before) folder.write("file", "two");  // a tick of the file system's clock
  EXPECT_EQ(sight({file}).at(0).size, 3);
}

TEST_F(Sightings, TellAReplacementWithTheOldTime) {
  const Sighting before = sight({file});
  const std::string beside = folder.write("beside", "two");
  fs::last_write_time(beside, fs::last_write_time(file));
  fs::rename(beside, file);
  EXPECT_NE(sight({file}), before);
}

TEST_F(Sightings, TellAFileThatComesAndGoes) {
  const Sighting before = sight({file});
  fs::remove(file);
  const Sighting gone = sight({file});
  EXPECT_NE(gone, before);
  folder.write("file", "one");
  EXPECT_NE(sight({file}), gone);
}

TEST_F(Sightings, TellASwapOfTheFolderBehindALink) {
  folder.write("old/key", "one");
  folder.write("new/key", "one");
  fs::create_directory_symlink("old", folder.path() + "/data");
  fs::create_symlink("data/key", folder.path() + "/key");
  const Sighting before = sight({folder.path() + "/key"});
  fs::create_directory_symlink("new", folder.path() + "/data_tmp");
  fs::rename(folder.path() + "/data_tmp", folder.path() + "/data");
  EXPECT_NE(sight({folder.path() + "/key"}), before);
}

TEST_F(Sightings, TellAChangeOfPermissions) {
  const Sighting before = sight({file});
  while (sight({file}) == before) {
    chmod(file.c_str(), 0600);
    chmod(file.c_str(), 0640);
  }
  EXPECT_EQ(sight({file}).at(0).modified, before.at(0).modified);
}

TEST_F(Sightings, OfFoldersAndGlobsTellANewFile) {
  const Sighting in_folder = sight_patterns({folder.path()});
  const Sighting in_glob = sight_patterns({folder.path() + "/*.pem"});
  folder.write("new.pem", "");
  EXPECT_NE(sight_patterns({folder.path()}), in_folder);
  EXPECT_NE(sight_patterns({folder.path() + "/*.pem"}), in_glob);
}

}  // namespace
}  // namespace exporter
