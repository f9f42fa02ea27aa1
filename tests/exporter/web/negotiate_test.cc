#include "exporter/web/negotiate.h"

#include <gtest/gtest.h>

#include "tests/exporter/web/unzip.h"

namespace exporter::web {
namespace {

TEST(Negotiate, GivesOpenMetricsToThoseWhoPreferIt) {
  for (const char* accept : {"application/openmetrics-text", "application/openmetrics-text; version=1.0.0",
                             "Application/OpenMetrics-Text;version=\"1.0.0\"",
                             "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/"
                             "plain;version=0.0.4;q=0.5,*/*;q=0.1",
                             "text/plain;q=0.5, application/openmetrics-text;q=0.6",
                             "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.3"})
    EXPECT_EQ(format(accept), Format::openmetrics) << accept;
}

TEST(Negotiate, GivesTheTextFormatToEverybodyElse) {
  for (const char* accept :
       {"", "*/*", "text/html", "text/plain", "application/json", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=0.4,text/plain;q=0.5",
        "text/plain,application/openmetrics-text", "application/openmetrics-text;q=2", "application/openmetrics-text;q=0.0001",
        ";;;,,,=;q=", "\"application/openmetrics-text", "application/*"})
    EXPECT_EQ(format(accept), Format::text) << accept;
}

TEST(Negotiate, ZipsForThoseWhoAskForIt) {
  for (const char* accept : {"gzip", "deflate, gzip;q=1.0, *;q=0.5", "x-gzip", "*", "GZIP", "gzip;q=0.001"})
    EXPECT_TRUE(accepts_gzip(accept)) << accept;
  for (const char* accept : {"", "identity", "gzip;q=0", "gzip;q=0, *", "br", "*;q=0", "gzip;q=0.5, identity", "gzip;q=x"})
    EXPECT_FALSE(accepts_gzip(accept)) << accept;
}

TEST(Negotiate, CompressesOnlyWhenItPays) {
  const Request willing{.headers = {{"accept-encoding", "gzip"}}};
  Response large{.body = std::string(5000, 'a')};
  compress(willing, large);
  EXPECT_EQ(tests::web::unzipped(large.body.text()), std::string(5000, 'a'));
  Response small{.body = "a"};
  compress(willing, small);
  EXPECT_EQ(small.body.text(), "a");
  Response plain{.body = std::string(5000, 'a')};
  compress({}, plain);
  EXPECT_EQ(plain.body.text().size(), 5000u);
  Response negotiated{.headers = {{"Vary", "Accept"}}, .body = std::string(5000, 'a')};
  compress(willing, negotiated);
  EXPECT_EQ(negotiated.body.text().size(), 5000u);
  Response pieces{.body = Body([] { return std::string_view("endless"); })};
  compress(willing, pieces);
  EXPECT_TRUE(pieces.headers.empty()) << "its handler negotiates";
}

}  // namespace
}  // namespace exporter::web
