// The file that outlives a restart: what is in it after one, and what becomes of it when it cannot be used.
#include "exporter/storage/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "exporter/storage/database.h"
#include "tests/support/test_ca.h"

namespace exporter::storage {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const WallTime noon = probes::observations::wall_now();

CallerRow a_caller(const std::string& key, std::uint64_t accepted) {
  return {.id = {"gateway", key},
          .has_certificate = true,
          .subject = "CN=billing",
          .issuer = "CN=Clients CA",
          .serial = "0a",
          .fingerprint = "",
          .not_after = std::chrono::sys_seconds(253402300799s),
          .first_seen = noon - 24h,
          .last_seen = noon,
          .longest_gap = 3h,
          .accepted = accepted,
          .refused = 2,
          .server = std::string("a\0b", 3),
          .addresses = {"192.0.2.1", "2001:db8::1"},
          .more_addresses = true,
          .said = "SUCCESS",
          .verification = 1};
}

class AStorage : public testing::Test {
 protected:
  void open() {
    storage.reset();
    storage = std::make_unique<Storage>(
        path, 24h * 90, [] { return noon; }, Pace{.every = 40ms, .gather = 10ms});
    ASSERT_TRUE(soon([&] { return storage->settled(); }));
  }
  void put(Changes changes) { storage->put(std::move(changes), storage->opened()); }
  void put_caller(const std::string& key, std::uint64_t accepted) {
    put({.certificates = {{key, "der of " + key}}, .callers = {a_caller(key, accepted)}, .gone_callers = {}, .logs = {}});
  }
  std::vector<std::string> beside() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename());
    return names;
  }
  std::string aside(const std::string& why) const {
    for (const std::string& name : beside())
      if (name.starts_with("state.sqlite." + why + "-") && !name.ends_with("-wal")) return folder.path() + "/" + name;
    return {};
  }
  template <typename Condition>
  static bool soon(Condition condition) {
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;
         std::this_thread::sleep_for(2ms))
      if (condition()) return true;
    return false;
  }

  const ::tests::support::TemporaryFolder folder;
  std::string path = folder.path() + "/state.sqlite";
  std::unique_ptr<Storage> storage;
};

TEST_F(AStorage, KeepsWhatWasHandedOver) {
  open();
  const LogRow log{
      .id = {"gateway", "/var/log/a.log"},
      .at = noon,
      .files = {{.device = ~0ull, .inode = 7, .offset = 5'000'000'000, .mark = std::string("x\0\n", 3), .finished = true},
                {.device = 1, .inode = 8, .offset = 0, .mark = "", .finished = false}}};
  put({.certificates = {{"one", std::string("\0der", 4)}}, .callers = {a_caller("one", 5)}, .gone_callers = {}, .logs = {log}});
  open();
  const StoredDoor stored = storage->take("gateway");
  EXPECT_THAT(stored.callers, testing::ElementsAre(a_caller("one", 5)));
  EXPECT_THAT(stored.certificates, testing::ElementsAre(CertificateRow{"one", std::string("\0der", 4)}));
  EXPECT_THAT(stored.logs, testing::ElementsAre(log));
  EXPECT_TRUE(storage->take("gateway").callers.empty());  // it was taken
  EXPECT_TRUE(storage->take("other").callers.empty());
}

TEST_F(AStorage, ListsNeedNoAskingAndAreTakenOnce) {
  const auto list = [](const std::string& url, const std::string& body) {
    return ListRow{.url = url, .body = std::make_shared<const std::string>(body), .at = noon};
  };
  storage = std::make_unique<Storage>(
      path, 24h * 90, [] { return noon; }, Pace{.every = 40ms, .gather = 10ms});
  storage->put(list("http://a/1.crl", "before"));  // it may not be open yet
  storage->put(list("http://a/1.crl", std::string("\0der", 4)));
  storage->put(list("http://a/2.crl", "other"));
  open();
  const auto taken = storage->take_list("http://a/1.crl");
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, std::string("\0der", 4));
  EXPECT_FALSE(storage->take_list("http://a/1.crl"));
  EXPECT_FALSE(storage->take_list("http://a/3.crl"));
  storage->put(list("http://a/2.crl", "now"));
  EXPECT_FALSE(storage->take_list("http://a/2.crl")) << "whoever has a later one does not want it";
  open();
  EXPECT_EQ(*storage->take_list("http://a/2.crl"), "now");
}

TEST_F(AStorage, AListThatDidNotComeForLongIsForgotten) {
  open();
  storage->put({.url = "http://a/1.crl", .body = std::make_shared<const std::string>("old"), .at = noon - 24h * 91});
  open();
  ASSERT_TRUE(soon([&] { return !storage->figures().rows.empty(); }));
  open();
  EXPECT_FALSE(storage->take_list("http://a/1.crl"));
}

TEST_F(AStorage, WritesTheLatestOfEachRow) {
  open();
  put_caller("one", 1);
  put_caller("two", 1);
  put_caller("one", 2);
  put({.certificates = {}, .callers = {}, .gone_callers = {{"gateway", "two"}}, .logs = {}});
  ASSERT_TRUE(soon([&] { return storage->figures().written.has_value(); }));
  put_caller("one", 3);
  open();
  EXPECT_THAT(storage->take("gateway").callers, testing::ElementsAre(a_caller("one", 3)));
  EXPECT_THAT(storage->figures().rows, testing::Contains(std::pair<std::string, std::uint64_t>("caller", 1)));
  EXPECT_GT(storage->figures().bytes, 0u);
  EXPECT_TRUE(storage->figures().up);
}

TEST_F(AStorage, ForgetsWhatWasNotSeenForLong) {
  open();
  CallerRow old = a_caller("old", 1);
  old.last_seen = noon - 24h * 91;
  put({.certificates = {{"old", "der"}}, .callers = {old}, .gone_callers = {}, .logs = {}});
  put_caller("one", 1);
  open();
  ASSERT_TRUE(soon([&] { return !storage->figures().rows.empty(); }));
  open();
  const StoredDoor stored = storage->take("gateway");
  EXPECT_EQ(stored.callers.size(), 1u);
  EXPECT_EQ(stored.certificates.size(), 1u);
}

TEST_F(AStorage, AFileThatIsNoDatabaseIsSetAside) {
  std::ofstream(path) << std::string(5000, 'x');
  open();
  EXPECT_EQ(storage->opened(), 1u);
  EXPECT_EQ(fs::file_size(aside("corrupt")), 5000u);
  put_caller("one", 1);
  open();
  EXPECT_EQ(storage->take("gateway").callers.size(), 1u);
}

TEST_F(AStorage, ADatabaseWithABrokenPageIsSetAside) {
  open();
  for (int at = 0; at < 500; ++at) put_caller(std::to_string(at), 1);
  storage.reset();
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2 / 4096 * 4096));
  file << std::string(4096, '\xff') << std::flush;
  open();
  EXPECT_EQ(storage->opened(), 1u);
  EXPECT_NE(aside("corrupt"), "");
  EXPECT_TRUE(storage->take("gateway").callers.empty());
}

TEST_F(AStorage, ADatabaseOfALaterVersionIsSetAside) {
  open();
  put_caller("one", 1);
  storage.reset();
  Database(path).run("pragma user_version = 99");
  open();
  EXPECT_NE(aside("newer"), "");
  EXPECT_TRUE(storage->take("gateway").callers.empty());
  EXPECT_EQ(Database(aside("newer")).integer("select count(*) from caller"), 1);  // as it was
}

TEST_F(AStorage, TheDatabaseOfAnotherProgramIsLeftAlone) {
  Database(path).run("create table theirs (a); insert into theirs values (1)");
  open();
  EXPECT_EQ(storage->opened(), 0u);
  EXPECT_FALSE(storage->figures().up);
  EXPECT_EQ(aside("corrupt"), "");
  storage.reset();
  EXPECT_EQ(Database(path).integer("select count(*) from theirs"), 1);
}

TEST_F(AStorage, AFileThatCannotBeMadeIsTriedAgain) {
  path = folder.path() + "/later/state.sqlite";
  open();
  EXPECT_EQ(storage->opened(), 0u);
  ASSERT_TRUE(soon([&] { return storage->asked() > 1; }));
  EXPECT_FALSE(storage->figures().up);
  fs::create_directory(folder.path() + "/later");
  ASSERT_TRUE(soon([&] { return storage->opened() == 1; }));
  put_caller("one", 1);
  ASSERT_TRUE(soon([&] { return storage->figures().up && storage->figures().written; }));
}

TEST_F(AStorage, AFileThatIsRemovedIsBegunAnew) {
  open();
  put_caller("one", 1);
  ASSERT_TRUE(soon([&] { return storage->figures().written.has_value(); }));
  fs::remove(path);
  ASSERT_TRUE(soon([&] { return storage->opened() == 2; }));
  put_caller("two", 1);
  open();
  EXPECT_EQ(storage->take("gateway").callers.size(), 1u);
}

TEST_F(AStorage, AnotherProcessThatHasTheFileIsWaitedFor) {
  open();
  Storage other(
      path, 24h, [] { return noon; }, Pace{.every = 40ms, .gather = 10ms});
  ASSERT_TRUE(soon([&] { return other.settled(); }));
  EXPECT_EQ(other.opened(), 0u);
  storage.reset();
  EXPECT_TRUE(soon([&] { return other.opened() == 1; }));
}

// A limit of the size of files stands for a disk that is full.
TEST_F(AStorage, WhatAFullDiskKeepsOutIsWrittenLater) {
  std::signal(SIGXFSZ, SIG_IGN);
  open();
  put_caller("one", 1);
  ASSERT_TRUE(soon([&] { return storage->figures().written.has_value(); }));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  for (int at = 0; at < 200; ++at) put_caller("more" + std::to_string(at), 1);
  const bool noticed = soon([&] { return !storage->figures().up; });
  put_caller("one", 2);
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_TRUE(noticed);
  ASSERT_TRUE(soon([&] { return storage->figures().up; }));
  EXPECT_EQ(storage->opened(), 1u);  // nothing was lost or begun anew
  open();
  const StoredDoor stored = storage->take("gateway");
  EXPECT_EQ(stored.callers.size(), 201u);
  EXPECT_THAT(stored.callers, testing::Contains(a_caller("one", 2)));
}

TEST_F(AStorage, WhatWasMadeForAnEarlierFileIsNotTaken) {
  open();
  storage->put({.certificates = {}, .callers = {a_caller("one", 1)}, .gone_callers = {}, .logs = {}}, 7);
  open();
  EXPECT_TRUE(storage->take("gateway").callers.empty());
}

// Counts and how far the log was read: one without the other would count twice, or lose.
[[noreturn]] void write_for_ever(const std::string& path) {
  Storage storage(
      path, 24h, [] { return noon; }, Pace{.every = 2ms, .gather = 1ms});
  while (storage.opened() == 0) std::this_thread::sleep_for(1ms);
  const StoredDoor before = storage.take("gateway");
  for (std::uint64_t count = before.logs.empty() ? 0 : before.logs[0].files[0].offset;; ++count) {
    Changes changes;
    for (int caller = 0; caller < 50; ++caller) changes.callers.push_back(a_caller(std::to_string(caller), count));
    changes.logs.push_back({.id = {"gateway", "log"}, .at = noon, .files = {{.inode = 1, .offset = count}}});
    storage.put(std::move(changes), storage.opened());
    std::this_thread::sleep_for(200us);
  }
}

TEST_F(AStorage, KilledAtAnyMomentHoldsAllOfATransactionOrNothing) {
  std::uint64_t last = 0;
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) write_for_ever(path);
    std::this_thread::sleep_for(60ms + round * 7ms);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    open();
    ASSERT_EQ(storage->opened(), 1u);
    const StoredDoor stored = storage->take("gateway");
    storage.reset();
    if (stored.logs.empty()) continue;
    ASSERT_EQ(stored.callers.size(), 50u);
    for (const CallerRow& caller : stored.callers) ASSERT_EQ(caller.accepted, stored.logs[0].files[0].offset);
    EXPECT_GE(stored.callers[0].accepted, last);
    last = stored.callers[0].accepted;
  }
  EXPECT_GT(last, 0u);
  EXPECT_EQ(aside("corrupt"), "");
}

}  // namespace
}  // namespace exporter::storage
