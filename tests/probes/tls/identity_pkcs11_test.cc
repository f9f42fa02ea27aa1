// Keys in a token: SoftHSM with a token of its own in a temporary folder, through the engine of Debian's
// libengine-pkcs11-openssl. Skipped, with a message, where one of the two is not installed.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "probes/tls/identity.h"
#include "tests/probes/tls/identity_problems.h"
#include "tests/support/command.h"
#include "tests/support/probing.h"
#include "tests/support/test_ca.h"
#include "tests/support/tls_peer.h"

namespace probes::tls {
namespace {

using observations::Finding;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;
using tests::support::run;
using tests::support::TemporaryFolder;

constexpr const char* module = "/usr/lib/softhsm/libsofthsm2.so";

// SoftHSM reads its configuration once per process, so all tests of a run share the tokens "estate" and "guarded" with one key
// each, "client". A login lasts as long as the process: nobody ever logs in to "guarded".
class Tokens : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process that begins anew, not a copy of this one
    folder = new TemporaryFolder;
    root = new Issued(tests::support::root());
    leaf = new Issued(issue({.common_name = "hsm"}, root));
    std::filesystem::create_directory(folder->path() + "/tokens");
    const std::string configuration =
        folder->write("softhsm2.conf", "directories.tokendir = " + folder->path() + "/tokens\nlog.level = ERROR\n");
    setenv("SOFTHSM2_CONF", configuration.c_str(), 1);
    const std::string key = folder->write("client.key", pem(leaf->key.get()));
    made = make_token("estate", key) && make_token("guarded", key);
    std::filesystem::remove(key);
  }

  static bool make_token(const std::string& token, const std::string& key) {
    return run({"softhsm2-util", "--init-token", "--free", "--label", token, "--so-pin", "87654321", "--pin", "123456"}) &&
           run({"softhsm2-util", "--import", key, "--token", token, "--label", "client", "--id", "01", "--pin", "123456"});
  }

  static void TearDownTestSuite() {
    delete leaf;
    delete root;
    delete folder;
  }

  void SetUp() override {
    if (!std::filesystem::exists(module)) GTEST_SKIP() << "softhsm2 is not installed";
    if (!std::filesystem::exists(std::string(OPENSSL_info(OPENSSL_INFO_ENGINES_DIR)) + "/pkcs11.so"))
      GTEST_SKIP() << "libengine-pkcs11-openssl is not installed";
    ASSERT_TRUE(made) << "softhsm2-util could not make the token";
  }

  static IdentityPtr load(const std::string& object, const std::string& pin_file, const Issued* issued = nullptr,
                          const std::string& attributes = std::string("?module-path=") + module) {
    return Identity::load({.name = "hsm",
                           .certificate_file = folder->write("hsm.crt", pem((issued ? issued : leaf)->certificate.get())),
                           .key = "pkcs11:" + object + attributes,
                           .pin_file = pin_file},
                          nullptr, now());
  }

  static std::string pin(const std::string& digits) { return folder->write("pin", digits + "\n"); }

  static TemporaryFolder* folder;
  static Issued* root;
  static Issued* leaf;
  static bool made;
};

TemporaryFolder* Tokens::folder;
Issued* Tokens::root;
Issued* Tokens::leaf;
bool Tokens::made;

// The subject that a server sees; empty if the handshake fails.
std::string presented(const Identity& identity, X509* anchor, int version) {
  const tests::support::TlsPeer peer({.min_version = version,
                                      .max_version = version,
                                      .client = tests::support::ClientCertificate::required,
                                      .client_anchor = anchor,
                                      .after_handshake = {tests::support::act::Send{"x"}, tests::support::act::CloseNotify{}}});
  const Ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_use_certificate(context.get(), identity.chain().front().get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key());
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(peer.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const Ptr<SSL> ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), socket);
  char byte = 0;
  const bool admitted = SSL_connect(ssl.get()) == 1 && SSL_read(ssl.get(), &byte, 1) == 1;
  close(socket);
  return admitted ? peer.seen().at(0).client_subject : "";
}

TEST_F(Tokens, AKeyInATokenAuthenticatesItsClient) {
  const IdentityPtr identity = load("token=estate;object=client", pin("123456"));
  EXPECT_THAT(findings(*identity), IsEmpty()) << details(*identity);
  ASSERT_TRUE(identity->usable());
  EXPECT_TRUE(identity->key_in_token());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
    EXPECT_EQ(presented(*identity, root->certificate.get(), version), "CN=hsm");
}

// Signing blocks, so such a handshake leaves the lane for the signer's thread and comes back.
TEST_F(Tokens, AProbePresentsAKeyInATokenAndIsAccepted) {
  tests::support::World world;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const tests::support::TlsPeer peer({.identity = &world.server,
                                        .min_version = version,
                                        .max_version = version,
                                        .client = tests::support::ClientCertificate::required,
                                        .client_anchor = root->certificate.get()});
    const auto seen =
        tests::support::probe_once(world, {.port = peer.port(), .identity = load("token=estate;object=client", pin("123456"))});
    EXPECT_EQ(tests::support::outcome(seen), "ok");
    EXPECT_EQ(seen.client.verdict, observations::Verdict::accepted);
  }
}

TEST_F(Tokens, AKeyThatIsNotThereMakesTheTokenUnavailable) {
  const IdentityPtr identity = load("token=estate;object=nobody", pin("123456"));
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::token_unavailable));
  EXPECT_EQ(identity->certificates().size(), 1u) << "the dates are known all the same";
}

TEST_F(Tokens, ATokenThatIsNotThereIsUnavailable) {
  EXPECT_THAT(findings(*load("token=elsewhere;object=client", pin("123456"))), ElementsAre(Finding::token_unavailable));
}

TEST_F(Tokens, AWrongPinIsAWrongPassphraseAndNotQuoted) {
  const IdentityPtr identity = load("token=guarded;object=client", pin("999999"));
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::passphrase_wrong)) << details(*identity);
  EXPECT_THAT(details(*identity), Not(HasSubstr("999999")));
}

TEST_F(Tokens, AMissingPinFileIsAMissingPassphrase) {
  EXPECT_THAT(findings(*load("token=guarded;object=client", folder->path() + "/none")), ElementsAre(Finding::passphrase_missing));
}

TEST_F(Tokens, ThePinOfOneIdentityIsNotLentToAnother) {
  EXPECT_TRUE(load("token=estate;object=client", pin("123456"))->usable());
  const IdentityPtr without = load("token=guarded;object=client", "");
  EXPECT_FALSE(without->usable());
  EXPECT_THAT(findings(*without), ElementsAre(Finding::token_unavailable));
  EXPECT_THAT(details(*without), HasSubstr("pin_file"));
}

TEST_F(Tokens, AKeyOfAnotherCertificateIsAMismatch) {
  const Issued other = issue({.common_name = "other"}, root);
  const IdentityPtr identity = load("token=estate;object=client", pin("123456"), &other);
  EXPECT_FALSE(identity->usable());
  EXPECT_THAT(findings(*identity), ElementsAre(Finding::key_mismatch));
}

TEST_F(Tokens, AModuleThatIsNotThereMakesTheTokenUnavailable) {
  EXPECT_THAT(findings(*load("token=estate;object=client", pin("123456"), nullptr, "?module-path=/nonexistent.so")),
              ElementsAre(Finding::token_unavailable));
  EXPECT_TRUE(load("token=estate;object=client", pin("123456"))->usable()) << "and does not stand in the way of one that is";
}

TEST_F(Tokens, OneModuleServesAProcess) {
  EXPECT_TRUE(load("token=estate;object=client", pin("123456"))->usable());
  const IdentityPtr other = load("token=estate;object=client", pin("123456"), nullptr, "");
  EXPECT_THAT(findings(*other), ElementsAre(Finding::token_unavailable));
  EXPECT_THAT(details(*other), HasSubstr("p11-kit"));
}

// The first identity of a process decides on the module: these two have a process of their own.
TEST_F(Tokens, WithoutAModuleTheSystemsIsTaken) {
  EXPECT_EXIT(
      {
        const IdentityPtr identity = load("token=estate;object=client", pin("123456"), nullptr, "");
        std::fputs(details(*identity).c_str(), stderr);
        std::_Exit(identity->usable() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Tokens, ATokenThatAsksForAPinNobodyConfiguredLacksIt) {
  EXPECT_EXIT(
      {
        const IdentityPtr identity = load("token=guarded;object=client", "");
        std::fputs(details(*identity).c_str(), stderr);
        std::_Exit(findings(*identity) == std::vector{Finding::passphrase_missing} ? 0 : 1);
      },
      testing::ExitedWithCode(0), "no pin_file");
}

}  // namespace
}  // namespace probes::tls
