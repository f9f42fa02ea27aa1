// Probes of servers that staple an OCSP answer, and of those that do not.
#include <gtest/gtest.h>

#include <cstring>

#include "probes/probe.h"
#include "tests/support/judged.h"
#include "tests/support/probing.h"
#include "tests/support/test_answer.h"
#include "tests/support/tls_peer.h"

namespace probes {
namespace {

using namespace tests::support;
using observations::Finding;
using observations::Handshake;
using observations::RevocationMethod;
using observations::RevocationStatus;

int staple(SSL* ssl, void* answer) {
  const auto& bytes = *static_cast<const std::string*>(answer);
  if (bytes.empty()) return SSL_TLSEXT_ERR_NOACK;
  auto* copy = static_cast<unsigned char*>(OPENSSL_malloc(bytes.size()));
  std::memcpy(copy, bytes.data(), bytes.size());
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(bytes.size()));
  return SSL_TLSEXT_ERR_OK;
}

class Staple : public testing::TestWithParam<int> {
 protected:
  Handshake probed(std::string answer, const Issued& server, config::RevocationCheck check = config::RevocationCheck::check) {
    answer_ = std::move(answer);
    TlsPeerOptions options;
    options.identity = &server;
    options.min_version = options.max_version = GetParam();
    options.configure = [this](SSL_CTX* context) {
      SSL_CTX_set_tlsext_status_cb(context, staple);
      SSL_CTX_set_tlsext_status_arg(context, &answer_);
    };
    const TlsPeer peer(options);
    Probing probing{.port = peer.port()};
    probing.module.revocation.staple = check;
    return probe_once(world_, probing);
  }
  Handshake probed(std::string answer) { return probed(std::move(answer), world_.server); }
  static std::optional<RevocationStatus> status(const Handshake& seen) {
    return status_of(seen.chain->revocation, RevocationMethod::staple);
  }

  World world_;
  std::string answer_;
};

INSTANTIATE_TEST_SUITE_P(Versions, Staple, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_3_VERSION ? "Tls13" : "Tls12"; });

TEST_P(Staple, SaysWhatTheIssuerSaid) {
  EXPECT_EQ(status(probed(answer_about(world_.server, world_.authority))), RevocationStatus::good);
  const Handshake revoked = probed(answer_about(world_.server, world_.authority, {.status = Told::revoked, .reason = 1}));
  EXPECT_EQ(status(revoked), RevocationStatus::revoked);
  EXPECT_FALSE(revoked.chain->valid);
  EXPECT_EQ(revoked.chain->verify_code, X509_V_ERR_CERT_REVOKED);
  EXPECT_TRUE(found(revoked.chain, Finding::revoked));
}

TEST_P(Staple, OfTheSameChainEachCountsByItself) {
  EXPECT_EQ(status(probed(answer_about(world_.server, world_.authority))), RevocationStatus::good);
  EXPECT_EQ(status(probed(answer_about(world_.server, world_.authority, {.status = Told::unknown}))), RevocationStatus::unknown);
  EXPECT_EQ(status(probed("rubbish")), RevocationStatus::unavailable);
  EXPECT_TRUE(probed("rubbish").chain->valid);
  EXPECT_EQ(status(probed("")), std::nullopt);
}

TEST_P(Staple, OneThatWasPromisedAndDoesNotComeIsAFinding) {
  const Issued promised = issue({.common_name = "server", .extensions = {{"tlsfeature", "status_request"}}}, &world_.authority);
  const Handshake missing = probed("", promised);
  EXPECT_TRUE(found(missing.chain, Finding::staple_missing));
  EXPECT_TRUE(missing.chain->valid);
  EXPECT_FALSE(found(probed(answer_about(promised, world_.authority), promised).chain, Finding::staple_missing));
  EXPECT_FALSE(found(probed("").chain, Finding::staple_missing));
}

TEST_P(Staple, IsNotAskedForWhereItIsOff) {
  const Handshake seen = probed(answer_about(world_.server, world_.authority, {.status = Told::revoked}), world_.server,
                                config::RevocationCheck::off);
  EXPECT_EQ(status(seen), std::nullopt);
  EXPECT_TRUE(seen.chain->valid);
}

}  // namespace
}  // namespace probes
