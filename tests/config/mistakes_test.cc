#include "config/mistakes.h"

#include <gtest/gtest.h>

#include <array>

namespace config {
namespace {

TEST(Mistakes, StandInTheOrderOfTheFileOneOnEachLine) {
  Mistakes mistakes("a.yml");
  mistakes.add({12, 3}, "late", "be early");
  mistakes.add({2, 7}, "early", "");
  mistakes.add({}, "the whole file", "");
  EXPECT_EQ(mistakes.text(), "a.yml: the whole file\na.yml:2:7: early\na.yml:12:3: late; be early");
}

TEST(Mistakes, TheSameMistakeCountsOnce) {
  Mistakes mistakes("a.yml");
  mistakes.add({1, 1}, "twice", "");
  mistakes.add({1, 1}, "twice", "");
  mistakes.add({1, 2}, "twice", "");
  EXPECT_EQ(mistakes.size(), 2u);
}

TEST(Mistakes, AreCountedBeyondTheLimit) {
  Mistakes mistakes("a.yml");
  for (int line = 1; line <= static_cast<int>(Mistakes::limit) + 7; ++line) mistakes.add({line, 1}, "wrong", "");
  EXPECT_TRUE(mistakes.text().ends_with("\na.yml: and 7 more mistakes")) << mistakes.text();
}

TEST(Quote, ShowsControlCharactersAndCutsBetweenCharacters) {
  EXPECT_EQ(quote("plain"), "`plain`");
  EXPECT_EQ(quote("a\nb\x7f"), "`a\\x0ab\\x7f`");
  EXPECT_EQ(quote(std::string(61, 'x')), "`" + std::string(60, 'x') + "...`");
  EXPECT_EQ(quote(std::string(59, 'x') + "\xc3\xa9" + "y"), "`" + std::string(59, 'x') + "...`");
  EXPECT_EQ(quote(std::string(58, 'x') + "\xc3\xa9" + "y"), "`" + std::string(58, 'x') + "\xc3\xa9" + "...`");
}

TEST(Nearest, KnowsASlipOfThePenFromAnotherWord) {
  constexpr std::array<std::string_view, 5> known = {"interval", "timeout", "ca_files", "certificate_retention", "tls"};
  EXPECT_EQ(nearest("intervall", known), "interval");  // added
  EXPECT_EQ(nearest("inteval", known), "interval");    // lost
  EXPECT_EQ(nearest("timeaut", known), "timeout");     // changed
  EXPECT_EQ(nearest("tiemout", known), "timeout");     // swapped
  EXPECT_EQ(nearest("certifcate_retenton", known), "certificate_retention");
  EXPECT_EQ(nearest("crl_files", known), "");
  EXPECT_EQ(nearest("web", known), "");
  EXPECT_EQ(nearest(std::string(5000, 'x'), known), "");
}

TEST(Advice, ListsWhatIsKnown) {
  constexpr std::array<std::string_view, 2> known = {"http", "https"};
  EXPECT_EQ(advice("htttps", known), "did you mean `https`? known here: http, https");
  EXPECT_EQ(advice("gopher", known), "known here: http, https");
  EXPECT_EQ(advice("gopher", {}), "none is known here");
}

}  // namespace
}  // namespace config
