#include "exporter/materials/material_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "tests/exporter/materials/material_files.h"
#include "tests/support/command.h"

namespace exporter {
namespace {

namespace fs = std::filesystem;

using probes::observations::Finding;
using probes::observations::Problem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;

// A watch that looks every millisecond.
class Watch : public MaterialFiles {
 protected:
  Watch() {
    // Not the folder: the watch may look while a file stands beside the one it is about to replace.
    settings->trust["internal"].ca_files = {path("anchors/*.pem")};
    write_pair(first);
  }

  void start() {
    watch = std::make_unique<MaterialWatch>(
        settings, nullptr,
        [this](MaterialKind kind, const std::string& name) {
          const std::lock_guard lock(mutex);
          changes.emplace_back(kind, name);
          changed.notify_all();
        },
        std::chrono::milliseconds(1), [this] { return MaterialWatch::system_time() + std::chrono::seconds(ahead); });
  }

  // Waits until a change has brought about what is wanted.
  template <typename Condition>
  bool eventually(Condition wanted) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), wanted);
  }

  IdentitySlot identity() { return identity_slot(*watch->current(), settings->identities.at("a")); }
  TrustSlot trust() { return trust_slot(*watch->current(), settings->trust.at("internal")); }
  std::string presented() {
    const IdentitySlot slot = identity();
    return slot.usable ? std::string(slot.certificates.at(0)->subject_common_name()) : "nothing";
  }
  bool has(Finding wanted) {
    const IdentitySlot slot = identity();
    return std::ranges::any_of(slot.problems, [&](const Problem& problem) { return problem.finding == wanted; });
  }

  Issued first = leaf("first"), second = leaf("second");
  std::atomic<int> ahead = 0;  // seconds that the watch's clock is ahead
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<MaterialKind, std::string>> changes;
  std::unique_ptr<MaterialWatch> watch;  // last: it uses the others
};

TEST_F(Watch, LoadsBeforeItReturns) {
  start();
  EXPECT_EQ(presented(), "first");
  EXPECT_THAT(identity().problems, IsEmpty());
}

TEST_F(Watch, KeepsTheLastGoodPairWhileANewOneIsHalfWritten) {
  start();
  write_certificate(second);
  ASSERT_TRUE(eventually([this] { return has(Finding::key_mismatch); }));
  EXPECT_EQ(presented(), "first");
  write_key(second);
  ASSERT_TRUE(eventually([this] { return presented() == "second"; }));
  EXPECT_THAT(identity().problems, IsEmpty());
  EXPECT_THAT(changes, testing::Each(std::pair(MaterialKind::identity, std::string("a"))));
}

TEST_F(Watch, KeepsTheLastGoodPairWhenItsFilesGo) {
  start();
  fs::remove(path("tls/a.crt"));
  ASSERT_TRUE(eventually([this] { return has(Finding::certificate_missing); }));
  EXPECT_EQ(presented(), "first");
}

TEST_F(Watch, TakesAFileThatAppearsLater) {
  fs::remove(path("tls/a.key"));
  start();
  EXPECT_EQ(presented(), "nothing");
  EXPECT_THAT(identity().problems, ElementsAre(finding(Finding::key_missing)));
  write_key(first);
  EXPECT_TRUE(eventually([this] { return presented() == "first"; }));
}

TEST_F(Watch, FollowsTheSwapOfALinkAsKubernetesDoesIt) {
  fs::rename(path("tls"), path("2026_01"));
  write_pair(second, "2026_02");
  fs::create_directory_symlink("2026_01", path("..data"));
  fs::create_directory_symlink("..data", path("tls"));
  start();
  EXPECT_EQ(presented(), "first");
  fs::create_directory_symlink("2026_02", path("..data_tmp"));
  fs::rename(path("..data_tmp"), path("..data"));
  EXPECT_TRUE(eventually([this] { return presented() == "second"; }));
}

TEST_F(Watch, SeesATrustStoreGainAFileAndJudgesItsIdentitiesAgain) {
  const Issued stranger = tests::support::root("Stranger");
  write_pair(issue({.common_name = "third"}, &stranger));
  start();
  EXPECT_TRUE(has(Finding::untrusted_chain));
  write("anchors/stranger.pem", pem(stranger.certificate.get()));
  ASSERT_TRUE(eventually([this] { return !has(Finding::untrusted_chain); }));
  EXPECT_EQ(trust().certificates.size(), 2u);
  EXPECT_THAT(changes, Contains(std::pair(MaterialKind::trust, std::string("internal"))));
  EXPECT_THAT(changes, Contains(std::pair(MaterialKind::identity, std::string("a"))));
}

// The keystore is the same; what opens it is not.
TEST_F(Watch, OpensAKeystoreOnceItsPassphraseIsThere) {
  const std::string keystore = path("ca.p12"), pass = path("pass");
  ASSERT_TRUE(tests::support::run(
      {"openssl", "pkcs12", "-export", "-nokeys", "-in", path("anchors/root.pem"), "-out", keystore, "-passout", "pass:secret"}));
  settings->trust["internal"].ca_files = {keystore};
  settings->trust["internal"].passphrase_files = {pass};
  start();
  EXPECT_TRUE(trust().certificates.empty());
  EXPECT_FALSE(trust().up);
  write("pass", "secret\n");
  ASSERT_TRUE(eventually([this] { return !trust().certificates.empty(); }));
  EXPECT_TRUE(trust().up);
}

TEST_F(Watch, SeesAnIdentityEndWhileItRuns) {
  start();
  const auto generation = watch->current()->identities.at("a")->generation();
  ahead = 91 * 86400;
  ASSERT_TRUE(eventually([this] { return has(Finding::expired); }));
  EXPECT_EQ(presented(), "first");
  EXPECT_EQ(watch->current()->identities.at("a")->generation(), generation) << "no reason to make new contexts";
}

TEST_F(Watch, StopsAtOnceAndForGood) {
  watch = std::make_unique<MaterialWatch>(
      settings, nullptr, [](MaterialKind, const std::string&) {}, std::chrono::hours(1));
  watch->stop();
  watch->stop();
  EXPECT_EQ(presented(), "first");
}

}  // namespace
}  // namespace exporter
