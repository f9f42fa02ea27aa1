#include "exporter/cluster/following.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace exporter::cluster {
namespace {

using namespace std::chrono_literals;
using probes::net::Fetched;
using probes::net::FetchFailure;
using probes::observations::SourceReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A server is played: what is asked is looked at, and answers are put in.
class FollowingTest : public testing::Test {
 protected:
  void answer(int status, const std::string& body, const std::map<std::string, std::string>& headers = {}) {
    following.answered(status);
    (void)following.take(status, body);
    following.ended(Fetched{.status = status, .headers = headers, .body = {}}, "https://api", now);
  }

  void breaks(FetchFailure::Kind kind = FetchFailure::Kind::other) {
    following.ended(FetchFailure{kind, "it broke off"}, "https://api", now);
  }

  static std::string item(const std::string& name, int version = 1) {
    return "{\"metadata\":{\"namespace\":\"web\",\"name\":\"" + name + "\",\"resourceVersion\":\"" + std::to_string(version) +
           "\"}}";
  }

  static std::string list(const std::string& items, int version, const std::string& next = "") {
    return "{\"metadata\":{\"resourceVersion\":\"" + std::to_string(version) + "\",\"continue\":\"" + next + "\"},\"items\":[" +
           items + "]}";
  }

  static std::string event(const std::string& type, const std::string& object) {
    return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
  }

  void listed(const std::string& items, int version = 10) {
    (void)following.request();
    answer(200, list(items, version));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& [name, object] : following.objects()) found.push_back(object->name);
    return found;
  }

  Following::Clock::time_point now{};
  Following following{{.path = "/api/v1/secrets",
                       .query = "&labelSelector=a",
                       .words = "secrets",
                       .read = [](const Json& object) -> ObjectPtr {
                         const Json* metadata = member(object, "metadata");
                         if (text(member(metadata, "name")) == "boring") return nullptr;
                         return std::make_shared<const Object>(Object{"web", text_of(*metadata, "name"), {}});
                       }},
                      7};
};

TEST_F(FollowingTest, ListsInPagesAndThenWatches) {
  EXPECT_EQ(following.request(), "/api/v1/secrets?limit=500&labelSelector=a");
  answer(200, list(item("a") + "," + item("boring"), 10, "next/page"));
  EXPECT_FALSE(following.settled());
  EXPECT_THAT(names(), IsEmpty()) << "half a list is none";
  EXPECT_EQ(following.request(), "/api/v1/secrets?limit=500&labelSelector=a&continue=next%2Fpage");
  answer(200, list(item("b"), 10));
  EXPECT_TRUE(following.settled());
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_THAT(following.request(), AllOf(HasSubstr("watch=1"), HasSubstr("resourceVersion=10"),
                                         HasSubstr("allowWatchBookmarks=true"), HasSubstr("labelSelector=a")));
}

TEST_F(FollowingTest, EventsMayComeInPieces) {
  listed(item("a"));
  (void)following.request();
  const std::string both = event("ADDED", item("b", 11)) + event("DELETED", item("a", 12));
  for (const char byte : both) ASSERT_TRUE(following.take(200, {&byte, 1}));
  EXPECT_THAT(names(), ElementsAre("b"));
}

TEST_F(FollowingTest, AWatchThatBreaksGoesOnFromTheLastEvent) {
  listed(item("a"));
  (void)following.request();
  following.answered(200);
  ASSERT_TRUE(following.take(200, event("MODIFIED", item("a", 17)) + "{\"type\":\"ADD"));
  breaks();
  EXPECT_THAT(following.request(), HasSubstr("resourceVersion=17"));
  EXPECT_FALSE(following.trouble()) << "watches end all the time";
}

TEST_F(FollowingTest, ABookmarkMovesTheVersionAndNothingElse) {
  listed(item("a"));
  (void)following.request();
  answer(200, event("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"99\"}}"));
  EXPECT_THAT(following.request(), HasSubstr("resourceVersion=99"));
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(FollowingTest, AfterGoneItListsAnewAndKeepsWhatItKnewUntilThen) {
  for (const bool as_event : {true, false}) {
    listed(item("a"));
    (void)following.request();
    if (as_event) answer(200, event("ERROR", "{\"kind\":\"Status\",\"code\":410}"));
    else answer(410, "{\"kind\":\"Status\",\"code\":410}");
    EXPECT_THAT(following.request(), Not(HasSubstr("watch"))) << as_event;
    EXPECT_THAT(names(), ElementsAre("a"));
    answer(200, list(item("b"), 30, "more"));
    EXPECT_THAT(names(), ElementsAre("a")) << "half of the new list";
    (void)following.request();
    answer(200, list(item("c"), 30));
    EXPECT_THAT(names(), ElementsAre("b", "c"));
    (void)following.request();
    answer(410, "");
  }
}

TEST_F(FollowingTest, PagesThatGoStaleAreAskedForAsOne) {
  (void)following.request();
  answer(200, list(item("a"), 10, "more"));
  (void)following.request();
  answer(410, "{\"message\":\"too old\"}");
  EXPECT_THAT(following.request(), HasSubstr("limit=0"));
}

TEST_F(FollowingTest, RefusalsNameWhatIsRefused) {
  (void)following.request();
  answer(403, "{\"kind\":\"Status\",\"message\":\"secrets is forbidden\"}");
  ASSERT_TRUE(following.trouble());
  EXPECT_EQ(following.trouble()->reason, SourceReason::permission_denied);
  EXPECT_EQ(following.trouble()->path, "https://api/api/v1/secrets");
  EXPECT_EQ(following.trouble()->detail, "secrets: status 403: secrets is forbidden");
  EXPECT_TRUE(following.settled()) << "nobody waits for what is refused";
  listed(item("a"));
  EXPECT_FALSE(following.trouble());
}

TEST_F(FollowingTest, PausesGrowAndDiffer) {
  std::chrono::nanoseconds before{};
  for (int time = 0; time < 12; ++time) {
    (void)following.request();
    breaks(FetchFailure::Kind::unreachable);
    const auto pause = following.due() - now;
    EXPECT_GE(pause, 125ms);
    EXPECT_LE(pause, 60s);
    EXPECT_GT(pause * 5, before) << "a pause of ten seconds is not followed by one of one";
    before = pause;
  }
  EXPECT_GE(before, 30s);
}

TEST_F(FollowingTest, AServerThatNamesAPauseGetsIt) {
  (void)following.request();
  answer(429, "", {{"retry-after", "7"}});
  EXPECT_GE(following.due() - now, 7s);
  EXPECT_EQ(following.trouble()->reason, SourceReason::http_status);
}

TEST_F(FollowingTest, WhatIsNoListAndNoEventIsSaid) {
  for (const char* body : {"", "<html>", "[]", "{\"items\":[]}", "{\"metadata\":7}"}) {
    (void)following.request();
    answer(200, body);
    ASSERT_TRUE(following.trouble()) << body;
    EXPECT_EQ(following.trouble()->reason, SourceReason::bad_syntax) << body;
  }
  listed(item("a"));
  for (const char* line : {"{}\n", "no\n", "{\"type\":\"ADDED\"}\n", "{\"type\":\"ADDED\",\"object\":{}}\n",
                           "{\"type\":\"NEW\",\"object\":{\"metadata\":{\"resourceVersion\":\"1\"}}}\n"}) {
    (void)following.request();
    following.answered(200);
    EXPECT_FALSE(following.take(200, line)) << line;
    breaks(FetchFailure::Kind::too_large);
    ASSERT_TRUE(following.trouble()) << line;
    EXPECT_THAT(names(), ElementsAre("a"));
    EXPECT_THAT(following.request(), Not(HasSubstr("watch"))) << "a list tells what is so";
    answer(200, list(item("a"), 10));
  }
}

TEST_F(FollowingTest, APageThatIsTooLongIsAskedForInSmallerOnes) {
  (void)following.request();
  breaks(FetchFailure::Kind::too_large);
  EXPECT_THAT(following.request(), HasSubstr("limit=62"));
}

}  // namespace
}  // namespace exporter::cluster
