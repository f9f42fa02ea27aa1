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
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::certificate_required), own), KnockAnswer::refused);
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::refused_by_application), own), KnockAnswer::refused);
}

TEST(Knock, TheSameClassOfAnswerAsOurOwnIsAdmission) {
  EXPECT_EQ(answer(established(Verdict::accepted, 204), own), KnockAnswer::admitted);
  EXPECT_EQ(answer(established(Verdict::accepted), established(Verdict::accepted)), KnockAnswer::admitted);
}

TEST(Knock, TurnedAwayByTheApplicationWhereWeWereNotIsRefused) {
  for (const int status : {401, 403, 302})
    EXPECT_EQ(answer(established(Verdict::accepted, status), own), KnockAnswer::refused) << status;
}

TEST(Knock, ForbiddenWhereWeAreForbiddenTooIsAdmission) {
  EXPECT_EQ(answer(established(Verdict::accepted, 403), established(Verdict::accepted, 404)), KnockAnswer::admitted);
}

TEST(Knock, AnErrorOfTheApplicationSaysNothing) {
  EXPECT_EQ(answer(established(Verdict::accepted, 500), own), KnockAnswer::undetermined);
}

TEST(Knock, WhatFailedBeforeTheServerCouldJudgeIsUndetermined) {
  EXPECT_EQ(answer(failed(Stage::connect, Reason::refused), own), KnockAnswer::undetermined);
  EXPECT_EQ(answer(failed(Stage::handshake, Reason::connection_reset), own), KnockAnswer::undetermined);
  EXPECT_EQ(answer(failed(Stage::handshake, Reason::handshake_timeout), own), KnockAnswer::undetermined);
  EXPECT_EQ(answer(established(Verdict::unconfirmed), own), KnockAnswer::undetermined);
}

TEST(Knock, OurOwnTroubleIsNoRefusal) {
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::identity_unusable), own), KnockAnswer::undetermined);
  EXPECT_EQ(answer(failed(Stage::client_certificate, Reason::no_suitable_signature), own), KnockAnswer::undetermined);
}

}  // namespace
}  // namespace probes::client_auth
