#include "exporter/metrics/label.h"

#include <gtest/gtest.h>

#include <string>

namespace exporter::metrics {
namespace {

using namespace std::string_literals;

const std::string bad = "\xEF\xBF\xBD";

std::string label(std::string_view value) {
  std::string out;
  append_label(out, "name", value);
  return out;
}

TEST(Label, LeavesOrdinaryTextAlone) {
  for (const char* text : {"", "payments.internal", "Müller & Söhne", "日本語", "🔐", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(clean_label(text), text);
}

TEST(Label, ReplacesMalformedUtf8) {
  EXPECT_EQ(clean_label("M\xFCller"), "M" + bad + "ller");            // Latin-1
  EXPECT_EQ(clean_label("\xC0\xAF"), bad + bad);                      // overlong
  EXPECT_EQ(clean_label("\xE0\x80\xAF"), bad + bad + bad);            // overlong
  EXPECT_EQ(clean_label("\xED\xA0\x80"), bad + bad + bad);            // a surrogate
  EXPECT_EQ(clean_label("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // above U+10FFFF
  EXPECT_EQ(clean_label("a\xE2\x82"), "a" + bad);                     // cut off
  EXPECT_EQ(clean_label("\xE2\x82z"), bad + "z");                     // interrupted
  EXPECT_EQ(clean_label("\x80\xFF\xFE"), bad + bad + bad);            // never legal
}

TEST(Label, ReplacesControlCharacters) {
  EXPECT_EQ(clean_label("a\0b"s), "a" + bad + "b");
  EXPECT_EQ(clean_label("a\r\nb\tc\x7F"), "a" + bad + bad + "b" + bad + "c" + bad);
  EXPECT_EQ(clean_label("\xC2\x85"), bad);      // NEL, of C1
  EXPECT_EQ(clean_label("\xE2\x80\xAE"), bad);  // right-to-left override
  EXPECT_EQ(clean_label("\xE2\x80\xA8"), bad);  // line separator
}

TEST(Label, EscapesQuotesAndBackslashes) { EXPECT_EQ(label("a\"b\\c\n"), "name=\"a\\\"b\\\\c" + bad + "\""); }

TEST(Label, JoinsByCommas) {
  std::string out;
  append_label(out, "a", "1");
  append_label(out, "b", "2");
  EXPECT_EQ(out, "a=\"1\",b=\"2\"");
}

TEST(Label, KeepsTheLongestNameThatFits) { EXPECT_EQ(clean_label(std::string(256, 'x')), std::string(256, 'x')); }

TEST(Label, CapsLongNamesAndKeepsThemApart) {
  const std::string first = clean_label(std::string(65536, 'x') + "1"), second = clean_label(std::string(65536, 'x') + "2");
  EXPECT_EQ(first.size(), label_limit);
  EXPECT_NE(first, second);
  EXPECT_EQ(first.substr(0, 239), std::string(239, 'x'));
  EXPECT_EQ(first[239], '~');
}

TEST(Label, KeepsLongNamesApartThatDifferInMalformedBytes) {
  EXPECT_NE(clean_label(std::string(300, 'x') + "\xFE"), clean_label(std::string(300, 'x') + "\xFF"));
}

TEST(Label, CutsAtACharacter) {
  for (std::size_t before = 0; before < 4; ++before) {
    std::string text(before, 'x');
    while (text.size() < 300) text += "🔐";
    const std::string capped = clean_label(text);
    EXPECT_LE(capped.size(), label_limit);
    EXPECT_EQ(capped, clean_label(capped));
    EXPECT_EQ((capped.size() - 17 - before) % 4, 0u);
  }
}

TEST(Label, CapsWhatGrowsWhenReplaced) {
  const std::string capped = clean_label(std::string(256, '\xFF'));
  EXPECT_LE(capped.size(), label_limit);
  EXPECT_EQ(capped.substr(0, 3), bad);
}

TEST(Help, EscapesWhatEachFormatAsksFor) {
  std::string text, openmetrics;
  append_help(text, "a\\b\n\"c\"", false);
  append_help(openmetrics, "a\\b\n\"c\"", true);
  EXPECT_EQ(text, "a\\\\b\\n\"c\"");
  EXPECT_EQ(openmetrics, "a\\\\b\\n\\\"c\\\"");
}

}  // namespace
}  // namespace exporter::metrics
