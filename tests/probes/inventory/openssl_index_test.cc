#include "probes/inventory/openssl_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace probes::inventory {
namespace {

using namespace std::chrono_literals;
using observations::IssuedState;
using observations::SourceReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::sys_days today = std::chrono::year(2026) / 6 / 1;

// The detail of the trouble with this one line; "" when it is a row.
std::string trouble_with(std::string_view line) {
  const IndexRows read = parse_index(line, "index.txt");
  EXPECT_EQ(read.rows.size() + read.troubles.size(), 1u) << line;
  return read.troubles.empty() ? "" : read.troubles.front().detail;
}

IndexRow row(std::string_view line) {
  const IndexRows read = parse_index(line, "index.txt");
  EXPECT_THAT(read.rows, SizeIs(1)) << line;
  return read.rows.empty() ? IndexRow{} : read.rows.front();
}

class Index : public testing::Test {
 protected:
  Index() : folder_(testing::TempDir() + "openssl_index_" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~Index() override { std::filesystem::remove_all(folder_); }

  observations::IssuedCertificates read(std::string_view text, config::Authority settings = {}) {
    settings.openssl_index = folder_ + "/index.txt";
    std::ofstream(settings.openssl_index) << text;
    return read_openssl_index(settings, today);
  }

  std::string folder_;
};

TEST(ParseIndex, ReadsAValidRow) {
  const IndexRow read = row("V\t260901000000Z\t\t0A1B\tunknown\t/C=SE/CN=client\n");
  EXPECT_EQ(read.serial, "0A1B");
  EXPECT_EQ(read.subject, "/C=SE/CN=client");
  EXPECT_EQ(read.not_after, std::chrono::sys_days(std::chrono::year(2026) / 9 / 1));
  EXPECT_EQ(read.standing, Standing::good);
}

TEST(ParseIndex, ReadsBothKindsOfTime) {
  const auto year = [](std::string_view time) {
    const auto line = "V\t" + std::string(time) + "\t\t01\tunknown\t/CN=a";
    return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(row(line).not_after)).year());
  };
  EXPECT_EQ(year("491231235959Z"), 2049);
  EXPECT_EQ(year("500101000000Z"), 1950);
  EXPECT_EQ(year("20500101000000Z"), 2050);
  EXPECT_EQ(year("99991231235959Z"), 9999);
}

TEST(ParseIndex, TellsARevocationFromAHold) {
  const auto standing = [](std::string_view revocation) {
    return row("R\t260901000000Z\t" + std::string(revocation) + "\t01\tunknown\t/CN=a").standing;
  };
  EXPECT_EQ(standing("260101000000Z"), Standing::revoked);
  EXPECT_EQ(standing("260101000000Z,keyCompromise"), Standing::revoked);
  EXPECT_EQ(standing("260101000000Z,keyTime,20260101000000Z"), Standing::revoked);
  EXPECT_EQ(standing("260101000000Z,certificateHold"), Standing::held);
  EXPECT_EQ(standing("260101000000Z,holdInstruction,holdInstructionReject"), Standing::held);
}

TEST(ParseIndex, SaysWhatIsWrongWithALine) {
  const struct {
    std::string_view good, bad, what;
  } rules[] = {
      {"V\t260901000000Z\t\t01\tu\t/CN=a", "V\t260901000000Z\t01\tu\t/CN=a", "not six fields"},
      {"V\t260901000000Z\t\t01\tu\t/CN=a\\\tb", "V\t260901000000Z\t\t01\tu\t/CN=a\tb", "not six fields"},
      {"V\t260901000000Z\t\t01\tu\t/CN=a", "X\t260901000000Z\t\t01\tu\t/CN=a", "neither V nor E, nor R"},
      {"V\t260901000000Z\t\t01\tu\t/CN=a", "V\t260901000000Z\t260101000000Z\t01\tu\t/CN=a", "neither V nor E, nor R"},
      {"R\t260901000000Z\t260101000000Z\t01\tu\t/CN=a", "R\t260901000000Z\t\t01\tu\t/CN=a", "neither V nor E, nor R"},
      {"V\t260228000000Z\t\t01\tu\t/CN=a", "V\t260229000000Z\t\t01\tu\t/CN=a", "no date"},
      {"V\t260901235959Z\t\t01\tu\t/CN=a", "V\t260901240000Z\t\t01\tu\t/CN=a", "no date"},
      {"V\t260901000000Z\t\t01\tu\t/CN=a", "V\t260901000000\t\t01\tu\t/CN=a", "no date"},
      {"V\t260901000000Z\t\t01\tu\t/CN=a", "V\t\t\t01\tu\t/CN=a", "no date"},
      {"V\t260901000000Z\t\tff\tu\t/CN=a", "V\t260901000000Z\t\tfg\tu\t/CN=a", "no serial number"},
      {"V\t260901000000Z\t\t-01\tu\t/CN=a", "V\t260901000000Z\t\t\tu\t/CN=a", "no serial number"},
  };
  for (const auto& rule : rules) {
    EXPECT_EQ(trouble_with(rule.good), "") << rule.good;
    EXPECT_THAT(trouble_with(rule.bad), HasSubstr(rule.what)) << rule.bad;
  }
  EXPECT_THAT(trouble_with(std::string_view("V\t260901000000Z\t\t01\tu\t/CN=a\0b", 29)), HasSubstr("zero byte"));
  EXPECT_THAT(trouble_with("V\t260901000000Z\t\t01\tu\t/CN=" + std::string(index_line_limit, 'a')), HasSubstr("longer than"));
}

TEST(ParseIndex, ABadLineIsOneTroubleWithItsNumberAndTheOthersAreKept) {
  const IndexRows read =
      parse_index("V\t260901000000Z\t\t01\tu\t/CN=a\n\n# comment\nnonsense\nV\t260901000000Z\t\t02\tu\t/CN=b\r\n", "i");
  EXPECT_THAT(read.rows, SizeIs(2));
  EXPECT_EQ(read.rows.back().subject, "/CN=b");
  ASSERT_THAT(read.troubles, SizeIs(1));
  EXPECT_EQ(read.troubles.front().reason, SourceReason::bad_index);
  EXPECT_THAT(read.troubles.front().detail, HasSubstr("line 4: "));
}

TEST(ParseIndex, TellsOfAThousandBadLinesAtMost) {
  std::string text;
  for (std::size_t line = 0; line < troubles_limit + 5; ++line) text += "x\n";
  const IndexRows read = parse_index(text, "i");
  EXPECT_THAT(read.troubles, SizeIs(troubles_limit));
  EXPECT_EQ(read.bad, troubles_limit + 5);
  EXPECT_THAT(read.troubles.back().detail, HasSubstr("and more such lines"));
}

TEST_F(Index, CountsEachStateOnce) {
  const auto found = read(
      "V\t260610000000Z\t\t01\tunknown\t/CN=renewed\n"
      "R\t270101000000Z\t260101000000Z,superseded\t02\tunknown\t/CN=lost\n"
      "V\t260501000000Z\t\t03\tunknown\t/CN=gone\n"
      "E\t270101000000Z\t\t04\tunknown\t/CN=flagged\n"
      "R\t270101000000Z\t260101000000Z,certificateHold\t05\tunknown\t/CN=away\n"
      "V\t270101000000Z\t\t06\tunknown\t/CN=renewed\n");
  using enum IssuedState;
  const auto count = [&](IssuedState state) { return found.counts[static_cast<std::size_t>(state)]; };
  EXPECT_EQ(count(valid), 2u);  // 04 and 06: the flag E says nothing
  EXPECT_EQ(count(expired), 1u);
  EXPECT_EQ(count(superseded), 1u);
  EXPECT_EQ(count(held), 1u);
  EXPECT_EQ(count(revoked), 1u);
  EXPECT_THAT(found.troubles, IsEmpty());
}

TEST_F(Index, PublishesWhatTheIndexKnowsOfACertificate) {
  const auto found = read("V\t260610000000Z\t\t0AFF\tunknown\t/O=hej och h\\xC3\\xA5/CN=a/b.example/emailAddress=x@y\n");
  ASSERT_THAT(found.published, SizeIs(1));
  const observations::Certificate& certificate = *found.published.front().certificate;
  EXPECT_TRUE(found.published.front().listed_only);
  EXPECT_EQ(certificate.serial(), "0aff");
  EXPECT_EQ(certificate.subject(), "/O=hej och h\u00e5/CN=a/b.example/emailAddress=x@y");
  EXPECT_EQ(certificate.subject_common_name(), "a/b.example");
}

TEST_F(Index, ATroubleWithTheFileHasItsReason) {
  const auto reason = [&](const std::string& path) {
    const auto found = read_openssl_index({.openssl_index = path}, today);
    return found.troubles.empty() ? std::string() : std::string(word(found.troubles.front().reason));
  };
  EXPECT_EQ(reason(folder_ + "/absent"), "not_found");
  EXPECT_EQ(reason(folder_), "irregular_file");
  ASSERT_EQ(mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(reason(folder_ + "/pipe"), "irregular_file");
  EXPECT_THAT(read("").troubles, IsEmpty());
}

}  // namespace
}  // namespace probes::inventory
