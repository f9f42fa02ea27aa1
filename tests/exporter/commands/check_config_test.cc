#include "exporter/commands/check_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "exporter/vocabulary.h"
#include "tests/support/test_ca.h"

namespace exporter {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;

class CheckConfig : public testing::Test {
 protected:
  struct Outcome {
    int code;
    std::string out;
    std::string err;
  };

  Outcome check(const std::string& text) {
    path = folder.write("m.yml", text);
    std::ostringstream out, err;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const int code = check_config(path, vocabulary(), now, out, err);
    return {code, out.str(), err.str()};
  }

  void write_identity(const Issued& issued) {
    folder.write("a.crt", pem(issued.certificate.get()));
    folder.write_private("a.key", pem(issued.key.get()));
  }

  void SetUp() override { folder.write("root.pem", pem(root.certificate.get())); }

  tests::support::TemporaryFolder folder;
  std::string path;
  Issued root = tests::support::root();
  const std::string estate =
      "trust: {t: {ca_files: [root.pem]}}\n"
      "identities: {a: {certificate_file: a.crt, key_file: a.key, trust: t}}\n"
      "targets: [{address: 'a:1'}, {address: 'a:2', protocol: https, identity: a}]\n";
};

TEST_F(CheckConfig, SignatureAlgorithmsAreThoseThatOpenSslKnows) {
  const Outcome outcome = check("modules: {m: {tls: {signature_algorithms: 'ECDSA+SHA256:RSA-PPS+SHA256'}}}\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(":1:20: signature_algorithms `ECDSA+SHA256:RSA-PPS+SHA256`: "));
  for (const char* known : {"ECDSA+SHA256:RSA-PSS+SHA256", "ed25519:ed448", "rsa_pss_pss_sha256:ecdsa_secp256r1_sha256"})
    EXPECT_EQ(check("modules: {m: {tls: {signature_algorithms: '" + std::string(known) + "'}}}\n").code, 0) << known;
}

TEST_F(CheckConfig, AGoodOneIsSummedUp) {
  write_identity(issue({}, &root));
  const Outcome outcome = check(estate);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, path + ": 2 targets, 1 identity, 1 trust store: good\n");
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CheckConfig, ADateThatCannotBeReadIsAWarningWhereverItStands) {
  const Issued leaf = issue({}, &root);
  tests::support::write_date(X509_getm_notAfter(leaf.certificate.get()), "20261399000000Z");
  tests::support::write_date(X509_getm_notBefore(root.certificate.get()), "20261399000000Z");
  tests::support::sign_again(leaf, root);
  tests::support::sign_again(root, root);
  write_identity(leaf);
  folder.write("root.pem", pem(root.certificate.get()));
  const Outcome outcome = check(estate);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("(notAfter) (identity a)"), HasSubstr("Test Root: "), HasSubstr("(notBefore) (trust store t)")));
}

TEST_F(CheckConfig, AnEndBeyondTheNanosecondsIsGood) {
  const Issued leaf = issue({}, &root);
  tests::support::write_date(X509_getm_notAfter(leaf.certificate.get()), "99991231235959Z");
  tests::support::sign_again(leaf, root);
  write_identity(leaf);
  const Outcome outcome = check(estate);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CheckConfig, AWrongOneShowsAllItsMistakes) {
  const Outcome outcome = check("wob: {}\ntargets: [{address: a b}]\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(path + ":1:1: unknown key `wob`"), HasSubstr(path + ":2:21: `a b` has no port")));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(CheckConfig, OneThatIsNotThereIsWrong) {
  std::ostringstream out, err;
  EXPECT_EQ(check_config(folder.path() + "/none.yml", vocabulary(), {}, out, err), 2);
  EXPECT_THAT(err.str(), HasSubstr("none.yml: cannot be read: No such file"));
}

TEST_F(CheckConfig, MissingFilesAreNamedOnALineEach) {
  folder.write("a.crt", pem(issue({}, &root).certificate.get()));
  const Outcome outcome = check(
      "trust: {t: {ca_files: [none.pem]}}\nidentities: {a: {certificate_file: a.crt, key_file: none.key}}\n"
      "targets: [{address: 'a:1'}]\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr(folder.path() + "/none.key: "));
  EXPECT_THAT(outcome.err, HasSubstr(" (identity a)\n"));
  EXPECT_THAT(outcome.err, HasSubstr(folder.path() + "/none.pem: No such file or directory (trust store t)\n"));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2) << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(CheckConfig, AKeyOfAnotherCertificateIsUnfit) {
  write_identity(issue({}, &root));
  folder.write_private("a.key", pem(root.key.get()));
  const Outcome outcome = check(estate);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(folder.path() + "/a.crt: "),
                                 HasSubstr("the private key does not belong to the certificate"), EndsWith(" (identity a)\n")));
}

TEST_F(CheckConfig, ADiscoverySaysHowManyTargetsItFindsInFiles) {
  folder.write("list.json", R"([{"targets": ["a:1", "b:1", "a:1"]}])");
  folder.write("nginx.conf", "http { server { listen 443 ssl; server_name c; } }");
  const Outcome outcome = check(
      "discovery: [{file_sd: [list.json]}, {nginx: [nginx.conf]}, {file_sd: ['none-yet/*.json']}, {http_sd: "
      "'http://127.0.0.1:1/'}]\n");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, path +
                             ": 0 targets, 0 identities, 0 trust stores, 4 discoveries: good\n"
                             "discovery file_sd finds 2 targets\n"
                             "discovery nginx finds 1 target\n"
                             "discovery file_sd_2 finds 0 targets\n"
                             "discovery http_sd is not asked here\n");
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CheckConfig, AListThatCannotBeMadeIsUnfitAndAnEntryThatIsNoTargetIsForgiven) {
  folder.write("broken.json", "[{");
  folder.write("list.json", R"([{"targets": ["a:1", "nowhere:"]}])");
  const Outcome unfit = check("discovery: [{file_sd: [none.json]}, {file_sd: ['broken*.json']}]\n");
  EXPECT_EQ(unfit.code, 1);
  EXPECT_EQ(unfit.err, folder.path() + "/broken.json:1: bad_syntax: no JSON (discovery file_sd_2)\n" + folder.path() +
                           "/none.json: not_found: No such file or directory (discovery file_sd)\n");
  EXPECT_THAT(unfit.out, IsEmpty());
  const Outcome forgiven = check("discovery: [{file_sd: [list.json]}]\n");
  EXPECT_EQ(forgiven.code, 0);
  EXPECT_THAT(forgiven.err, StartsWith("warning: " + folder.path() + "/list.json:1: bad_target: target `nowhere:`: "));
  EXPECT_THAT(forgiven.err, EndsWith(" (discovery file_sd)\n"));
}

TEST_F(CheckConfig, AnExpiredIdentityIsUnfit) {
  write_identity(issue({.starts = std::chrono::hours(-48), .ends = std::chrono::hours(-24)}, &root));
  const Outcome outcome = check(estate);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr(folder.path() + "/a.crt: "));
}

TEST_F(CheckConfig, AWarningIsShownAndForgiven) {
  write_identity(issue({.extended_key_usage = "serverAuth"}, nullptr));  // self-signed, and no client's
  const Outcome outcome = check(estate);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("warning: " + folder.path() + "/a.crt: "));
  EXPECT_THAT(outcome.out, EndsWith(": good\n"));
}

TEST_F(CheckConfig, AReadmeAmongAnchorsIsForgivenButNotAlone) {
  folder.write("README", "roots");
  const Outcome among = check("trust: {t: {ca_files: [\"[Rr]*\"]}}\n");
  EXPECT_EQ(among.code, 0) << among.err;
  EXPECT_EQ(among.err, "");
  EXPECT_EQ(check("trust: {t: {ca_files: [\"READ*\"]}}\n").code, 1);
  EXPECT_EQ(check("trust: {t: {ca_files: [root.pem, README]}}\n").code, 1);
}

TEST_F(CheckConfig, SecretsStayInTheirFiles) {
  write_identity(issue({}, &root));
  folder.write_private("a.key", pem(issue({}, &root).key.get(), "right"));
  folder.write("a.pass", "s3cret");
  const Outcome outcome = check("identities: {a: {certificate_file: a.crt, key_file: a.key, passphrase_file: a.pass}}\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("a.key: "), Not(HasSubstr("s3cret"))));
}

// Their files do not exist here; their words must.
TEST(Examples, UseWordsOfTheRealTables) {
  int examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(MTLS_SOURCE_DIR) / "config/examples")) {
    std::ostringstream out, err;
    EXPECT_NE(check_config(entry.path().string(), vocabulary(), {}, out, err), 2) << err.str();
    ++examples;
  }
  EXPECT_GE(examples, 3);
}

TEST(Vocabulary, HoldsTheWordsOfTheTables) {
  const config::Vocabulary words = vocabulary();
  EXPECT_THAT(words.protocols, testing::IsSupersetOf({"tls", "https"}));
  EXPECT_THAT(words.findings, testing::IsSupersetOf({"expired", "root_served"}));
  EXPECT_THAT(words.reserved_labels, testing::IsSupersetOf({"target", "identity", "address", "subject_cn"}));
}

}  // namespace
}  // namespace exporter
