#include "exporter/discovery/target_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter::discovery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using enum SourceReason;

constexpr std::string_view reserved[] = {"target", "identity"};

struct Read {
  std::optional<std::vector<Candidate>> found;
  Troubles troubles;
};
Read read(std::string_view text, ListFormat format = ListFormat::json) {
  Read read;
  read.found = read_target_groups(text, format, "list", reserved, read.troubles);
  return read;
}

TEST(TargetGroups, JsonAndYamlSayTheSame) {
  const auto json = read(R"([{"targets": ["Web.example:443", "[2001:db8::1]:8443"], "labels": {"team": "a"}}])");
  const auto yaml = read("- targets: ['Web.example:443', '[2001:db8::1]:8443']\n  labels: {team: a}\n", ListFormat::yaml);
  ASSERT_TRUE(json.found && yaml.found);
  EXPECT_EQ(*json.found, *yaml.found);
  ASSERT_THAT(*json.found, SizeIs(2));
  EXPECT_EQ(json.found->at(0).host, "web.example");
  EXPECT_EQ(json.found->at(1).host, "2001:db8::1");
  EXPECT_EQ(json.found->at(1).port, 8443);
  EXPECT_EQ(json.found->at(0).labels, (config::Labels{{"team", "a"}}));
  EXPECT_THAT(json.troubles.named(), IsEmpty());
}

TEST(TargetGroups, ParametersAreUnderstoodAndOtherDunderLabelsLeftOut) {
  const auto seen = read(
      R"([{"targets": ["shown"], "labels": {"__param_module": "m", "__param_identity": "i", "__param_server_name": "s.example",
                             "__address__": "10.0.0.1:443", "__meta_x": "y", "name": "web", "empty": ""}}])");
  ASSERT_TRUE(seen.found && seen.found->size() == 1);
  const Candidate& candidate = seen.found->front();
  EXPECT_EQ(candidate.module, "m");
  EXPECT_EQ(candidate.identity, "i");
  EXPECT_EQ(candidate.server_name, "s.example");
  EXPECT_EQ(candidate.host, "10.0.0.1");
  EXPECT_EQ(candidate.name, "web");
  EXPECT_THAT(candidate.labels, IsEmpty());
}

TEST(TargetGroups, ATargetMayBeAUrlOrAHostAlone) {
  const auto seen = read(R"([{"targets": ["https://Web.example/health", "https://web:8443", "web"]}])");
  ASSERT_TRUE(seen.found && seen.found->size() == 3);
  const Candidate &url = (*seen.found)[0], &port = (*seen.found)[1], &host = (*seen.found)[2];
  EXPECT_EQ(std::tie(url.host, url.scheme, url.path, url.name),
            std::tuple("web.example", "https", "/health", "https://Web.example/health"));
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(port.port, 8443);
  EXPECT_EQ(std::tie(host.host, host.scheme, host.name), std::tuple("web", "", ""));
  EXPECT_EQ(host.port, 0) << "that of its module's protocol";
}

TEST(TargetGroups, ABadTargetIsCountedAndItsNeighboursStay) {
  const auto seen = read(
      R"([{"targets": ["web:443", "no port", "http://web/"]}, {"targets": ["b:1"], "labels": {"__param_server_name": "not a name"}}])");
  ASSERT_TRUE(seen.found);
  EXPECT_THAT(*seen.found, SizeIs(1));
  EXPECT_EQ(seen.troubles.counts(), (Errors{{bad_target, 3}}));
}

TEST(TargetGroups, ABadTargetIsNamedWithItsLineAndWhy) {
  const auto places = [](const Read& read) {
    std::vector<std::string> all;
    for (const Trouble& trouble : read.troubles.named()) all.push_back(place_text(trouble) + " " + trouble.detail.substr(0, 14));
    return all;
  };
  EXPECT_THAT(
      places(read("[{\"x\": [\"y\"], \"targets\": [\"a:1\",\n\"b:\"]},\n{\"labels\": {}},\n{\"targets\": [\n\"c:\", \"d:\"]}]")),
      ElementsAre("list:2 target `b:`: `", "list:5 target `c:`: `", "list:5 target `d:`: `"));
  EXPECT_THAT(places(read("- targets:\n  - a:1\n  - 'b:'\n", ListFormat::yaml)), ElementsAre("list:3 target `b:`: `"));
  EXPECT_THAT(places(read("[{\"targets\": [\"a:1\"]},\n{]")), ElementsAre("list:2 no JSON"));
}

TEST(TargetGroups, VeryManyBadTargetsAreCountedAndTheFirstNamed) {
  std::string text = "[{\"targets\": [\"x:\"";
  for (int number = 0; number < 1000; ++number) text += ", \"x:\"";
  const auto seen = read(text + "]}]");
  EXPECT_EQ(seen.troubles.counts(), (Errors{{bad_target, 1001}}));
  EXPECT_EQ(seen.troubles.total(), 1001u);
  EXPECT_THAT(seen.troubles.named(), SizeIs(most_named));
}

TEST(TargetGroups, ALabelOfOurOwnIsCountedAndTheTargetStays) {
  const auto seen = read(R"([{"targets": ["web:443"], "labels": {"target": "x", "job": "node", "team": "a"}}])");
  ASSERT_TRUE(seen.found && seen.found->size() == 1);
  EXPECT_EQ(seen.found->front().labels, (config::Labels{{"team", "a"}}));
  EXPECT_EQ(seen.troubles.counts(), (Errors{{bad_label, 2}}));
}

TEST(TargetGroups, WhatIsNoListIsNone) {
  for (const std::string_view text :
       {"", "{", "{}", "[1]", R"([{"targets": "web:443"}])", R"([{"targets": [1]}])", R"([{"labels": [1]}])",
        R"([{"targets": ["web:443"], "labels": {"a": 1}}])", R"([{"targets": ["a:1"]})", "[{\"targets\": [\"\xff:1\"]}]"}) {
    const auto seen = read(text);
    EXPECT_FALSE(seen.found) << text;
    EXPECT_EQ(seen.troubles.counts(), (Errors{{bad_syntax, 1}})) << text;
  }
  EXPECT_FALSE(read("a: b", ListFormat::yaml).found);
  EXPECT_FALSE(read("", ListFormat::yaml).found);
}

TEST(TargetGroups, AnEmptyListIsOne) {
  const auto seen = read("[]");
  ASSERT_TRUE(seen.found);
  EXPECT_THAT(*seen.found, IsEmpty());
}

}  // namespace
}  // namespace exporter::discovery
