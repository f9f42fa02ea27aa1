#include "probes/chain/trust_store.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/command.h"
#include "tests/support/test_ca.h"

namespace probes::chain {
namespace {

using tests::support::der;
using tests::support::Issued;
using tests::support::pem;
using tests::support::root;
using tests::support::TemporaryFolder;

TrustStorePtr loaded(std::vector<std::string> ca_files) {
  return TrustStore::load({.name = "internal", .ca_files = std::move(ca_files)});
}

TEST(TrustStore, ReadsBundlesDerDirectoriesAndGlobsOnce) {
  const TemporaryFolder folder;
  const Issued a = root("A"), b = root("B"), c = root("C");
  folder.write("ca/bundle.pem", "a comment\n" + pem(a.certificate.get()) + pem(a.key.get()) + pem(b.certificate.get()));
  folder.write("ca/b.crt", pem(b.certificate.get()));
  const std::string c_file = folder.write("c.der", der(c.certificate.get()));
  const TrustStorePtr store = loaded({folder.path() + "/ca", c_file, folder.path() + "/*.der"});
  EXPECT_EQ(store->anchors().size(), 3u);
  EXPECT_EQ(store->certificates().size(), 3u);
  EXPECT_EQ(store->paths().size(), 4u);
  EXPECT_TRUE(store->errors().empty()) << store->errors().front().detail;
  for (const Issued* anchor : {&a, &b, &c}) EXPECT_TRUE(store->contains(anchor->certificate.get()));
  EXPECT_FALSE(store->contains(root("A").certificate.get()));
}

TEST(TrustStore, EveryTroubleHasItsWordAndTheRestIsUsed) {
  const TemporaryFolder folder;
  const Issued a = root("A");
  std::string broken = pem(a.certificate.get());
  broken.replace(80, 10, "**********");
  const std::string half = folder.write("half.pem", broken + pem(a.certificate.get()));
  const std::string empty = folder.write("empty.pem", "nothing\n");
  const TrustStorePtr store = loaded({half, empty, folder.path() + "/absent.pem", folder.path() + "/*.none"});
  std::vector<std::string> reasons;
  for (const observations::Trouble& error : store->errors()) reasons.emplace_back(word(error.reason));
  EXPECT_EQ(reasons, (std::vector<std::string>{"bad_pem", "no_certificates", "not_found", "not_found"}));
  EXPECT_EQ(store->anchors().size(), 1u);
}

TEST(TrustStore, APipeAndADeviceAreRefusedWithoutWaiting) {
  const TemporaryFolder folder;
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, std::string("/dev/zero")}) {
    ASSERT_EQ(loaded({path})->errors().size(), 1u) << path;
    EXPECT_EQ(loaded({path})->errors()[0].detail, "not a regular file") << path;
  }
}

// Root may read every file, so the reading is done by a child that is nobody.
TEST(TrustStore, AFileWithoutPermissionSaysSo) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.pem", pem(root("A").certificate.get()));
  chmod(file.c_str(), 0);
  chmod(folder.path().c_str(), 0755);
  EXPECT_EXIT(
      {
        if (geteuid() == 0 && setuid(65534) != 0) std::_Exit(3);
        const auto store = loaded({file});
        std::_Exit(store->errors().size() == 1 && store->errors()[0].reason == observations::SourceReason::permission_denied ? 0
                                                                                                                             : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(TrustStore, ATruncatedDerFileSaysSo) {
  const TemporaryFolder folder;
  const std::string whole = der(root("A").certificate.get());
  const TrustStorePtr store = loaded({folder.write("a.der", whole.substr(0, whole.size() / 2))});
  ASSERT_EQ(store->errors().size(), 1u);
  EXPECT_EQ(store->errors()[0].reason, observations::SourceReason::bad_der);
}

// Made by the tools that make them in the field.
class TrustStoreFormats : public testing::Test {
 protected:
  TrustStoreFormats() {
    root_file_ = folder_.write("root.pem", pem(root_.certificate.get()));
    passphrase_file_ = folder_.write("pass", "secret-secret\n");
  }
  std::string file(const std::string& name) const { return folder_.path() + "/" + name; }
  // The reasons of its troubles, or the names of its anchors.
  std::vector<std::string> read(const std::string& path, std::vector<std::string> passphrase_files = {}) const {
    const TrustStorePtr store =
        TrustStore::load({.name = "t", .ca_files = {path}, .passphrase_files = std::move(passphrase_files)});
    std::vector<std::string> found;
    for (const auto& error : store->errors()) found.emplace_back(word(error.reason));
    for (const auto& certificate : store->certificates()) found.emplace_back(certificate->subject_common_name());
    return found;
  }

  const TemporaryFolder folder_;
  const Issued root_ = root("A");
  std::string root_file_, passphrase_file_;
};

using Found = std::vector<std::string>;

TEST_F(TrustStoreFormats, PkcsSeven) {
  for (const char* form : {"PEM", "DER"}) {
    const std::string path = file(std::string("ca.p7b.") + form);
    ASSERT_TRUE(tests::support::run({"openssl", "crl2pkcs7", "-nocrl", "-certfile", root_file_, "-outform", form, "-out", path}));
    EXPECT_EQ(read(path), Found{"A"}) << form;
  }
}

TEST_F(TrustStoreFormats, PkcsTwelveWithItsPassphrase) {
  const std::string path = file("ca.p12");
  ASSERT_TRUE(tests::support::run(
      {"openssl", "pkcs12", "-export", "-nokeys", "-in", root_file_, "-out", path, "-passout", "file:" + passphrase_file_}));
  EXPECT_EQ(read(path, {passphrase_file_}), Found{"A"});
  EXPECT_EQ(read(path, {folder_.write("wrong", "wrong\n"), passphrase_file_}), Found{"A"});
  EXPECT_EQ(read(path), Found{"bad_passphrase"});
  EXPECT_EQ(read(path, {file("absent")}), (Found{"not_found", "bad_passphrase"}));
}

TEST_F(TrustStoreFormats, AFileThatWasNamedAndHoldsNoCaSaysSo) {
  const Issued leaf = tests::support::issue({.common_name = "leaf"}, &root_);
  const std::string path = folder_.write("server/leaf.pem", pem(leaf.certificate.get()));
  EXPECT_EQ(read(path), (Found{"no_certificates", "leaf"}));
  EXPECT_EQ(read(folder_.path() + "/server"), Found{"leaf"});  // beside others in a folder it is no mistake
  EXPECT_TRUE(TrustStore::load({.name = "t", .ca_files = {path}, .partial_chain = true})->errors().empty());
  EXPECT_EQ(read(folder_.write("alone.pem", pem(tests::support::issue({.common_name = "alone"}).certificate.get()))),
            Found{"alone"});  // a server that signs for itself may be trusted by its own certificate
}

TEST(TrustStore, EveryLoadIsAGenerationOfItsOwn) {
  EXPECT_NE(loaded({})->generation(), loaded({})->generation());
  EXPECT_NE(TrustStore::of("a", {})->generation(), TrustStore::of("a", {})->generation());
}

TEST(TrustStore, TheSystemsAnchorsAreTrustedButNotListed) {
  const TemporaryFolder folder;
  const Issued a = root("A");
  unsetenv("SSL_CERT_DIR");
  setenv("SSL_CERT_FILE", folder.write("system.pem", pem(a.certificate.get())).c_str(), 1);
  const TrustStorePtr store = TrustStore::load({.name = "public", .system = true});
  unsetenv("SSL_CERT_FILE");
  EXPECT_TRUE(store->contains(a.certificate.get()));
  EXPECT_TRUE(store->anchors().empty());
  EXPECT_EQ(store->paths().size(), 1u);
}

}  // namespace
}  // namespace probes::chain
