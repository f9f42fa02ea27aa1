#include "exporter/web/same_origin.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

bool elsewhere(std::map<std::string, std::string, std::less<>> headers, std::string_view external_url = "") {
  return from_another_site({.method = "POST", .headers = std::move(headers)}, external_url);
}

TEST(SameOrigin, WhoIsNoBrowserMayAsk) { EXPECT_FALSE(elsewhere({{"host", "exporter:10219"}})); }

TEST(SameOrigin, TheBrowserSaysWhereItComesFrom) {
  EXPECT_FALSE(elsewhere({{"sec-fetch-site", "same-origin"}, {"origin", "https://proxy"}, {"host", "inner:10219"}}));
  EXPECT_FALSE(elsewhere({{"sec-fetch-site", "none"}}));
  EXPECT_TRUE(elsewhere({{"sec-fetch-site", "cross-site"}}));
  EXPECT_TRUE(elsewhere({{"sec-fetch-site", "same-site"}})) << "another host of our domain is not us";
}

TEST(SameOrigin, WithoutThatTheOriginIsComparedWithTheHost) {
  EXPECT_FALSE(elsewhere({{"origin", "http://exporter:10219"}, {"host", "Exporter:10219"}}));
  EXPECT_FALSE(elsewhere({{"origin", "https://certs.example"}, {"host", "certs.example"}}));
  EXPECT_TRUE(elsewhere({{"origin", "http://evil.example"}, {"host", "exporter:10219"}}));
  EXPECT_TRUE(elsewhere({{"origin", "http://exporter:8080"}, {"host", "exporter:10219"}}));
  EXPECT_TRUE(elsewhere({{"origin", "null"}, {"host", "exporter:10219"}}));
  EXPECT_TRUE(elsewhere({{"origin", "null"}, {"host", ""}}));
}

TEST(SameOrigin, BehindAProxyTheExternalUrlIsUs) {
  EXPECT_FALSE(elsewhere({{"origin", "https://certs.example"}, {"host", "inner:10219"}}, "https://certs.example:443/exporter/"));
  EXPECT_TRUE(elsewhere({{"origin", "https://evil.example"}, {"host", "inner:10219"}}, "https://certs.example/"));
}

}  // namespace
}  // namespace exporter::web
