#include "exporter/estate/door.h"

#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using config::ClientAuth;
using config::ClientAuthExpectation;
using probes::observations::DoorMode;
using probes::observations::KnockAnswer;
using ::tests::support::today;

constexpr auto refused = KnockAnswer::refused;
constexpr auto admitted = KnockAnswer::admitted;
constexpr auto unknown = KnockAnswer::undetermined;
constexpr std::chrono::minutes every{15};

std::map<std::string, KnockRecord> knocks(KnockAnswer anonymous, KnockAnswer rogue, WallTime at = today) {
  return {{"anonymous", {anonymous, at}}, {"rogue", {rogue, at}}};
}

DoorMode mode(std::optional<bool> requested, KnockAnswer anonymous, KnockAnswer rogue) {
  return door_mode(requested, knocks(anonymous, rogue), today, every);
}

TEST(Door, NamesTheModeByBothAnswers) {
  EXPECT_EQ(mode(true, refused, refused), DoorMode::required);
  EXPECT_EQ(mode(true, admitted, refused), DoorMode::optional);
  EXPECT_EQ(mode(true, refused, admitted), DoorMode::any_certificate);
  EXPECT_EQ(mode(true, admitted, admitted), DoorMode::open);
}

TEST(Door, IsNoneWhenTheServerNeverAsks) {
  EXPECT_EQ(mode(false, admitted, admitted), DoorMode::none);
  EXPECT_EQ(door_mode(false, {}, today, every), DoorMode::none);
}

TEST(Door, IsUndeterminedWhileEitherAnswerIsMissing) {
  EXPECT_EQ(mode(true, unknown, refused), DoorMode::undetermined);
  EXPECT_EQ(mode(true, refused, unknown), DoorMode::undetermined);
  EXPECT_EQ(door_mode(true, {{"anonymous", {refused, today}}}, today, every), DoorMode::undetermined);
  EXPECT_EQ(door_mode(true, {}, today, every), DoorMode::undetermined);
}

TEST(Door, DoesNotGuessBetweenOpenAndNone) {
  EXPECT_EQ(mode(std::nullopt, admitted, admitted), DoorMode::undetermined);
  EXPECT_EQ(mode(std::nullopt, refused, refused), DoorMode::required);
}

TEST(Door, AnAnswerCountsForTwoPeriods) {
  EXPECT_EQ(door_mode(true, knocks(refused, refused), today + 2 * every, every), DoorMode::required);
  EXPECT_EQ(door_mode(true, knocks(refused, refused), today + 2 * every + std::chrono::seconds(1), every),
            DoorMode::undetermined);
}

TEST(Door, RequiredImpliesBothKnocksUnlessWrittenOtherwise) {
  EXPECT_EQ(must_be_refused({.expect = ClientAuthExpectation::required}), (std::vector<std::string>{"anonymous", "rogue"}));
  EXPECT_EQ(must_be_refused({.expect = ClientAuthExpectation::required, .must_refuse = {"rogue"}}),
            std::vector<std::string>{"rogue"});
  EXPECT_TRUE(must_be_refused({.expect = ClientAuthExpectation::optional}).empty());
}

std::optional<bool> enforced_as(DoorMode mode, std::optional<ClientAuthExpectation> expect) {
  return enforced(Door{.mode = mode}, ClientAuth{.expect = expect});
}

TEST(Door, IsEnforcedWhenItTurnsAwayWhomItMust) {
  EXPECT_EQ(enforced_as(DoorMode::required, ClientAuthExpectation::required), true);
  EXPECT_EQ(enforced_as(DoorMode::optional, ClientAuthExpectation::optional), true);
  EXPECT_EQ(enforced_as(DoorMode::optional, ClientAuthExpectation::required), false);
  EXPECT_EQ(enforced_as(DoorMode::none, ClientAuthExpectation::required), false);
  EXPECT_EQ(enforced_as(DoorMode::none, ClientAuthExpectation::optional), false);
}

TEST(Door, AHoleIsAHoleWhateverWasExpected) {
  for (const DoorMode hole : {DoorMode::any_certificate, DoorMode::open}) {
    EXPECT_EQ(enforced_as(hole, std::nullopt), false);
    EXPECT_EQ(enforced_as(hole, ClientAuthExpectation::optional), false);
    EXPECT_EQ(enforced_as(hole, ClientAuthExpectation::required), false);
  }
}

TEST(Door, SaysNothingWhereNothingIsKnownOrAsked) {
  EXPECT_EQ(enforced_as(DoorMode::undetermined, ClientAuthExpectation::required), std::nullopt);
  EXPECT_EQ(enforced_as(DoorMode::none, std::nullopt), std::nullopt);
  EXPECT_EQ(enforced_as(DoorMode::none, ClientAuthExpectation::none), std::nullopt);
  EXPECT_EQ(enforced(Door{}, ClientAuth{.expect = ClientAuthExpectation::required}), std::nullopt);
}

TEST(Door, AnIdentityThatMustBeRefusedAndIsAdmittedIsAHole) {
  const ClientAuth settings{.must_refuse = {"billing"}};
  EXPECT_EQ(enforced(Door{.knocks = {{"billing", {admitted, today}}}, .mode = DoorMode::undetermined}, settings), false);
  EXPECT_EQ(enforced(Door{.knocks = {{"billing", {refused, today}}}, .mode = DoorMode::undetermined}, settings), std::nullopt);
}

TEST(DoorAnswers, WhatTlsLetsInIsAdmittedOnlyWhereTlsHasRefusedAnother) {
  std::map<std::string, KnockRecord> knocks;
  knocks["rogue"].found = {KnockAnswer::admitted, true};
  settle_answers(knocks);
  EXPECT_EQ(knocks["rogue"].answer, KnockAnswer::undetermined) << "the application may refuse it";
  knocks["anonymous"].found = {KnockAnswer::refused, true};
  settle_answers(knocks);
  EXPECT_EQ(knocks["rogue"].answer, KnockAnswer::admitted);
  knocks["anonymous"].found.by_tls = false;
  settle_answers(knocks);
  EXPECT_EQ(knocks["rogue"].answer, KnockAnswer::undetermined) << "that was the application's refusal";
  knocks["rogue"].found.by_tls = false;
  settle_answers(knocks);
  EXPECT_EQ(knocks["rogue"].answer, KnockAnswer::admitted) << "an application let it in";
}

}  // namespace
}  // namespace exporter
