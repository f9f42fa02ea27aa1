#include "exporter/callers/log_follower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "tests/support/test_ca.h"

namespace exporter::callers {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

class Follower : public testing::Test {
 protected:
  void write(const std::string& text, std::ios::openmode mode = std::ios::app) const { std::ofstream(path, mode) << text; }
  void follow(const std::vector<Checkpoint>& from = {}) { follower = std::make_unique<LogFollower>(path, from); }
  Lines read(std::chrono::seconds later = 0s) {
    Lines lines;
    while (follower->read(
        1 << 20, [&](std::string_view line) { lines.emplace_back(line); }, now + later)) {
    }
    return lines;
  }

  const ::tests::support::TemporaryFolder folder;
  const std::string path = folder.path() + "/callers.log";
  const LogFollower::Clock::time_point now = LogFollower::Clock::now();
  std::unique_ptr<LogFollower> follower;
};

TEST_F(Follower, AFileThatIsThereIsReadFromItsEnd) {
  write("old\nhalf");
  follow();
  EXPECT_EQ(read(), Lines());
  write(" of one\nnew\n");
  EXPECT_EQ(read(), Lines{"new"});
}

TEST_F(Follower, AFileThatAppearsIsReadFromItsBeginning) {
  follow();
  EXPECT_EQ(read(), Lines());
  ASSERT_TRUE(follower->trouble());
  EXPECT_EQ(word(follower->trouble()->reason), "not_found");
  write("first\n");
  EXPECT_EQ(read(), Lines{"first"});
  EXPECT_FALSE(follower->trouble());
}

TEST_F(Follower, WhatIsNoFileIsNotRead) {
  std::filesystem::create_directory(path);
  follow();
  EXPECT_EQ(read(), Lines());
  EXPECT_EQ(word(follower->trouble()->reason), "irregular_file");
}

// Its writer goes on for a while, and then opens the new one.
TEST_F(Follower, ByRenameNoLineIsLost) {
  write("");
  follow();
  std::ofstream writer(path, std::ios::app);
  writer << "1\n" << std::flush;
  std::filesystem::rename(path, path + ".1");
  writer << "2\n" << std::flush;
  EXPECT_EQ(read(), (Lines{"1", "2"}));
  writer << "3\n" << std::flush;
  write("4\n");
  EXPECT_EQ(read(), Lines{"3"});
  writer << "5\n" << std::flush;
  EXPECT_EQ(read(1s), (Lines{"5", "4"}));
  (void)read(60s);
  writer << "too late\n" << std::flush;
  write("6\n");
  EXPECT_EQ(read(61s), Lines{"6"});
}

TEST_F(Follower, AFileThatWasCutShortIsReadFromItsBeginning) {
  write("");
  follow();
  write("a line that was read\n");
  EXPECT_EQ(read().size(), 1u);
  std::filesystem::resize_file(path, 0);
  write("new\n");
  EXPECT_EQ(read(), Lines{"new"});
  EXPECT_EQ(follower->take_truncations(), 1u);
}

// By the time of the next look it may be longer than it was.
TEST_F(Follower, AFileThatWasCutShortAndGrewIsToldByItsContent) {
  write("");
  follow();
  write("1111\n");
  EXPECT_EQ(read().size(), 1u);
  write("2222\n3333\n", std::ios::trunc);
  EXPECT_EQ(read(), (Lines{"2222", "3333"}));
  EXPECT_EQ(follower->take_truncations(), 1u);
}

TEST_F(Follower, GoesOnWhereAnEarlierRunStopped) {
  write("");
  follow();
  write("read\nha");
  EXPECT_EQ(read(), Lines{"read"});
  const auto checkpoints = follower->checkpoints();
  follower.reset();
  write("lf\nmeanwhile\n");
  follow(checkpoints);
  EXPECT_EQ(read(), (Lines{"half", "meanwhile"}));
}

TEST_F(Follower, FindsAFileThatWasRenamedMeanwhile) {
  write("");
  follow();
  write("1\n");
  EXPECT_EQ(read(), Lines{"1"});
  const auto checkpoints = follower->checkpoints();
  follower.reset();
  write("2\n");
  std::filesystem::rename(path, path + ".1");
  write("3\n");
  follow(checkpoints);
  EXPECT_EQ(read(), (Lines{"2", "3"}));
}

TEST_F(Follower, AFileThatWasCutShortMeanwhileIsReadWhole) {
  write("");
  follow();
  write("a long line that was read\n");
  EXPECT_EQ(read().size(), 1u);
  const auto checkpoints = follower->checkpoints();
  follower.reset();
  write("1\n", std::ios::trunc);
  follow(checkpoints);
  EXPECT_EQ(read(), Lines{"1"});
}

// What an earlier run left: it has read `lines`, and the follower is gone.
class AfterARestart : public Follower {
 protected:
  void read_and_stop(const std::string& lines) {
    write("");
    follow();
    write(lines);
    (void)read();
    at = probes::observations::wall_now();
    checkpoints = follower->checkpoints();
    follower.reset();
    std::this_thread::sleep_for(20ms);  // the file system's clock ticks in hundredths of a second
  }
  Lines resumed() {
    follower = std::make_unique<LogFollower>(path, checkpoints, at);
    Lines lines = read();
    std::ranges::sort(lines);
    return lines;
  }
  void rename(const std::string& from, const std::string& to) const { std::filesystem::rename(path + from, path + to); }

  probes::observations::WallTime at;
  std::vector<Checkpoint> checkpoints;
};

TEST_F(AfterARestart, EachOfSeveralRotationsIsRead) {
  read_and_stop("1\n");
  write("2\n");
  rename("", ".1");
  write("3\n");
  rename(".1", ".2");
  rename("", ".1");
  write("4\n");
  EXPECT_EQ(resumed(), (Lines{"2", "3", "4"}));
  EXPECT_FALSE(follower->take_gone());
}

TEST_F(AfterARestart, ACopyIsReadWhereTheLogWas) {
  read_and_stop("1\n");
  write("2\n");
  std::filesystem::copy_file(path, path + "-20261128");
  std::filesystem::resize_file(path, 0);
  write("3\n");
  EXPECT_EQ(resumed(), (Lines{"2", "3"}));
  EXPECT_EQ(follower->take_truncations(), 1u);
}

TEST_F(AfterARestart, ACopyOfALogThatGoesOnIsNotRead) {
  read_and_stop("1\n");
  std::filesystem::copy_file(path, path + ".1");
  write("2\n");
  EXPECT_EQ(resumed(), Lines{"2"});
}

TEST_F(AfterARestart, WhatLayBesideItBeforeIsNotRead) {
  std::ofstream(path + ".1") << "old\n";
  std::this_thread::sleep_for(20ms);
  read_and_stop("1\n");
  std::ofstream(path + ".1", std::ios::app) << "written by one that was not told\n";
  EXPECT_EQ(resumed(), Lines());
}

TEST_F(AfterARestart, OtherLogsAndPackedOnesAreNotRead) {
  read_and_stop("1\n");
  for (const char* ending : {".1.gz", "-errors", ".log", "2", ".", ".bak"}) std::ofstream(path + ending) << "other\n";
  EXPECT_EQ(resumed(), Lines());
}

// Its number may be another's by now.
TEST_F(AfterARestart, ALogThatWasReplacedIsReadFromItsBeginning) {
  read_and_stop("a line that was read\n");
  std::filesystem::remove(path);
  write("a line that is new, and longer\n");
  EXPECT_EQ(resumed(), Lines{"a line that is new, and longer"});
}

// Devices are numbered anew with a reboot.
TEST_F(AfterARestart, ALogIsKnownByWhatItHolds) {
  read_and_stop("1\n");
  checkpoints.back().device += 1;
  checkpoints.back().inode += 1;
  write("2\n");
  EXPECT_EQ(resumed(), Lines{"2"});
}

TEST_F(AfterARestart, ALogOutOfReachIsTold) {
  read_and_stop("1\n");
  std::filesystem::remove(path);
  write("2\n");
  EXPECT_EQ(resumed(), Lines{"2"});
  EXPECT_TRUE(follower->take_gone() || follower->take_truncations() == 1);
}

TEST_F(AfterARestart, ALogThatWasNotThereIsReadFromItsBeginning) {
  follow();
  EXPECT_EQ(read(), Lines());
  checkpoints = follower->checkpoints();
  write("1\n");
  EXPECT_EQ(resumed(), Lines{"1"});
  EXPECT_FALSE(follower->take_gone());
}

// It was renamed long ago: what its writer still puts there counts once.
TEST_F(AfterARestart, ALogThatWasReadToItsEndGoesOnThere) {
  write("");
  follow();
  write("1\n");
  rename("", ".1");
  write("2\n");
  (void)read();
  EXPECT_EQ(read(1s), Lines{"2"});
  (void)read(60s);
  at = probes::observations::wall_now();
  checkpoints = follower->checkpoints();
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_TRUE(checkpoints.front().finished);
  std::ofstream(path + ".1", std::ios::app) << "3\n";
  EXPECT_EQ(resumed(), Lines{"3"});
}

}  // namespace
}  // namespace exporter::callers
