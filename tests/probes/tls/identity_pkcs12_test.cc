#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "probes/tls/identity.h"
#include "tests/probes/tls/identity_problems.h"
#include "tests/support/command.h"
#include "tests/support/corpus.h"
#include "tests/support/test_ca.h"

namespace probes::tls {
namespace {

using observations::Finding;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::support::der;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;
using tests::support::run;
using tests::support::TemporaryFolder;

std::vector<std::string> names(const Identity& identity) {
  std::vector<std::string> found;
  for (const observations::CertificatePtr& certificate : identity.certificates())
    found.emplace_back(certificate->subject_common_name());
  return found;
}

// A leaf under an intermediate under a root, and a folder for the files they are packed into.
class Pkcs12Identities : public testing::Test {
 protected:
  // `passphrase` null: without any, which is not the same as an empty one.
  std::string packed(const char* passphrase, const std::vector<X509*>& others = {}, bool with_key = true, bool with_leaf = true) {
    STACK_OF(X509)* stack = sk_X509_new_null();
    for (X509* other : others) sk_X509_push(stack, other);
    const Ptr<PKCS12> file(PKCS12_create(passphrase, "identity", with_key ? leaf.key.get() : nullptr,
                                         with_leaf ? leaf.certificate.get() : nullptr, stack, 0, 0, 0, 0, 0));
    sk_X509_free(stack);
    return der(file.get());
  }

  IdentityPtr load(const std::string& content, const std::string& passphrase_file = "") {
    const std::string path = folder.write_private("identity.p12", content);
    return Identity::load({.name = "a", .pkcs12_file = path, .passphrase_file = passphrase_file}, nullptr, now());
  }

  TemporaryFolder folder;
  Issued root = tests::support::root();
  Issued intermediate = issue({.common_name = "Middle", .names = {}, .extended_key_usage = "", .authority = true}, &root);
  Issued leaf = issue({.common_name = "a"}, &intermediate);
};

TEST_F(Pkcs12Identities, OpenWithTheirPassphraseAndPutTheChainInOrder) {
  const std::string passphrase = folder.write("pass", "pa55word\n");
  const IdentityPtr identity = load(packed("pa55word", {root.certificate.get(), intermediate.certificate.get()}), passphrase);
  EXPECT_TRUE(identity->usable());
  EXPECT_THAT(findings(*identity), IsEmpty()) << details(*identity);
  EXPECT_THAT(names(*identity), ElementsAre("a", "Middle", "Test Root"));
  EXPECT_THAT(identity->paths(), ElementsAre(folder.path() + "/identity.p12", passphrase));
}

TEST_F(Pkcs12Identities, OpenWithoutAPassphraseWhetherItIsEmptyOrAbsent) {
  for (const char* none : {static_cast<const char*>(nullptr), ""}) {
    const std::string content = packed(none);
    EXPECT_TRUE(load(content)->usable()) << (none ? "empty" : "null");
    EXPECT_TRUE(load(content, folder.write("empty", "\n"))->usable()) << (none ? "empty" : "null");
  }
}

TEST_F(Pkcs12Identities, OfOldToolsOpenWithTheLegacyCiphers) {
  const std::string path = folder.path() + "/old.p12";
  ASSERT_TRUE(run({"openssl", "pkcs12", "-export", "-legacy", "-in", folder.write("a.crt", pem(leaf.certificate.get())), "-inkey",
                   folder.write("a.key", pem(leaf.key.get())), "-passout", "pass:old", "-out", path}));
  const IdentityPtr identity =
      Identity::load({.name = "a", .pkcs12_file = path, .passphrase_file = folder.write("pass", "old")}, nullptr, now());
  EXPECT_TRUE(identity->usable());
  EXPECT_THAT(findings(*identity), IsEmpty()) << details(*identity);
}

TEST_F(Pkcs12Identities, AWrongPassphraseIsNamedButNotQuoted) {
  const IdentityPtr identity = load(packed("right"), folder.write("pass", "leftish"));
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::passphrase_wrong));
  EXPECT_THAT(details(*identity), Not(HasSubstr("leftish")));
}

TEST_F(Pkcs12Identities, AMissingPassphraseIsAProblemOnce) {
  for (const std::string& file : {std::string(), folder.path() + "/none"}) {
    const IdentityPtr identity = load(packed("right"), file);
    EXPECT_FALSE(identity->usable());
    EXPECT_THAT(findings(*identity), ElementsAre(Finding::passphrase_missing));
  }
}

TEST_F(Pkcs12Identities, AMissingFileIsAMissingCertificate) {
  const IdentityPtr identity = Identity::load({.name = "a", .pkcs12_file = folder.path() + "/none.p12"}, nullptr, now());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::certificate_missing));
}

TEST_F(Pkcs12Identities, OtherFilesAndHalfWrittenOnesAreUnreadable) {
  const std::string whole = packed("x");
  for (const std::string& content :
       {std::string("hello"), std::string(), pem(leaf.certificate.get()), whole.substr(0, whole.size() / 2)}) {
    const IdentityPtr identity = load(content, folder.write("pass", "x"));
    EXPECT_FALSE(identity->usable());
    EXPECT_THAT(findings(*identity), ElementsAre(Finding::certificate_unreadable));
  }
}

TEST_F(Pkcs12Identities, WithoutAKeyAreShownButNotUsed) {
  const IdentityPtr identity = load(packed("x", {intermediate.certificate.get()}, false), folder.write("pass", "x"));
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::key_missing));
  EXPECT_EQ(identity->certificates().size(), 2u);
}

TEST_F(Pkcs12Identities, WithoutACertificateLackIt) {
  EXPECT_THAT(findings(*load(packed("x", {}, true, false), folder.write("pass", "x"))),
              ElementsAre(Finding::certificate_missing));
}

TEST_F(Pkcs12Identities, OpenToEveryUserAreAProblem) {
  const std::string path = folder.write("open.p12", packed("x"));
  chmod(path.c_str(), 0604);
  const IdentityPtr identity =
      Identity::load({.name = "a", .pkcs12_file = path, .passphrase_file = folder.write("pass", "x")}, nullptr, now());
  EXPECT_TRUE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::world_readable_key));
}

// NIST's certification path test suite, packed by a tool of 2011 in RC2-40 and 3DES.
TEST(Pkcs12Corpus, OfPkitsOpensToTheLastFile) {
  const auto corpus = tests::support::corpus("nist-pkits");
  if (!corpus) GTEST_SKIP() << "the corpus nist-pkits is not here";
  const TemporaryFolder folder;
  const std::string passphrase = folder.write("pass", "password");
  int usable = 0, unusable = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*corpus / "pkcs12")) {
    const IdentityPtr identity =
        Identity::load({.name = "a", .pkcs12_file = entry.path(), .passphrase_file = passphrase}, nullptr, now());
    EXPECT_TRUE(identity->key() && !identity->chain().empty()) << entry.path() << "\n" << details(*identity);
    ++(identity->usable() ? usable : unusable);
  }
  EXPECT_EQ(usable, 403);
  EXPECT_EQ(unusable, 2) << "DSA keys whose parameters stand in another certificate";
}

// Files of many tools, with the number of certificates that OpenSSL's own command finds in them.
TEST(Pkcs12Corpus, OfManyToolsHoldsTheirCertificates) {
  const auto corpus = tests::support::corpus("keystores");
  if (!corpus) GTEST_SKIP() << "the corpus keystores is not here";
  const TemporaryFolder folder;
  std::ifstream table(*corpus / "pkcs12-openssl-3.0.22.tsv");
  int rows = 0;
  for (std::string line; std::getline(table, line);) {
    std::istringstream row(line);
    std::string file, passphrase, provider, certificates;
    std::getline(std::getline(std::getline(std::getline(row, file, '\t'), passphrase, '\t'), provider, '\t'), certificates);
    if (!file.ends_with(".p12") || provider == "FAILS") continue;
    const IdentityPtr identity = Identity::load(
        {.name = "a", .pkcs12_file = (*corpus / file).string(), .passphrase_file = folder.write("pass", passphrase)}, nullptr,
        now());
    EXPECT_EQ(identity->chain().size(), std::stoul(certificates)) << file << "\n" << details(*identity);
    ++rows;
  }
  EXPECT_EQ(rows, 15);
}

}  // namespace
}  // namespace probes::tls
