#include "exporter/callers/log_follower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
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

// Lines of one length that end alike.
TEST_F(AfterARestart, LogsThatEndAlikeAreToldApart) {
  const std::string end = " called" + std::string(2000, '.') + "\n";
  read_and_stop("1" + end);
  std::filesystem::rename(path, folder.path() + "/elsewhere");
  write("2" + end + "3" + end);
  EXPECT_EQ(resumed().size(), 2u);
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

// A server that writes, a logrotate and an exporter that is killed, in any order: what was counted at the last save goes on from
// there, and in the end each line was counted once.
class AnyHistory : public testing::TestWithParam<unsigned> {
 protected:
  using Counts = std::map<std::string, int>;

  void write() {
    for (int lines = 1 + pick(5); lines > 0; --lines) {
      const std::string line =
          "line " + std::to_string(++written) + " of caller " + std::string(static_cast<std::size_t>(pick(80)), 'x');
      truth[line] = 1;
      writer << rest << line.substr(0, 10) << std::flush;
      rest = line.substr(10) + "\n";
      if (pick(4) > 0) writer << rest << std::flush, rest.clear();
    }
  }
  // Rotations are further apart than looks.
  void rename() {
    look();
    for (int number = 30; number > 0; --number)
      if (std::filesystem::exists(path + "." + std::to_string(number)))
        std::filesystem::rename(path + "." + std::to_string(number), path + "." + std::to_string(number + 1));
    std::filesystem::rename(path, path + ".1");
    if (pick(2) == 0) look();
    write();
    writer << rest << std::flush, rest.clear();
    writer = std::ofstream(path, std::ios::app);
  }
  // Whoever is not there loses nothing by it, and whoever is has read all of it.
  void copy_and_truncate() {
    writer << rest << std::flush, rest.clear();
    look();
    std::filesystem::copy_file(path, path + "-" + std::to_string(++copies));
    std::filesystem::resize_file(path, 0);
  }
  void look() {
    if (!follower) return;
    looked = probes::observations::wall_now();
    tick();
    for (int time = 0; time < 2; ++time)  // the first may find that there is another file
      while (follower->read(
          1 << 20, [&](std::string_view line) { ++counts[std::string(line)]; }, LogFollower::Clock::now())) {
      }
  }
  void save() {
    if (!follower) return;
    saved = follower->checkpoints(), saved_counts = counts, saved_at = looked;
  }
  void start() {
    follower = std::make_unique<LogFollower>(path, saved, saved_at);
    EXPECT_FALSE(follower->take_gone());
    counts = saved_counts;
    look();
  }
  static void tick() { std::this_thread::sleep_for(10ms); }  // of the file system's clock
  int pick(int most) { return std::uniform_int_distribution(0, most - 1)(random); }

  const ::tests::support::TemporaryFolder folder;
  const std::string path = folder.path() + "/callers.log";
  std::mt19937 random{GetParam()};
  std::ofstream writer{path, std::ios::app};
  std::string rest;
  int written = 0, copies = 0;
  Counts truth, counts, saved_counts;
  std::vector<Checkpoint> saved;
  probes::observations::WallTime looked, saved_at;
  std::unique_ptr<LogFollower> follower;
};

TEST_P(AnyHistory, CountsEachLineOnce) {
  start();
  save();
  for (int step = 0; step < 100; ++step) {
    const int what = pick(12);
    if (what < 4) write();
    else if (what < 6) look();
    else if (what < 7) save();
    else if (what < 8) rename();
    else if (what < 9) copy_and_truncate();
    else if (what < 10) follower.reset();
    else if (!follower || what == 11) start();
    tick();
  }
  writer << rest << std::flush;
  start();
  for (const auto& [line, times] : truth) EXPECT_EQ(counts[line], times) << line;
  EXPECT_EQ(counts.size(), truth.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnyHistory, testing::Range(1u, 9u));

}  // namespace
}  // namespace exporter::callers
