#include "exporter/web/endpoints.h"

#include <gtest/gtest.h>

#include "exporter/web/router.h"

namespace exporter::web {
namespace {

using namespace std::chrono_literals;

struct House {
  std::chrono::steady_clock::time_point now{1h};
  bool tried = false;
  int scrapes = 0;
  std::string scrape = "up 1\n";
  int pieces = 1;

  // `text` so many times, a piece each.
  Pieces scraped(const std::string& text) const {
    return [text, left = pieces]() mutable { return left-- > 0 ? std::string_view(text) : std::string_view(); };
  }
  int estates = 0;
  int callers = 0;
  Sources::Query probed;
  std::optional<std::string> reload_error;

  Sources sources(bool enable_lifecycle = true) {
    return {.scrape = [this](Format format) { return ++scrapes, scraped(format == Format::text ? scrape : "# EOF\n"); },
            .estate = [this] { return ++estates, std::string("{}\n"); },
            .estate_part = [](const Sources::Query& query) -> Sources::Part {
              if (query.contains("wrong")) return Sources::Mistake{"it is wrong"};
              return "{\"part\":1}\n";
            },
            .table_csv = [](const std::string& table, const Sources::Query&) -> std::optional<Sources::Part> {
              return table == "watches" ? std::optional<Sources::Part>("target\r\n") : std::nullopt;
            },
            .expiries_ics = [](const Sources::Query& query) -> Sources::Part {
              if (query.contains("wrong")) return Sources::Mistake{"it is wrong"};
              return "BEGIN:VCALENDAR\r\n";
            },
            .target_named = [](const std::string& name) { return name == "a/b c" ? std::optional("[]\n") : std::nullopt; },
            .callers = [this](const Sources::Query& query) -> Sources::Part {
              if (query.contains("wrong")) return Sources::Mistake{"it is wrong"};
              return query.empty() ? (++callers, "[]\n") : "[1]\n";
            },
            .every_target_tried = [this] { return tried; },
            .reload = [this] { return reload_error; },
            .probe = [this](RequestPtr request, Reply reply) { probed = request->query, reply({.body = "an account\n"}); },
            .enable_lifecycle = enable_lifecycle,
            .now = [this] { return now; }};
  }
};

Response respond(const Router& router, Request request) {
  const auto found = router.find(request);
  if (const auto* refusal = std::get_if<Response>(&found)) return *refusal;
  Response given;
  (*std::get<const Handler*>(found))(std::make_shared<Request>(std::move(request)),
                                     [&](Response response) { given = std::move(response); });
  return given;
}

TEST(Endpoints, APartOfTheEstateIsAskedForByAQuery) {
  House house;
  const Router router(endpoints(house.sources()));
  Request request{.method = "GET", .path = "/api/v1/estate", .query = {{"state", "failed"}}};
  EXPECT_EQ(respond(router, request).status, 200);
  EXPECT_EQ(house.estates, 0);
  request.query = {{"wrong", ""}};
  EXPECT_EQ(respond(router, request).status, 400);
}

TEST(Endpoints, ACalendarAndTheCallersAreAskedForByAQueryToo) {
  House house;
  const Router router(endpoints(house.sources()));
  for (const char* path : {"/api/v1/expiries.ics", "/api/v1/callers"}) {
    EXPECT_EQ(respond(router, {.method = "GET", .path = path, .query = {{"label", "owner=a"}}}).status, 200) << path;
    EXPECT_EQ(respond(router, {.method = "GET", .path = path, .query = {{"wrong", ""}}}).status, 400) << path;
  }
  EXPECT_EQ(house.callers, 0);
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/api/v1/callers"}).body.text(), "[]\n");
}

TEST(Endpoints, ProbesNowOnlyWithPostAndTheLifecycleAndForItsOwnPage) {
  House house;
  const Router closed(endpoints(house.sources(false)));
  const Router open(endpoints(house.sources()));
  const Request asked{.method = "POST", .path = "/api/v1/probe", .query = {{"target", "a"}}};
  EXPECT_EQ(respond(closed, asked).status, 403);
  EXPECT_EQ(respond(open, {.method = "GET", .path = "/api/v1/probe"}).status, 405);
  Request of_another = asked;
  of_another.headers = {{"sec-fetch-site", "cross-site"}};
  EXPECT_EQ(respond(open, of_another).status, 403);
  EXPECT_TRUE(house.probed.empty());
  EXPECT_EQ(respond(open, asked).body.text(), "an account\n");
  EXPECT_EQ(house.probed, (Sources::Query{{"target", "a"}, {"debug", "true"}}));
}

TEST(Endpoints, APageOfAnotherSiteReloadsNothing) {
  House house;
  const Router router(endpoints(house.sources()));
  const auto reload = [&](const char* origin) {
    return respond(router, {.method = "POST", .path = "/-/reload", .headers = {{"origin", origin}, {"host", "exporter:10219"}}})
        .status;
  };
  EXPECT_EQ(reload("https://evil.example"), 403);
  EXPECT_EQ(reload("http://exporter:10219"), 200);
}

TEST(Endpoints, HasTablesAndACalendarAndNothingElseBelowTheApi) {
  House house;
  const Router router(endpoints(house.sources()));
  const Response table = respond(router, {.method = "GET", .path = "/api/v1/watches.csv"});
  EXPECT_EQ(table.status, 200);
  EXPECT_EQ(table.content_type.substr(0, 8), "text/csv");
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/api/v1/expiries.ics"}).content_type, "text/calendar; charset=utf-8");
  for (const char* path : {"/api/v1/", "/api/v1/.csv", "/api/v1/secrets.csv", "/api/v1/x", "/api/v1/a/b.csv"})
    EXPECT_EQ(respond(router, {.method = "GET", .path = path}).status, 404) << path;
}

TEST(Endpoints, IsReadyOnceEveryTargetWasTried) {
  House house;
  const Router router(endpoints(house.sources()));
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/-/ready"}).status, 503);
  house.tried = true;
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/-/ready"}).status, 200);
}

TEST(Endpoints, IsReadyAfterTwoMinutesWhateverTheTargetsDo) {
  House house;
  const Router router(endpoints(house.sources()));
  house.now += 119s;
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/-/ready"}).status, 503);
  house.now += 1s;
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/-/ready"}).status, 200);
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/-/healthy"}).status, 200);
}

TEST(Endpoints, ReloadsOnlyWhenTheLifecycleIsEnabled) {
  House house;
  const Router closed(endpoints(house.sources(false)));
  const Router open(endpoints(house.sources()));
  EXPECT_EQ(respond(closed, {.method = "POST", .path = "/-/reload"}).status, 403);
  EXPECT_EQ(respond(open, {.method = "POST", .path = "/-/reload"}).status, 200);
  EXPECT_EQ(respond(open, {.method = "PUT", .path = "/-/reload"}).status, 200);
  house.reload_error = "mtls_exporter.yml:1:1: no";
  const Response failed = respond(open, {.method = "POST", .path = "/-/reload"});
  EXPECT_EQ(failed.status, 500);
  EXPECT_NE(failed.body.text().find("mtls_exporter.yml:1:1: no"), std::string::npos);
  const Response wrong = respond(open, {.method = "GET", .path = "/-/reload"});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers, (decltype(wrong.headers){{"Allow", "POST, PUT"}}));
}

TEST(Endpoints, TheApiAnswersInJson) {
  House house;
  const Router router(endpoints(house.sources()));
  const Response list = respond(router, {.method = "GET", .path = "/api/v1/estate", .arrived = house.now});
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.content_type, "application/json");
  EXPECT_EQ(list.body.text(), "{}\n");
  (void)respond(router, {.method = "GET", .path = "/api/v1/estate", .arrived = house.now});
  EXPECT_EQ(house.estates, 1) << "those who asked before the rendering began share it while it is read";
  EXPECT_EQ(respond(router, {.method = "POST", .path = "/api/v1/estate"}).status, 405);
}

TEST(Endpoints, ATargetIsAllOfTheRestOfThePath) {
  House house;
  const Router router(endpoints(house.sources()));
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/api/v1/targets/a/b c"}).body.text(), "[]\n");
  const Response unknown = respond(router, {.method = "GET", .path = "/api/v1/targets/a"});
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.content_type, "application/json");
}

TEST(Endpoints, AScrapeIsSharedByThoseWhoAskedBeforeItBegan) {
  House house;
  const Router router(endpoints(house.sources()));
  const auto asked = house.now;
  std::vector<Response> read;
  for (int reader = 0; reader < 100; ++reader)
    read.push_back(respond(router, {.method = "GET", .path = "/metrics", .arrived = asked}));
  EXPECT_EQ(house.scrapes, 1);
  for (const Response& response : read) EXPECT_EQ(response.body.text(), "up 1\n");
  house.now += 1ms;
  (void)respond(router, {.method = "GET", .path = "/metrics", .arrived = house.now});
  EXPECT_EQ(house.scrapes, 2);
}

TEST(Endpoints, AScrapeIsNeverOlderThanItsRequest) {
  House house;
  const Router router(endpoints(house.sources()));
  const Response slow = respond(router, {.method = "GET", .path = "/metrics", .arrived = house.now});
  house.now += 1ms;
  house.scrape = "up 2\n";
  (void)respond(router, {.method = "GET", .path = "/metrics", .arrived = house.now});  // read, and gone
  const Response third = respond(router, {.method = "GET", .path = "/metrics", .arrived = house.now});
  EXPECT_EQ(third.body.text(), "up 2\n") << "not the one that the slow reader still has";
}

// Each reader has come at another time and has read far enough for the beginning to be dropped.
TEST(Endpoints, ACrowdOfSlowReadersSharesWhatIsKeptForIt) {
  House house;
  house.pieces = 100;
  house.scrape = std::string(100'000, '#');
  const Router router(endpoints(house.sources()));
  std::vector<Response> slow;
  const auto come = [&] {
    house.now += 10ms;
    slow.push_back(respond(router, {.method = "GET", .path = "/metrics", .arrived = house.now}));
    for (int piece = 0; piece < 50; ++piece) slow.back().body.advance();
    return house.scrapes;
  };
  for (int reader = 1; reader <= 8; ++reader) EXPECT_EQ(come(), reader);
  EXPECT_EQ(come(), 9);
  for (int reader = 0; reader < 100; ++reader) EXPECT_EQ(come(), 9) << "the ninth is kept whole";
  house.now += 5s;
  EXPECT_EQ(come(), 10) << "it has become old";
  slow.clear();
  EXPECT_EQ(come(), 11);
  EXPECT_EQ(come(), 12) << "no crowd: each as fresh as it asked";
}

TEST(Router, TakesEveryPathBelowATrailingSlash) {
  const auto named = [](const char* name) { return at_once([name](const Request&) { return Response{.body = name}; }); };
  const Router router({{"/", {"GET"}, named("root")}, {"/api/", {"GET"}, named("api")}, {"/one", {"GET"}, named("one")}});
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/api/v1/targets/a/b"}).body.text(), "api");
  EXPECT_EQ(respond(router, {.method = "HEAD", .path = "/"}).body.text(), "root");
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/one"}).body.text(), "one");
  EXPECT_EQ(respond(router, {.method = "GET", .path = "/one/"}).status, 404);
  EXPECT_EQ(respond(router, {.method = "get", .path = "/one"}).status, 405);
}

}  // namespace
}  // namespace exporter::web
