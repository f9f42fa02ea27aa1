#include "probes/revocation/ocsp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "tests/support/test_answer.h"

namespace probes::revocation {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::RevocationReason;
using observations::RevocationStatus;
using testing::HasSubstr;

class Ocsp : public testing::Test {
 protected:
  ~Ocsp() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  DatedAnswer read(const std::string& answer, std::chrono::seconds later = 0s) {
    return read_answer(answer, {.certificate = leaf_.certificate.get(),
                                .issuer = issuer_.certificate.get(),
                                .at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + later,
                                .source = "the server"});
  }
  RevocationStatus status(const WantedAnswer& wanted, std::chrono::seconds later = 0s) {
    return read(answer_about(leaf_, issuer_, wanted), later).answer.status;
  }
  Issued responder(const Issued& issuer, const char* usage = "OCSPSigning") {
    return issue({.common_name = "Responder", .names = {}, .extended_key_usage = usage}, &issuer);
  }

  const Issued issuer_ = root("Issuer");
  const Issued leaf_ = issue({}, &issuer_), other_ = issue({}, &issuer_);
};

TEST_F(Ocsp, TheIssuerItselfMayAnswer) {
  const DatedAnswer good = read(answer_about(leaf_, issuer_));
  EXPECT_EQ(good.answer.status, RevocationStatus::good) << good.answer.detail;
  EXPECT_EQ(good.answer.source, "the server");
  EXPECT_EQ(good.answer.until, good.until);
  const DatedAnswer revoked = read(answer_about(leaf_, issuer_, {.status = Told::revoked, .reason = 1}));
  EXPECT_EQ(revoked.answer.status, RevocationStatus::revoked);
  EXPECT_EQ(revoked.answer.reason, RevocationReason::key_compromise);
  EXPECT_TRUE(revoked.answer.revoked_at);
  EXPECT_EQ(status({.status = Told::unknown}), RevocationStatus::unknown);
}

TEST_F(Ocsp, AnIssuerThatIsNoRootMayAnswer) {
  const Issued top = root("Top");
  const Issued issuing = issue({.common_name = "Issuing", .names = {}, .extended_key_usage = "", .authority = true}, &top);
  const Issued leaf = issue({}, &issuing);
  const OcspQuestion question{.certificate = leaf.certificate.get(),
                              .issuer = issuing.certificate.get(),
                              .at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
  EXPECT_EQ(read_answer(answer_about(leaf, issuing), question).answer.status, RevocationStatus::good);
  // RFC 6960 4.2.2.2: the issuer's issuer authorises nobody for it.
  const Issued above = issue({.common_name = "Responder", .names = {}, .extended_key_usage = "OCSPSigning"}, &top);
  EXPECT_EQ(read_answer(answer_about(leaf, issuing, {.signer = &above}), question).answer.status, RevocationStatus::unavailable);
}

TEST_F(Ocsp, AResponderThatTheIssuerAuthorisedMayAnswer) {
  const Issued authorised = responder(issuer_);
  EXPECT_EQ(status({.signer = &authorised}), RevocationStatus::good);
  EXPECT_EQ(status({.status = Told::revoked, .signer = &authorised}), RevocationStatus::revoked);
  EXPECT_EQ(status({.digest = "SHA256"}), RevocationStatus::good) << "the certificate named by another digest";
}

TEST_F(Ocsp, NobodyElseMay) {
  const Issued unauthorised = responder(issuer_, "serverAuth"), stranger = responder(root("Issuer"));
  for (const Told told : {Told::good, Told::revoked}) {
    EXPECT_EQ(status({.status = told, .signer = &unauthorised}), RevocationStatus::unavailable);
    EXPECT_EQ(status({.status = told, .signer = &stranger}), RevocationStatus::unavailable);
    EXPECT_EQ(status({.status = told, .signer = &leaf_}), RevocationStatus::unavailable);
  }
  std::string changed = answer_about(leaf_, issuer_);
  changed[changed.size() / 2] ^= 1;
  EXPECT_NE(read(changed).answer.status, RevocationStatus::good);
}

TEST_F(Ocsp, AnAnswerHoldsFromItsBeginToItsEnd) {
  EXPECT_EQ(status({}, 25h), RevocationStatus::unavailable);
  EXPECT_EQ(status({.status = Told::revoked}, 25h), RevocationStatus::unavailable);
  EXPECT_EQ(status({.starts = 1h, .ends = 2h}), RevocationStatus::unavailable) << "of the future";
  EXPECT_EQ(status({.starts = 2min, .ends = 2h}), RevocationStatus::good) << "of a clock that is ahead a little";
  EXPECT_EQ(status({.ends = {}}), RevocationStatus::good);
  EXPECT_EQ(status({.starts = -48h, .ends = {}}), RevocationStatus::unavailable) << "without an end it is fresh for a day";
}

TEST_F(Ocsp, AnAnswerAboutAnotherCertificateSaysNothing) {
  const DatedAnswer read_of_other = read(answer_about(other_, issuer_));
  EXPECT_EQ(read_of_other.answer.status, RevocationStatus::unknown);
  EXPECT_EQ(status({.also = &other_}), RevocationStatus::good) << "the right one of several";
  const Issued twin = root("Issuer");  // the same name and another key: its digests differ
  EXPECT_NE(read(answer_about(leaf_, twin)).answer.status, RevocationStatus::good);
}

TEST_F(Ocsp, WhatIsNoAnswerIsUnavailable) {
  for (const std::string& rubbish : {std::string(), std::string("<html>"), std::string(3, '\0'), std::string(10u << 20, 'x'),
                                     answer_about(leaf_, issuer_).substr(0, 100)})
    EXPECT_EQ(read(rubbish).answer.status, RevocationStatus::unavailable);
  EXPECT_THAT(read(refusal_to_answer(OCSP_RESPONSE_STATUS_TRYLATER)).answer.detail, HasSubstr("tryLater"));
  EXPECT_THAT(read(refusal_to_answer(OCSP_RESPONSE_STATUS_UNAUTHORIZED)).answer.detail, HasSubstr("unauthorized"));
  EXPECT_EQ(read(refusal_to_answer(OCSP_RESPONSE_STATUS_SUCCESSFUL)).answer.status, RevocationStatus::unavailable) << "empty";
}

TEST_F(Ocsp, MustStapleIsRead) {
  const Issued promised = issue({.extensions = {{"tlsfeature", "status_request"}}}, &issuer_);
  EXPECT_TRUE(must_staple(promised.certificate.get()));
  EXPECT_FALSE(must_staple(leaf_.certificate.get()));
}

}  // namespace
}  // namespace probes::revocation
