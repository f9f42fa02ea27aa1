// Nothing that the default library can talk to is lost in the slim one.
#include "probes/tls/slim_library.h"

#include <gtest/gtest.h>

#include "probes/probe.h"
#include "probes/tls/certificate_facts.h"
#include "tests/support/probing.h"
#include "tests/support/tls_peer.h"

namespace probes::tls {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::Handshake;
using observations::Verdict;

TEST(SlimLibrary, IsMade) { EXPECT_NE(slim_library(), nullptr); }

struct Kind {
  std::string key;
  std::string digest = "SHA256";
};

// A test's name is the same in every run.
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.key << ' ' << kind.digest; }

// Server, client and CA with one kind of key, at either version.
class KindOfKey : public testing::TestWithParam<std::tuple<Kind, int>> {};

TEST_P(KindOfKey, IsProvenByBothSides) {
  const auto& [kind, version] = GetParam();
  World world;
  world.authority = issue(
      {.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true, .key = kind.key, .digest = kind.digest});
  world.server = issue({.common_name = "server", .key = kind.key, .digest = kind.digest}, &world.authority);
  world.client = issue({.common_name = "client", .key = kind.key, .digest = kind.digest}, &world.authority);
  TlsPeerOptions options;
  options.identity = &world.server;
  options.client = ClientCertificate::required;
  options.client_anchor = world.authority.certificate.get();
  options.min_version = options.max_version = version;
  const TlsPeer peer(options);
  const Handshake seen = probe_once(world, {.port = peer.port(), .identity = world.identity()});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  ASSERT_TRUE(seen.chain);
  EXPECT_TRUE(seen.chain->valid) << seen.chain->verify_text;
}

#if OPENSSL_VERSION_NUMBER >= 0x30500000L  // earlier ones have neither ML-DSA nor ML-KEM
TEST(SlimLibrary, AKeyOfMlDsaIsProvenByBothSides) {
  World world;
  world.authority =
      issue({.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true, .key = "ML-DSA-65", .digest = ""});
  world.server = issue({.common_name = "server", .key = "ML-DSA-65", .digest = ""}, &world.authority);
  world.client = issue({.common_name = "client", .key = "ML-DSA-65", .digest = ""}, &world.authority);
  TlsPeerOptions options;
  options.identity = &world.server;
  options.client = ClientCertificate::required;
  options.client_anchor = world.authority.certificate.get();
  const TlsPeer peer(options);
  const Handshake seen = probe_once(world, {.port = peer.port(), .identity = world.identity()});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.client.verdict, Verdict::accepted);
  ASSERT_TRUE(seen.chain);
  EXPECT_TRUE(seen.chain->valid) << seen.chain->verify_text;
}
#endif

INSTANTIATE_TEST_SUITE_P(SlimLibrary, KindOfKey,
                         testing::Combine(testing::Values(Kind{"RSA:2048"}, Kind{"RSA-PSS:2048"}, Kind{"EC:P-256"},
                                                          Kind{"EC:P-384", "SHA384"}, Kind{"EC:P-521", "SHA512"},
                                                          Kind{"ED25519", ""}, Kind{"ED448", ""}, Kind{"RSA:3072", "SHA512"}),
                                          testing::Values(TLS1_2_VERSION, TLS1_3_VERSION)));

// One suite of every kind of cipher, MAC and key exchange.
class Suite : public testing::TestWithParam<std::string> {};

TEST_P(Suite, IsSpoken) {
  const World world;
  const Issued rsa = issue({.common_name = "server", .key = "RSA:2048"}, &world.authority);
  TlsPeerOptions options;
  options.identity = &rsa;
  options.max_version = TLS1_2_VERSION;
  options.configure = [](SSL_CTX* context) {
    SSL_CTX_set_cipher_list(context, "ALL:eNULL:@SECLEVEL=0");
    SSL_CTX_set_dh_auto(context, 1);
  };
  const TlsPeer peer(options);
  const config::Tls tls{.max_version = config::TlsVersion::tls1_2, .ciphers = GetParam(), .security_level = 0};
  const Handshake seen = probe_once(world, {.port = peer.port(), .module = {.tls = tls, .timeout = 5s}});
  EXPECT_EQ(outcome(seen), "ok");
  EXPECT_EQ(seen.negotiated ? seen.negotiated->cipher : "", GetParam());
}

INSTANTIATE_TEST_SUITE_P(SlimLibrary, Suite,
                         testing::Values("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "DHE-RSA-AES256-CCM8",
                                         "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ARIA256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384",
                                         "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-CAMELLIA128-SHA256", "AES128-SHA256",
                                         "AES256-GCM-SHA384", "NULL-SHA256"));

class Group : public testing::TestWithParam<std::string> {};

TEST_P(Group, IsExchanged) {
  const World world;
  const TlsPeer peer({.identity = &world.server});
  const Handshake seen = probe_once(world, {.port = peer.port(), .module = {.tls = {.groups = GetParam()}, .timeout = 5s}});
  EXPECT_EQ(outcome(seen), "ok");
}

INSTANTIATE_TEST_SUITE_P(SlimLibrary, Group, testing::Values("X25519", "X448", "P-256", "P-384", "P-521", "ffdhe2048"));

// OpenSSL 3.5 and later offer the hybrid of X25519 and ML-KEM-768 and prefer it.
TEST(SlimLibrary, TheGroupsOfALaterOpensslAreOfferedAndNamed) {
  const World world;
  const TlsPeer peer({.identity = &world.server});
  const Handshake seen = probe_once(world, {.port = peer.port()});
  ASSERT_TRUE(seen.negotiated);
  EXPECT_EQ(seen.negotiated->group, OpenSSL_version_num() >= 0x30500000UL ? "X25519MLKEM768" : "X25519");
}

#if OPENSSL_VERSION_NUMBER >= 0x30500000L  // earlier ones have neither ML-DSA nor ML-KEM
TEST(SlimLibrary, EveryGroupOfALaterOpensslIsExchanged) {
  for (const char* group : {"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "MLKEM512", "MLKEM768", "MLKEM1024"}) {
    const World world;
    TlsPeerOptions options{.identity = &world.server};
    options.configure = [group](SSL_CTX* context) { SSL_CTX_set1_groups_list(context, group); };
    const TlsPeer peer(options);
    const Handshake seen = probe_once(world, {.port = peer.port(), .module = {.tls = {.groups = group}, .timeout = 5s}});
    EXPECT_EQ(outcome(seen), "ok") << group;
    EXPECT_EQ(seen.negotiated ? seen.negotiated->group : "", group);
  }
}
#endif

// A key that no handshake can prove, of an intermediate, say: read outside.
TEST(SlimLibrary, AKeyItCannotReadIsReadOutside) {
  const Issued authority = root();
  const Issued odd = issue({.common_name = "odd", .key = "X25519"}, &authority);
  const std::string text = pem(odd.certificate.get());
  const Ptr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  X509* received = X509_new_ex(slim_library(), nullptr);
  ASSERT_NE(PEM_read_bio_X509(bio.get(), &received, nullptr, nullptr), nullptr);
  const Ptr<X509> owner(received);
  EXPECT_EQ(X509_get0_pubkey(received), nullptr);
  const Ptr<X509> outside = outside_slim_library(received);
  EXPECT_EQ(X509_cmp(outside.get(), received), 0);
  EXPECT_EQ(facts(outside.get()).key_type, "x25519");
}

TEST(SlimLibrary, AKeyItCanReadStaysAsItIs) {
  const Issued plain = issue({});
  EXPECT_EQ(outside_slim_library(plain.certificate.get()).get(), plain.certificate.get());
}

}  // namespace
}  // namespace probes::tls
