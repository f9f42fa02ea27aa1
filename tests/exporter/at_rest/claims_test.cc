#include "exporter/at_rest/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace ::tests::support;
using probes::observations::Location;
using testing::ElementsAre;
using testing::IsEmpty;

SourceSlot slot(const std::string& name, const std::vector<std::string>& paths, config::Labels labels = {}) {
  SourceSlot made{.key = {SourceKind::file, name}, .labels = std::move(labels)};
  for (const std::string& path : paths) made.published.push_back({.place = Location(path), .certificate = a_certificate("a")});
  return made;
}

std::vector<std::string> settled(Claims& claims, SourceSlot made, std::uint64_t dropped) {
  claims.settle(made, {});
  EXPECT_EQ(made.dropped, dropped);
  std::vector<std::string> paths;
  for (const auto& resting : made.published) paths.emplace_back(resting.place.text());
  return paths;
}

TEST(Claims, OfTwoSetsOverOneFileTheFirstPublishesIt) {
  Claims claims;
  EXPECT_THAT(settled(claims, slot("a", {"/1", "/2"}), 0), ElementsAre("/1", "/2"));
  EXPECT_THAT(settled(claims, slot("b", {"/2", "/3"}), 1), ElementsAre("/3"));
  EXPECT_THAT(settled(claims, slot("a", {"/1", "/2"}), 0), ElementsAre("/1", "/2"));
}

TEST(Claims, WhatASourceGivesUpIsFree) {
  Claims claims;
  settled(claims, slot("a", {"/1", "/2"}), 0);
  settled(claims, slot("a", {"/1"}), 0);
  EXPECT_THAT(settled(claims, slot("b", {"/1", "/2"}), 1), ElementsAre("/2"));
  claims.release({SourceKind::file, "a"});
  EXPECT_THAT(settled(claims, slot("c", {"/1", "/2"}), 1), ElementsAre("/1"));
}

TEST(Claims, LabelsOfTheUsersOwnTellTwoApart) {
  Claims claims;
  settled(claims, slot("a", {"/1"}), 0);
  EXPECT_THAT(settled(claims, slot("b", {"/1"}, {{"owner", "b"}}), 0), ElementsAre("/1"));
}

TEST(Claims, CleaningMayMakeTwoNamesOne) {
  Claims claims;
  EXPECT_THAT(settled(claims, slot("a", {"/x\n", "/x\r"}), 1), ElementsAre("/x\n"));
}

TEST(Claims, NothingIsNothing) {
  Claims claims;
  EXPECT_THAT(settled(claims, slot("a", {}), 0), IsEmpty());
}

}  // namespace
}  // namespace exporter
