#include "exporter/web/negotiate.h"

#include <gtest/gtest.h>
#include <zlib.h>

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

std::string unzipped(const std::string& zipped, std::size_t size) {
  std::string out(size + 1, '\0');
  z_stream stream{};
  inflateInit2(&stream, MAX_WBITS + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Negotiate, CompressesOnlyWhenItPays) {
  const Request willing{.headers = {{"accept-encoding", "gzip"}}};
  Response large{.body = std::string(5000, 'a')};
  compress(willing, large);
  EXPECT_EQ(unzipped(large.body.text(), 5000), std::string(5000, 'a'));
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
