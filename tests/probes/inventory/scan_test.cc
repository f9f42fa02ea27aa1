#include "probes/inventory/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/probes/inventory/reading.h"
#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::inventory::names;
using tests::inventory::reasons;
using tests::support::issue;
using tests::support::pem;

// Nothing can be opened while it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

class Scanning : public testing::Test {
 protected:
  std::string certificate(const std::string& name) const { return pem(issue({.common_name = name}).certificate.get()); }
  FileScanner scanner(const std::string& pattern = "**/*.pem") const {
    return FileScanner({.paths = {folder_.path() + "/" + pattern}});
  }
  FilePtr file(const FileScanner& scanner, const std::string& name) const {
    return scanner.files().at(observations::Location(folder_.path() + "/" + name)).holds;
  }
  // What `scanner` finds in a.pem once that holds `text`.
  FilePtr becomes(FileScanner& scanner, const std::string& text) const {
    fs::rename(folder_.write("new", text), folder_.path() + "/a.pem");
    EXPECT_TRUE(scanner.scan());
    return file(scanner, "a.pem");
  }

  tests::support::TemporaryFolder folder_;
};

TEST_F(Scanning, FindsWhatIsThere) {
  folder_.write("a.pem", certificate("a"));
  folder_.write("sub/b.pem", certificate("b"));
  FileScanner scanner = this->scanner();
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 a"));
  EXPECT_THAT(names(*file(scanner, "sub/b.pem")), ElementsAre(":0 b"));
  EXPECT_THAT(scanner.troubles(), IsEmpty());
}

TEST_F(Scanning, AFileThatHasNotChangedIsNotOpenedAgain) {
  folder_.write("a.pem", certificate("a"));
  folder_.write("b.pem", certificate("b"));
  FileScanner scanner = this->scanner();
  scanner.scan();
  const FilePtr before = file(scanner, "a.pem");
  EXPECT_FALSE(scanner.scan());
  EXPECT_EQ(scanner.opened(), 0u);
  EXPECT_EQ(file(scanner, "a.pem"), before);
  fs::rename(folder_.write("new", certificate("c")), folder_.path() + "/b.pem");
  EXPECT_TRUE(scanner.scan());
  EXPECT_EQ(scanner.opened(), 1u);
  EXPECT_EQ(file(scanner, "a.pem"), before);
  EXPECT_THAT(names(*file(scanner, "b.pem")), ElementsAre(":0 c"));
}

TEST_F(Scanning, AFileThatIsGoneIsForgotten) {
  folder_.write("a.pem", certificate("a"));
  folder_.write("b.pem", certificate("b"));
  FileScanner scanner = this->scanner();
  scanner.scan();
  fs::remove(folder_.path() + "/b.pem");
  EXPECT_TRUE(scanner.scan());
  EXPECT_EQ(scanner.files().size(), 1u);
}

TEST_F(Scanning, AFileOfWhichNothingCanBeReadHoldsWhatItHeldBesideItsTrouble) {
  folder_.write("a.pem", certificate("a") + certificate("b"));
  FileScanner scanner = this->scanner();
  scanner.scan();
  const std::string half = certificate("c").substr(0, 200);
  const std::pair<std::string, const char*> unreadable[] = {{half, "bad_pem"},
                                                            {half + std::string(largest_file, '\n'), "too_large"}};
  for (const auto& [text, reason] : unreadable) {
    const FilePtr kept = becomes(scanner, text);
    EXPECT_THAT(names(*kept), ElementsAre(":0 a", ":1 b"));
    EXPECT_THAT(reasons(*kept), ElementsAre(reason));
    EXPECT_FALSE(scanner.scan()) << "it is not opened again before it changes";
  }
  const FilePtr good = becomes(scanner, certificate("c"));
  EXPECT_THAT(names(*good), ElementsAre(":0 c"));
  EXPECT_THAT(reasons(*good), IsEmpty());
}

TEST_F(Scanning, AFileOfWhichAnythingCanBeReadHoldsThat) {
  const std::string first = certificate("ca1"), second = certificate("ca2"), half = second.substr(0, 200) + "\n";
  folder_.write("a.pem", certificate("leaf") + first + second);
  FileScanner scanner = this->scanner();
  scanner.scan();
  const FilePtr renewed = becomes(scanner, certificate("renewed") + first + half);
  EXPECT_THAT(names(*renewed), ElementsAre(":0 renewed", ":1 ca1"));
  EXPECT_THAT(reasons(*renewed), ElementsAre("bad_pem"));
}

TEST_F(Scanning, ACertificateGoesFromAFileThatHasAlwaysHadABadBlock) {
  const std::string bad = certificate("bad").substr(0, 200) + "\n", stays = certificate("stays");
  folder_.write("a.pem", bad + stays + certificate("goes"));
  FileScanner scanner = this->scanner();
  scanner.scan();
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 stays", ":1 goes"));
  EXPECT_THAT(names(*becomes(scanner, bad + stays)), ElementsAre(":0 stays"));
}

TEST_F(Scanning, AFileThatCouldNotBeOpenedIsLookedAtAgainThoughItLooksTheSame) {
  folder_.write("a.pem", certificate("a"));
  FileScanner scanner = this->scanner("a.pem");
  const auto without_descriptors = [&] {
    const NoDescriptors none;
    EXPECT_TRUE(scanner.scan());
    return file(scanner, "a.pem");
  };
  EXPECT_THAT(reasons(*without_descriptors()), ElementsAre("read_failed"));
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 a"));
  fs::rename(folder_.write("new", certificate("renewed")), folder_.path() + "/a.pem");
  EXPECT_THAT(names(*without_descriptors()), ElementsAre(":0 a"));
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 renewed"));
  EXPECT_FALSE(scanner.scan());
}

// What is examined has been read and not yet been looked at again: a writer that writes then is as late as one can be.
TEST_F(Scanning, AFileThatIsWrittenAsItIsReadIsReadAgainAndWhileItIsHoldsWhatItHeld) {
  int writes = 0;
  const std::string path = folder_.write("a.pem", certificate("a"));
  FileScanner scanner({.paths = {path}}, [&](auto&, auto) {
    if (writes > 0 && writes--) std::ofstream(path, std::ios::app) << certificate("more");
  });
  writes = 1;
  scanner.scan();
  EXPECT_EQ(scanner.opened(), 2u);
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 a", ":1 more"));
  folder_.write("a.pem", certificate("b"));
  writes = 2;
  EXPECT_TRUE(scanner.scan());
  EXPECT_EQ(scanner.opened(), 2u);
  EXPECT_THAT(reasons(*file(scanner, "a.pem")), ElementsAre("changed_while_read"));
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 a", ":1 more"));
  EXPECT_TRUE(scanner.scan()) << "the writer is done";
  EXPECT_THAT(names(*file(scanner, "a.pem")), ElementsAre(":0 b", ":1 more", ":2 more"));
  EXPECT_THAT(reasons(*file(scanner, "a.pem")), IsEmpty());
}

TEST_F(Scanning, AFileThatHoldsSomethingElseNowHoldsNothingOfBefore) {
  folder_.write("a.pem", certificate("a"));
  FileScanner scanner = this->scanner();
  scanner.scan();
  fs::rename(folder_.write("new", "a list of primes\n"), folder_.path() + "/a.pem");
  scanner.scan();
  EXPECT_THAT(file(scanner, "a.pem")->certificates, IsEmpty());
  EXPECT_THAT(reasons(*file(scanner, "a.pem")), ElementsAre("no_certificates"));
}

// Root may look everywhere, so the scanning is done by a child that is nobody.
TEST_F(Scanning, FilesStayWhileNobodyMayLookWhereTheyLie) {
  folder_.write("sub.pem", certificate("neighbour"));
  const std::string all = folder_.path(), sub = all + "/sub", inside = folder_.write("sub/a.pem", certificate("a"));
  const auto lets_in = [](const std::string& folder, bool in) { return chmod(folder.c_str(), in ? 0755 : 0) == 0; };
  const auto hidden = [](const FileScanner& scanner, const std::string& file) {
    return scanner.files().size() == 1 && scanner.files().begin()->first == file && scanner.troubles().size() == 1 &&
           scanner.troubles()[0].reason == observations::SourceReason::permission_denied;
  };
  const auto judge = [](observations::Inventory& file, auto) {
    file.certificates.at(0).problems = std::make_shared<const std::vector<observations::Problem>>();
  };
  const auto judged = [&](const FileScanner& scanner) {
    return scanner.files().begin()->second.holds->certificates.at(0).problems != nullptr;
  };
  const auto looking_as_nobody = [&] {
    for (const std::string& mine : {all, sub})
      if (geteuid() == 0 && chown(mine.c_str(), 65534, 65534) != 0) return 2;
    if (geteuid() == 0 && setuid(65534) != 0) return 3;
    FileScanner everywhere = scanner(), there({.paths = {sub + "/*.pem"}}, judge);
    everywhere.scan(), there.scan();
    if (everywhere.files().size() != 2 || !judged(there) || !lets_in(sub, false)) return 4;
    fs::remove(all + "/sub.pem");
    everywhere.scan(), there.scan();
    if (!hidden(everywhere, inside) || !hidden(there, inside) || judged(there) || !lets_in(sub, true)) return 5;
    there.scan();
    if (!judged(there) || !lets_in(all, false)) return 6;
    there.scan();
    if (!hidden(there, inside) || judged(there) || !lets_in(all, true)) return 8;
    fs::remove(inside);
    everywhere.scan(), there.scan();
    return everywhere.files().empty() && there.files().empty() ? 0 : 7;
  };
  EXPECT_EXIT(std::_Exit(looking_as_nobody()), testing::ExitedWithCode(0), "");
}

TEST_F(Scanning, OneBadFileHidesNoneOfItsNeighbours) {
  folder_.write("a.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  folder_.write("b.pem", certificate("b"));
  folder_.write("c.pem", std::string(largest_file + 1, 'x'));
  FileScanner scanner = this->scanner();
  scanner.scan();
  EXPECT_THAT(reasons(*file(scanner, "a.pem")), ElementsAre("bad_pem"));
  EXPECT_THAT(names(*file(scanner, "b.pem")), ElementsAre(":0 b"));
  EXPECT_THAT(reasons(*file(scanner, "c.pem")), ElementsAre("too_large"));
}

TEST_F(Scanning, AFileNamedTwiceIsReadOnce) {
  folder_.write("a.pem", certificate("a"));
  FileScanner scanner({.paths = {folder_.path() + "/*.pem", folder_.path() + "/a.*"}});
  scanner.scan();
  EXPECT_EQ(scanner.opened(), 1u);
  EXPECT_EQ(scanner.files().size(), 1u);
}

TEST_F(Scanning, ANewPassphraseOpensWhatStayedShut) {
  const auto issued = issue({.common_name = "leaf"});
  const tls::Ptr<PKCS12> store(
      PKCS12_create("right", nullptr, issued.key.get(), issued.certificate.get(), nullptr, 0, 0, 0, 0, 0));
  unsigned char* data = nullptr;
  const int size = i2d_PKCS12(store.get(), &data);
  folder_.write("store.p12", std::string(reinterpret_cast<char*>(data), static_cast<std::size_t>(size)));
  OPENSSL_free(data);
  FileScanner scanner(
      {.paths = {folder_.path() + "/*.p12"}, .passphrase_files = {folder_.write("pass", "wrong\n"), folder_.path() + "/other"}});
  scanner.scan();
  EXPECT_THAT(reasons(*file(scanner, "store.p12")), ElementsAre("bad_passphrase"));
  ASSERT_EQ(scanner.troubles().size(), 1u);
  EXPECT_EQ(scanner.troubles()[0].reason, observations::SourceReason::not_found);
  folder_.write("other", "right\n");
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "store.p12")), ElementsAre(":0 leaf"));
}

// A kubelet's own kubeconfig never changes; the certificate it names is renewed under it.
TEST_F(Scanning, AKubeconfigIsReadAgainWhenAFileItNamesHasChangedOrCome) {
  folder_.write("kubeconfig", "kind: Config\nclusters: []\nusers:\n- {name: k, user: {client-certificate: current.pem}}\n");
  FileScanner scanner = this->scanner("kubeconfig");
  scanner.scan();
  EXPECT_THAT(reasons(*file(scanner, "kubeconfig")), ElementsAre("not_found"));
  fs::rename(folder_.write("new", certificate("old")), folder_.path() + "/current.pem");
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "kubeconfig")), ElementsAre("user/k:0 old"));
  EXPECT_FALSE(scanner.scan());
  EXPECT_EQ(scanner.opened(), 0u);
  fs::rename(folder_.write("new", certificate("renewed")), folder_.path() + "/current.pem");
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "kubeconfig")), ElementsAre("user/k:0 renewed"));
}

// A kubelet's own kubeconfig, mounted with the rest of its machine.
TEST_F(Scanning, PathsInAFileLieBelowTheRootOfItsMachine) {
  folder_.write("host/var/pki/client-1.pem", certificate("old"));
  fs::create_symlink("/var/pki/client-1.pem", folder_.path() + "/host/var/pki/current.pem");
  folder_.write("host/etc/kubelet.conf",
                "kind: Config\nclusters: []\nusers:\n- {name: k, user: {client-certificate: /var/pki/current.pem}}\n");
  FileScanner scanner({.paths = {folder_.path() + "/host/etc"}, .root = folder_.path() + "/host"});
  scanner.scan();
  EXPECT_THAT(names(*file(scanner, "host/etc/kubelet.conf")), ElementsAre("user/k:0 old"));
  EXPECT_FALSE(scanner.scan());
  folder_.write("host/var/pki/client-2.pem", certificate("renewed"));
  fs::remove(folder_.path() + "/host/var/pki/current.pem");
  fs::create_symlink("client-2.pem", folder_.path() + "/host/var/pki/current.pem");
  EXPECT_TRUE(scanner.scan());
  EXPECT_THAT(names(*file(scanner, "host/etc/kubelet.conf")), ElementsAre("user/k:0 renewed"));
}

TEST_F(Scanning, RevocationListsAreReadFromFilesThatAreNothingElse) {
  folder_.write("x.crl", certificate("x"));
  std::vector<revocation::NamedList> lists;
  const observations::Inventory found = read_revocation_lists({folder_.path() + "/*.crl", folder_.path() + "/gone"}, {}, lists);
  EXPECT_THAT(lists, IsEmpty());
  EXPECT_THAT(reasons(found), ElementsAre("bad_crl", "not_found"));
  EXPECT_THAT(found.certificates, IsEmpty());
}

}  // namespace
}  // namespace probes::inventory
