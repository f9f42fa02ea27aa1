#include "exporter/web/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace exporter::web {
namespace {

// By another library than ours; one gzip member, and nothing behind it.
std::string unzipped(const std::string& zipped) {
  constexpr int gzip_only = 16;
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + gzip_only) != Z_OK) return "cannot begin";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  std::string text;
  std::string buffer(1 << 16, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return "broken";
  return stream.avail_in == 0 ? text : "something follows";
}

std::string like_a_scrape(std::size_t size) {
  std::mt19937 random(1);
  std::string text;
  while (text.size() < size)
    text += "mtls_certificate_expiry_days{source=\"server\",target=\"service-" + std::to_string(random() % 1000) + "\"} " +
            std::to_string(random()) + "\n";
  return text;
}

std::string noise(std::size_t size) {
  std::mt19937 random(2);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

TEST(Gzip, ComesBackTheSame) {
  for (const std::string& text : {std::string(), std::string("a"), like_a_scrape(100), like_a_scrape(3'000'000), noise(300'000)})
    EXPECT_EQ(unzipped(gzip(text)), text) << text.size();
}

TEST(Gzip, OfPiecesIsThatOfTheWhole) {
  const std::string text = like_a_scrape(1'000'000);
  for (const std::size_t size : {std::size_t{1}, std::size_t{4099}, std::size_t{256 * 1024}}) {
    std::string piece;
    const Pieces zipped = gzipped([&, at = std::size_t{0}]() mutable {
      piece = text.substr(at, size);  // where the piece before stood
      at += piece.size();
      return std::string_view(piece);
    });
    std::string all;
    for (std::string_view next = zipped(); !next.empty(); next = zipped()) all.append(next);
    EXPECT_EQ(unzipped(all), text) << size;
  }
}

TEST(Gzip, OfAScrapeIsATenthOfIt) {
  const std::string text = like_a_scrape(1'000'000);
  EXPECT_LT(gzip(text).size(), text.size() / 5);
}

TEST(Gzip, EndsWhenTheTextBreaksOff) {
  const Pieces zipped = gzipped([]() -> std::string_view { throw std::runtime_error("no"); });
  EXPECT_THROW((void)zipped(), std::runtime_error);
}

}  // namespace
}  // namespace exporter::web
