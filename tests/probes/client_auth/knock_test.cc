#include "probes/client_auth/knock.h"

#include <gtest/gtest.h>

namespace probes::client_auth {
namespace {

using observations::Failure;
using observations::Handshake;
using observations::KnockAnswer;
using observations::Reason;
using observations::Stage;
using observations::Verdict;

Handshake established(Verdict verdict, std::optional<int> status = {}) {
  Handshake seen;
  seen.client.requested = true;
  seen.client.verdict = verdict;
  seen.application_status = status;
  return seen;
}

Handshake failed(Stage stage, Reason reason) {
  Handshake seen;
  seen.outcome = Failure{stage, reason, {}, ""};
  return seen;
}

const Handshake own = established(Verdict::accepted, 200);

TEST(Knock, ARefusedCertificateIsRefused) {
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::certificate_required), own).answer, KnockAnswer::refused);
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::refused_by_application), own).answer, KnockAnswer::refused);
}

TEST(Knock, TheSameClassOfAnswerAsOurOwnIsAdmission) {
  EXPECT_EQ(answer(established(Verdict::accepted, 204), own).answer, KnockAnswer::admitted);
  EXPECT_EQ(answer(established(Verdict::accepted), established(Verdict::accepted)).answer, KnockAnswer::admitted);
}

TEST(Knock, TurnedAwayByTheApplicationWhereWeWereNotIsRefused) {
  for (const int status : {401, 403, 302})
    EXPECT_EQ(answer(established(Verdict::accepted, status), own).answer, KnockAnswer::refused) << status;
}

TEST(Knock, ForbiddenWhereWeAreForbiddenTooIsAdmission) {
  EXPECT_EQ(answer(established(Verdict::accepted, 403), established(Verdict::accepted, 404)).answer, KnockAnswer::admitted);
}

// An API server says 401 to everybody who has no token: that tells nobody from anybody.
TEST(Knock, WhereWeAreTurnedAwayByTheApplicationTooNothingIsTold) {
  for (const int ours : {401, 403, 302})
    for (const int theirs : {401, 403, 302})
      EXPECT_EQ(answer(established(Verdict::accepted, theirs), established(Verdict::accepted, ours)).answer,
                KnockAnswer::undetermined)
          << ours << " " << theirs;
}

TEST(Knock, WhatTlsAloneSaidIsMarked) {
  EXPECT_TRUE(answer(established(Verdict::accepted), established(Verdict::accepted)).by_tls);
  EXPECT_TRUE(answer(failed(Stage::client_certificate, Reason::unknown_ca), own).by_tls);
  EXPECT_FALSE(answer(failed(Stage::client_certificate, Reason::refused_by_application), own).by_tls);
  EXPECT_FALSE(answer(established(Verdict::accepted, 200), own).by_tls);
}

TEST(Knock, BeingTurnedAwayWithoutAnIdentityIsARefusal) {
  Handshake anonymous = established(Verdict::rejected);
  anonymous.client.turned_away = Failure{Stage::client_certificate, Reason::certificate_required, 116, ""};
  EXPECT_EQ(answer(anonymous, own).answer, KnockAnswer::refused);
  EXPECT_TRUE(answer(anonymous, own).by_tls);
}

TEST(Knock, WhereNothingWasAskedInHttpNothingIsTold) {
  Handshake knock = established(Verdict::not_requested);
  knock.client.unasked = true;
  EXPECT_EQ(answer(knock, own).answer, KnockAnswer::undetermined);
}

TEST(Knock, AnAnswerThatRefusesNobodyIsAdmissionInAProtocolWithoutStatuses) {
  Handshake knock = established(Verdict::accepted);
  knock.application_answered = true;  // a stream of HTTP/2 that was reset is an answer, too
  EXPECT_EQ(answer(knock, own).answer, KnockAnswer::undetermined);
  knock.application_let_us_in = true;
  EXPECT_EQ(answer(knock, own).answer, KnockAnswer::admitted);
}

// Our own probe was turned away: there is no answer of ours to compare with.
TEST(Knock, AnAnswerThatStandsAloneCountsOnlyWhenItLetsIn) {
  Handshake ours = established(Verdict::rejected, 400);
  ours.client.turned_away = Failure{Stage::client_certificate, Reason::refused_by_application, {}, ""};
  EXPECT_EQ(answer(established(Verdict::accepted, 200), ours).answer, KnockAnswer::admitted);
  EXPECT_EQ(answer(established(Verdict::accepted, 403), ours).answer, KnockAnswer::undetermined);
  EXPECT_EQ(answer(established(Verdict::accepted, 404), ours).answer, KnockAnswer::undetermined);
}

TEST(Knock, AnErrorOfTheApplicationSaysNothing) {
  EXPECT_EQ(answer(established(Verdict::accepted, 500), own).answer, KnockAnswer::undetermined);
}

TEST(Knock, WhatFailedBeforeTheServerCouldJudgeIsUndetermined) {
  EXPECT_EQ(answer(failed(Stage::connect, Reason::refused), own).answer, KnockAnswer::undetermined);
  EXPECT_EQ(answer(failed(Stage::handshake, Reason::connection_reset), own).answer, KnockAnswer::undetermined);
  EXPECT_EQ(answer(failed(Stage::handshake, Reason::handshake_timeout), own).answer, KnockAnswer::undetermined);
  EXPECT_EQ(answer(established(Verdict::unconfirmed), own).answer, KnockAnswer::undetermined);
}

TEST(Knock, OurOwnTroubleIsNoRefusal) {
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::identity_unusable), own).answer, KnockAnswer::undetermined);
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::no_suitable_signature), own).answer, KnockAnswer::undetermined);
}

}  // namespace
}  // namespace probes::client_auth
