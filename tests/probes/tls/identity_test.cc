#include "probes/tls/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/probes/tls/identity_problems.h"
#include "tests/support/test_ca.h"

namespace probes::tls {
namespace {

using observations::Finding;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;
using tests::support::TemporaryFolder;

// A root, a leaf under it, and a folder to put their files in.
class IdentityFiles : public testing::Test {
 protected:
  IdentityPtr load_pair(const Issued& issued, chain::TrustStorePtr trust = nullptr) {
    return Identity::load({.name = "a",
                           .certificate_file = folder.write("leaf.crt", pem(issued.certificate.get())),
                           .key_file = folder.write_private("leaf.key", pem(issued.key.get()))},
                          std::move(trust), now());
  }

  TemporaryFolder folder;
  Issued root = tests::support::root();
  Issued leaf = issue({.common_name = "a"}, &root);
};

TEST_F(IdentityFiles, ACertificateWithItsKeyIsUsable) {
  const IdentityPtr identity = load_pair(leaf);
  EXPECT_TRUE(identity->usable());
  EXPECT_THAT(findings(*identity), IsEmpty()) << details(*identity);
  EXPECT_EQ(identity->certificates().at(0)->subject_common_name(), "a");
  EXPECT_THAT(identity->paths(), ElementsAre(folder.path() + "/leaf.crt", folder.path() + "/leaf.key"));
  EXPECT_FALSE(identity->key_in_token());
}

TEST_F(IdentityFiles, ADateThatCannotBeReadIsSaidAndHasNotPassed) {
  tests::support::write_date(X509_getm_notAfter(leaf.certificate.get()), "20261399000000Z");
  tests::support::sign_again(leaf, root);
  const IdentityPtr identity = load_pair(leaf);
  EXPECT_TRUE(identity->usable()) << "what servers make of it, they say";
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::unreadable_date)) << details(*identity);
}

TEST_F(IdentityFiles, AnEndBeyondTheNanosecondsHasNotPassed) {
  tests::support::write_date(X509_getm_notAfter(leaf.certificate.get()), "99991231235959Z");
  tests::support::sign_again(leaf, root);
  EXPECT_THAT(findings(*load_pair(leaf)), IsEmpty());
}

TEST_F(IdentityFiles, KeyAndChainMayStandInOneFileWithTextAroundThem) {
  const Issued intermediate = issue({.common_name = "Middle", .names = {}, .extended_key_usage = "", .authority = true}, &root);
  const Issued below = issue({.common_name = "b"}, &intermediate);
  const std::string text =
      "\xEF\xBB\xBF"
      "Bag Attributes\n  friendlyName: b\n" +
      pem(below.key.get()) + "subject=CN = b\r\n" + pem(below.certificate.get()) + "\n# then the intermediate\n" +
      pem(intermediate.certificate.get()) + "trailing words";
  const IdentityPtr identity =
      Identity::load({.name = "b", .certificate_file = folder.write_private("all.pem", text)}, nullptr, now());
  EXPECT_TRUE(identity->usable()) << details(*identity);
  ASSERT_EQ(identity->certificates().size(), 2u);
  EXPECT_EQ(identity->certificates()[0]->subject_common_name(), "b");
  EXPECT_EQ(identity->certificates()[1]->subject_common_name(), "Middle");
}

TEST_F(IdentityFiles, DerIsReadAsPemIs) {
  unsigned char* data = nullptr;
  const int size = i2d_PrivateKey(leaf.key.get(), &data);
  const std::string key(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  const std::string chain = tests::support::der(leaf.certificate.get()) + tests::support::der(root.certificate.get());
  const auto load = [&](const std::string& certificates) {
    return Identity::load({.name = "a",
                           .certificate_file = folder.write("leaf.der", certificates),
                           .key_file = folder.write_private("key.der", key)},
                          nullptr, now());
  };
  const IdentityPtr identity = load(chain);
  EXPECT_TRUE(identity->usable()) << details(*identity);
  EXPECT_EQ(identity->chain().size(), 2u);
  const IdentityPtr cut = load(chain.substr(0, chain.size() - 1));
  EXPECT_FALSE(cut->usable());
  EXPECT_THAT(details(*cut), HasSubstr("neither PEM nor whole DER"));
}

TEST_F(IdentityFiles, EveryLoadHasItsOwnGeneration) { EXPECT_NE(load_pair(leaf)->generation(), load_pair(leaf)->generation()); }

TEST_F(IdentityFiles, AMissingCertificateFileIsAProblem) {
  const IdentityPtr identity = Identity::load({.name = "a", .certificate_file = folder.path() + "/none.crt"}, nullptr, now());
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::certificate_missing));
}

TEST_F(IdentityFiles, AFileThatIsNoCertificateIsUnreadable) {
  for (const std::string& content :
       {std::string("hello"), std::string(), std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    const IdentityPtr identity = Identity::load({.name = "a",
                                                 .certificate_file = folder.write("bad.crt", content),
                                                 .key_file = folder.write_private("leaf.key", pem(leaf.key.get()))},
                                                nullptr, now());
    EXPECT_FALSE(identity->usable());
    EXPECT_THAT(findings(*identity), ElementsAre(Finding::certificate_unreadable)) << content;
  }
}

TEST_F(IdentityFiles, ACertificateFileCutInTheMiddleIsUnreadable) {
  const std::string whole = pem(leaf.certificate.get());
  const IdentityPtr identity = Identity::load(
      {.name = "a", .certificate_file = folder.write("half.crt", whole.substr(0, whole.size() / 2))}, nullptr, now());
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), Contains(Finding::certificate_unreadable));
}

TEST_F(IdentityFiles, AChainCutInItsSecondCertificateIsShownButNotUsed) {
  const std::string whole = pem(leaf.certificate.get()) + pem(root.certificate.get());
  const IdentityPtr identity = Identity::load({.name = "a",
                                               .certificate_file = folder.write("half.crt", whole.substr(0, whole.size() - 40)),
                                               .key_file = folder.write_private("leaf.key", pem(leaf.key.get()))},
                                              nullptr, now());
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::certificate_unreadable));
  EXPECT_EQ(identity->certificates().size(), 1u);
}

TEST_F(IdentityFiles, AFolderOrAHugeFileIsUnreadable) {
  const IdentityPtr a_folder = Identity::load({.name = "a", .certificate_file = folder.path()}, nullptr, now());
  EXPECT_THAT(findings(*a_folder), ElementsAre(Finding::certificate_unreadable));
  const std::string huge = folder.write("huge.crt", pem(leaf.certificate.get()) + std::string(2 << 20, ' '));
  const IdentityPtr too_large = Identity::load({.name = "a", .certificate_file = huge}, nullptr, now());
  EXPECT_THAT(findings(*too_large), ElementsAre(Finding::certificate_unreadable));
  EXPECT_THAT(details(*too_large), HasSubstr("limit"));
}

TEST_F(IdentityFiles, APipeWithoutAWriterIsRefusedAtOnce) {
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(findings(*Identity::load({.name = "a", .certificate_file = pipe}, nullptr, now())),
              ElementsAre(Finding::certificate_unreadable));
}

TEST_F(IdentityFiles, AMissingKeyFileIsAProblemAndTheCertificateIsStillRead) {
  const IdentityPtr identity = Identity::load({.name = "a",
                                               .certificate_file = folder.write("leaf.crt", pem(leaf.certificate.get())),
                                               .key_file = folder.path() + "/none.key"},
                                              nullptr, now());
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::key_missing));
  EXPECT_EQ(identity->certificates().size(), 1u);
}

TEST_F(IdentityFiles, ACertificateFileWithoutItsKeyLacksTheKey) {
  const IdentityPtr identity =
      Identity::load({.name = "a", .certificate_file = folder.write("leaf.crt", pem(leaf.certificate.get()))}, nullptr, now());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::key_missing));
}

TEST_F(IdentityFiles, ABrokenKeyIsUnreadable) {
  const IdentityPtr identity = Identity::load(
      {.name = "a",
       .certificate_file = folder.write("leaf.crt", pem(leaf.certificate.get())),
       .key_file = folder.write_private("bad.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")},
      nullptr, now());
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::key_unreadable));
}

TEST_F(IdentityFiles, AKeyOfAnotherCertificateIsAMismatch) {
  const Issued other = issue({.common_name = "other"}, &root);
  const IdentityPtr identity = Identity::load({.name = "a",
                                               .certificate_file = folder.write("leaf.crt", pem(leaf.certificate.get())),
                                               .key_file = folder.write_private("other.key", pem(other.key.get()))},
                                              nullptr, now());
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::key_mismatch));
}

TEST_F(IdentityFiles, AChainThatBeginsWithTheAuthorityIsToldApartFromAWrongKey) {
  const std::string reversed = pem(root.certificate.get()) + pem(leaf.certificate.get());
  const IdentityPtr identity = Identity::load({.name = "a",
                                               .certificate_file = folder.write("reversed.crt", reversed),
                                               .key_file = folder.write_private("leaf.key", pem(leaf.key.get()))},
                                              nullptr, now());
  EXPECT_THAT(findings(*identity), Contains(Finding::key_mismatch));
  EXPECT_THAT(details(*identity), HasSubstr("belongs to certificate 2"));
}

TEST_F(IdentityFiles, AnExpiredCertificateIsAProblemButUsable) {
  const IdentityPtr identity = load_pair(issue({.starts = std::chrono::hours(-48), .ends = std::chrono::hours(-24)}, &root));
  EXPECT_TRUE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::expired));
}

TEST_F(IdentityFiles, ACertificateOfTomorrowIsNotYetValid) {
  EXPECT_THAT(findings(*load_pair(issue({.starts = std::chrono::hours(24)}, &root))), ElementsAre(Finding::not_yet_valid));
}

TEST_F(IdentityFiles, JudgingAgainSeesThatADateWasCrossedAndKeepsTheGeneration) {
  const IdentityPtr identity = load_pair(leaf);
  const IdentityPtr later = identity->judged_again(nullptr, now() + std::chrono::hours(24 * 91));
  EXPECT_THAT(findings(*later), ElementsAre(Finding::expired));
  EXPECT_EQ(later->generation(), identity->generation());
  EXPECT_TRUE(later->usable());
  EXPECT_THAT(findings(*later->judged_again(nullptr, now())), IsEmpty());
}

TEST_F(IdentityFiles, AServerOnlyCertificateLacksTheClientPurpose) {
  EXPECT_THAT(findings(*load_pair(issue({.extended_key_usage = "serverAuth"}, &root))), ElementsAre(Finding::no_client_auth_eku));
}

TEST_F(IdentityFiles, NoPurposeAtAllAndAnyPurposeAllowClients) {
  EXPECT_THAT(findings(*load_pair(issue({.extended_key_usage = ""}, &root))), IsEmpty());
  EXPECT_THAT(findings(*load_pair(issue({.extended_key_usage = "anyExtendedKeyUsage"}, &root))), IsEmpty());
}

TEST_F(IdentityFiles, AShortRsaKeyIsWeak) {
  EXPECT_THAT(findings(*load_pair(issue({.key = "RSA:1024"}, &root))), ElementsAre(Finding::weak_key));
  EXPECT_THAT(findings(*load_pair(issue({.key = "RSA:2048"}, &root))), IsEmpty());
}

TEST_F(IdentityFiles, AKeyEveryUserMayReadIsAProblem) {
  const std::string key = folder.write_private("open.key", pem(leaf.key.get()));
  chmod(key.c_str(), 0644);
  const IdentityPtr identity = Identity::load(
      {.name = "a", .certificate_file = folder.write("leaf.crt", pem(leaf.certificate.get())), .key_file = key}, nullptr, now());
  EXPECT_TRUE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::world_readable_key));
}

TEST_F(IdentityFiles, ItsChainIsJudgedAgainstItsTrust) {
  const Issued stranger = tests::support::root("Stranger");
  const IdentityPtr good = load_pair(leaf, chain::TrustStore::of("internal", {root.certificate.get()}));
  EXPECT_THAT(findings(*good), IsEmpty()) << details(*good);
  ASSERT_TRUE(good->judgement());
  EXPECT_TRUE(good->judgement()->valid);
  const IdentityPtr bad = load_pair(leaf, chain::TrustStore::of("internal", {stranger.certificate.get()}));
  EXPECT_THAT(findings(*bad), ElementsAre(Finding::untrusted_chain));
  EXPECT_TRUE(bad->usable());
}

TEST_F(IdentityFiles, AnExpiredChainThatReachesItsTrustIsExpiredNotUntrusted) {
  const IdentityPtr identity = load_pair(issue({.starts = std::chrono::hours(-48), .ends = std::chrono::hours(-24)}, &root),
                                         chain::TrustStore::of("internal", {root.certificate.get()}));
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::expired));
}

class EncryptedKeys : public IdentityFiles {
 protected:
  static constexpr const char* secret = "correct horse";

  IdentityPtr load(const std::string& key, const std::string& passphrase_file) {
    return Identity::load({.name = "a",
                           .certificate_file = folder.write("leaf.crt", pem(leaf.certificate.get())),
                           .key_file = folder.write_private("leaf.key", key),
                           .passphrase_file = passphrase_file},
                          nullptr, now());
  }

  // "-----BEGIN EC PRIVATE KEY-----" with RFC 1421 headers.
  std::string traditional() {
    const Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey_traditional(bio.get(), leaf.key.get(), EVP_aes_128_cbc(),
                                         reinterpret_cast<const unsigned char*>(secret), 13, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

TEST_F(EncryptedKeys, OpenWithTheirPassphraseWhateverTheNewline) {
  for (const char* newline : {"", "\n", "\r\n"}) {
    const std::string file = folder.write("pass", std::string(secret) + newline);
    for (const std::string& key : {pem(leaf.key.get(), secret), traditional()}) {
      const IdentityPtr identity = load(key, file);
      EXPECT_TRUE(identity->usable());
      EXPECT_THAT(findings(*identity), IsEmpty()) << details(*identity);
      EXPECT_THAT(identity->paths(), Contains(file));
    }
  }
}

TEST_F(EncryptedKeys, AWrongPassphraseIsNamedButNotQuoted) {
  for (const std::string& key : {pem(leaf.key.get(), secret), traditional()}) {
    const IdentityPtr identity = load(key, folder.write("pass", "incorrect donkey"));
    EXPECT_FALSE(identity->usable());
    EXPECT_THAT(findings(*identity), ElementsAre(Finding::passphrase_wrong)) << details(*identity);
    EXPECT_THAT(details(*identity), Not(HasSubstr("donkey")));
  }
}

TEST_F(EncryptedKeys, OnlyOneNewlineIsStripped) {
  EXPECT_THAT(findings(*load(pem(leaf.key.get(), secret), folder.write("pass", std::string(secret) + "\n\n"))),
              ElementsAre(Finding::passphrase_wrong));
}

TEST_F(EncryptedKeys, AMissingPassphraseIsAProblemOnce) {
  for (const std::string& file : {std::string(), folder.path() + "/none"}) {
    const IdentityPtr identity = load(pem(leaf.key.get(), secret), file);
    EXPECT_FALSE(identity->usable());
    EXPECT_THAT(findings(*identity), ElementsAre(Finding::passphrase_missing)) << details(*identity);
  }
}

TEST_F(EncryptedKeys, APlainKeyNeedsNoPassphrase) {
  EXPECT_TRUE(load(pem(leaf.key.get()), folder.write("pass", secret))->usable());
}

}  // namespace
}  // namespace probes::tls
