#include "exporter/web/gzip.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/exporter/web/unzip.h"

namespace exporter::web {
namespace {

using tests::web::unzipped;

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

TEST(Gzip, OfAScrapeIsAFifthOfItAtMost) {
  const std::string text = like_a_scrape(1'000'000);
  EXPECT_LT(gzip(text).size(), text.size() / 5);
}

TEST(Gzip, EndsWhenTheTextBreaksOff) {
  const Pieces zipped = gzipped([]() -> std::string_view { throw std::runtime_error("no"); });
  EXPECT_THROW((void)zipped(), std::runtime_error);
}

}  // namespace
}  // namespace exporter::web
