#include "config/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace config {
namespace {

using testing::HasSubstr;

// The mistakes of `text` as one text; "" when it is good.
std::string mistakes_of(std::string_view text, const YamlLimits& limits = {}) {
  Mistakes mistakes("f");
  const auto document = parse_yaml(text, mistakes, limits);
  EXPECT_TRUE(document.has_value() || !mistakes.empty());
  return mistakes.text();
}

Document good(std::string_view text) {
  Mistakes mistakes("f");
  auto document = parse_yaml(text, mistakes);
  EXPECT_EQ(mistakes.text(), "");
  if (!document) document = parse_yaml("", mistakes);
  return std::move(*document);
}

TEST(Yaml, KnowsWhereEverythingStands) {
  const Document document = good("a: 1\nlist:\n  - x\n  - {k: 'v w'}\nempty:\n");
  const Node& root = document.root();
  ASSERT_TRUE(root.is_mapping());
  ASSERT_EQ(root.entries().size(), 3u);
  EXPECT_EQ(root.entries()[1].key.text(), "list");
  EXPECT_EQ(root.entries()[1].key.place(), (Place{2, 1}));
  const Node& list = *root.find("list");
  ASSERT_EQ(list.items().size(), 2u);
  const Node& second = list.items()[1];
  EXPECT_EQ(second.place(), (Place{4, 5}));
  EXPECT_EQ(second.find("k")->text(), "v w");
  EXPECT_EQ(second.find("k")->place(), (Place{4, 9}));
  EXPECT_TRUE(root.find("empty")->is_null());
  EXPECT_EQ(root.find("none"), nullptr);
}

TEST(Yaml, TellsQuotedTextFromPlain) {
  const Document document = good("[true, 'true', \"true\", null, 'null', ~]");
  const auto items = document.root().items();
  ASSERT_EQ(items.size(), 6u);
  EXPECT_FALSE(items[0].get().in_quotes());
  EXPECT_TRUE(items[1].get().in_quotes());
  EXPECT_TRUE(items[2].get().in_quotes());
  EXPECT_TRUE(items[3].get().is_null());
  EXPECT_TRUE(items[4].get().is_text());
  EXPECT_TRUE(items[5].get().is_null());
}

TEST(Yaml, AnEmptyFileIsNull) {
  EXPECT_TRUE(good("").root().is_null());
  EXPECT_TRUE(good("# nothing but a comment\n").root().is_null());
  EXPECT_TRUE(good("---\n").root().is_null());
}

TEST(Yaml, ReadsJson) { EXPECT_EQ(good(R"({"a": ["b\u00e9", 1]})").root().find("a")->items()[0].get().text(), "b\xc3\xa9"); }

TEST(Yaml, AnAliasSharesItsNode) {
  const Document document = good("a: &x {k: v}\nb: *x\nc: &y text\nd: *y\n");
  EXPECT_EQ(document.root().find("a"), document.root().find("b"));
  EXPECT_EQ(document.root().find("d")->text(), "text");
}

TEST(Yaml, ReportsSyntaxWithLineAndColumn) {
  EXPECT_THAT(mistakes_of("a: [1, 2\nb: 3\n"), HasSubstr("f:2:"));
  EXPECT_THAT(mistakes_of("a: b: c\n"), HasSubstr("f:1:5: illegal map value; put text that contains `: ` in quotes"));
  EXPECT_THAT(mistakes_of("a: *x\n"), HasSubstr("f:1:4: the referenced anchor is not defined"));
}

// yaml-cpp 0.7 loads these, the rest of the file as one text.
TEST(Yaml, ReportsQuotesThatAreNeverClosed) {
  for (const std::string_view text : {"a: 'b", "a: 'b\n", "a: \"b\n", "a: 'b\nc: d\n\n  ", "- 'a\n- b\n", "[ 'a\n"})
    EXPECT_THAT(mistakes_of(text), HasSubstr("illegal EOF in scalar; close the quotes")) << text;
  EXPECT_EQ(mistakes_of("a: 'b\n\n  c'\n"), "");
}

TEST(Yaml, TheEndOfAFileIsNothingToItsLastValue) {
  EXPECT_EQ(good("a: b").root().find("a")->text(), "b");
  EXPECT_EQ(good("a: b\n\n").root().find("a")->text(), "b");
  EXPECT_EQ(good("a: |\n  b\n").root().find("a")->text(), "b\n");
  EXPECT_EQ(good("a: |+\n  b\n\n").root().find("a")->text(), "b\n\n");
  EXPECT_TRUE(good("a:").root().find("a")->is_null());
}

TEST(Yaml, ReportsEveryDuplicateKey) {
  EXPECT_EQ(mistakes_of("a: 1\nb: {c: 1, c: 2}\na: 3\n"),
            "f:2:11: duplicate key `c`; it stands on line 2 already, keep one of them\n"
            "f:3:1: duplicate key `a`; it stands on line 1 already, keep one of them");
  EXPECT_EQ(mistakes_of("a: {k: 1}\nb: {k: 1}\n"), "");
}

TEST(Yaml, ADuplicateKeyKeepsTheFirst) {
  Mistakes mistakes("f");
  const auto document = parse_yaml("a: 1\na: 2\n", mistakes);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().find("a")->text(), "1");
  EXPECT_EQ(document->root().entries().size(), 1u);
}

TEST(Yaml, RefusesKeysThatAreNotText) {
  EXPECT_THAT(mistakes_of("? [a]\n: b\n"), HasSubstr("f:1:3: a key that is not plain text"));
  EXPECT_THAT(mistakes_of("~: b\n"), HasSubstr("f:1:1: a key that is not plain text"));
  EXPECT_EQ(mistakes_of("'~': b\n"), "");
}

TEST(Yaml, RefusesAnchorsThatContainThemselves) {
  EXPECT_THAT(mistakes_of("a: &x [1, *x]\n"), HasSubstr("f:1:11: this alias stands inside the very thing it refers to"));
  EXPECT_THAT(mistakes_of("&x {a: {b: *x}}\n"), HasSubstr("f:1:12: this alias stands inside"));
}

TEST(Yaml, RefusesAnAliasBombAtTheAliasThatBlowsIt) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(mistakes_of(bomb), HasSubstr("f:7:"));  // 11 * 10^6 nodes
  EXPECT_THAT(mistakes_of(bomb), HasSubstr("more than 8000000 values, aliases followed"));
}

TEST(Yaml, CountsAliasesAsWhatTheyStandFor) {
  const std::string text = "[&a [1, 2, 3], *a, *a]";  // 1 + 4 + 4 + 4 nodes
  EXPECT_EQ(mistakes_of(text, {.nodes = 13}), "");
  EXPECT_THAT(mistakes_of(text, {.nodes = 12}), HasSubstr("f:1:20: more than 12 values"));
}

TEST(Yaml, RefusesDeepNesting) {
  EXPECT_EQ(mistakes_of("[[[x]]]", {.depth = 3}), "");
  EXPECT_THAT(mistakes_of("[[[[x]]]]", {.depth = 3}), HasSubstr("f:1:4: nested more than 3 deep"));
  EXPECT_THAT(mistakes_of(std::string(100000, '[')), HasSubstr("nested more than 64 deep"));
}

TEST(Yaml, RefusesLargeFiles) {
  EXPECT_EQ(mistakes_of("abcd", {.bytes = 4}), "");
  EXPECT_EQ(mistakes_of("abcde", {.bytes = 4}), "f: larger than 4 bytes; split it");
}

TEST(Yaml, RefusesASecondDocument) {
  EXPECT_EQ(mistakes_of("---\na: 1\n...\n"), "");
  EXPECT_THAT(mistakes_of("a: 1\n---\nb: 2\n"), HasSubstr("a second document begins here; keep one document in a file"));
  EXPECT_THAT(mistakes_of("---\n---\nb: 2\n"), HasSubstr("a second document"));
}

// yaml-cpp takes a byte 4 for the end of the file: what follows would be lost without a word.
TEST(Yaml, RefusesBytesThatAreNotText) {
  EXPECT_EQ(mistakes_of("a: 1\n\x04z: 2\n"), "f:2:1: a control character; the file must be plain UTF-8 text");
  EXPECT_EQ(mistakes_of(std::string_view("ab\0c", 4)), "f:1:3: a control character; the file must be plain UTF-8 text");
  EXPECT_EQ(mistakes_of("a: 1\nb: x\xff\n"), "f:2:5: a byte that is not UTF-8; the file must be plain UTF-8 text");
  EXPECT_EQ(mistakes_of("\xef\xbb\xbf# a byte order mark\r\na: \t\xc3\xa9\r\n"), "");
}

TEST(CheckKeys, ReportsUnknownKeysWithWhatIsKnown) {
  constexpr std::array<std::string_view, 2> known = {"interval", "timeout"};
  Mistakes mistakes("f");
  const Document document = good("interval: 1\ntimeuot: 2\nweb: 3\n<<: {}\n");
  EXPECT_TRUE(check_keys(document.root(), known, mistakes));
  EXPECT_THAT(mistakes.text(), HasSubstr("f:2:1: unknown key `timeuot`; did you mean `timeout`? known here: interval, timeout\n"
                                         "f:3:1: unknown key `web`; known here: interval, timeout\n"
                                         "f:4:1: merge keys (`<<`) are not supported"));
  EXPECT_EQ(mistakes.size(), 3u);
}

TEST(CheckKeys, WantsAMapping) {
  constexpr std::array<std::string_view, 1> known = {"a"};
  Mistakes mistakes("f");
  EXPECT_TRUE(check_keys(good("").root(), known, mistakes));
  EXPECT_TRUE(mistakes.empty());
  EXPECT_FALSE(check_keys(good("[a]").root(), known, mistakes));
  EXPECT_EQ(mistakes.text(), "f:1:1: expected a mapping of keys to values; known here: a");
}

}  // namespace
}  // namespace config
