#include "exporter/discovery/nginx_directives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exporter/discovery/seen.h"

namespace exporter::discovery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using enum SourceReason;

struct Read {
  Block block;
  Troubles troubles;
};

std::vector<std::string> places(const Troubles& troubles) {
  return Seen{.found = {}, .certificate_files = {}, .troubles = troubles}.places();
}

Read read(const std::string& text, const std::map<std::string, std::string>& more = {}) {
  Read read;
  read.block = read_directives({"/etc/nginx/nginx.conf", text}, some_files(more), read.troubles);
  return read;
}

TEST(NginxDirectives, AreWordsAndBlocksInBlocks) {
  const Read seen = read("# a comment; with {marks}\nuser  www-data;\nhttp { server { listen\n443 ssl; } }");
  ASSERT_THAT(seen.block, SizeIs(2));
  EXPECT_THAT(seen.block[0].words, ElementsAre("user", "www-data"));
  EXPECT_THAT(seen.block[1].words, ElementsAre("http"));
  EXPECT_THAT(seen.block[1].block.at(0).block.at(0).words, ElementsAre("listen", "443", "ssl"));
  EXPECT_THAT(places(seen.troubles), IsEmpty());
}

TEST(NginxDirectives, QuotesBackslashesAndVariablesBelongToWords) {
  const Read seen = read(R"(return 200 "}; \" #" 'it\'s' ${host}x a\;b;)");
  ASSERT_THAT(seen.block, SizeIs(1));
  EXPECT_THAT(seen.block[0].words, ElementsAre("return", "200", "}; \" #", "it's", "${host}x", "a\\;b"));
  EXPECT_THAT(places(seen.troubles), IsEmpty());
}

TEST(NginxDirectives, IncludesStandInTheirPlaces) {
  const Read seen = read("a; include more/*.conf; d;", {{"/etc/nginx/more/1.conf", "b;"}, {"/etc/nginx/more/2.conf", "c;"}});
  std::vector<std::string> names;
  for (const Directive& directive : seen.block) names.push_back(directive.words.at(0));
  EXPECT_THAT(names, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(places(read("\n include missing.conf;").troubles), ElementsAre("not_found /etc/nginx/nginx.conf:2"));
}

TEST(NginxDirectives, EachKnowsItsFileAndLine) {
  const Read seen = read("# x\na 'of\nthree' \nlines;\nb {\n c;\n}\ninclude more/*.conf;", {{"/etc/nginx/more/1.conf", "\nd;"}});
  const auto at = [](const Directive& directive) { return directive.place(); };
  ASSERT_THAT(seen.block, SizeIs(3));
  EXPECT_EQ(at(seen.block[0]), (Place{"/etc/nginx/nginx.conf", 2}));
  EXPECT_EQ(at(seen.block[1].block.at(0)), (Place{"/etc/nginx/nginx.conf", 6}));
  EXPECT_EQ(at(seen.block[2]), (Place{"/etc/nginx/more/1.conf", 2}));
  EXPECT_THAT(places(read("a;\nb {\n c\n}\n}\n'd").troubles),
              ElementsAre("bad_syntax /etc/nginx/nginx.conf:3", "bad_syntax /etc/nginx/nginx.conf:5",
                          "bad_syntax /etc/nginx/nginx.conf:6", "bad_syntax /etc/nginx/nginx.conf:6"));
}

TEST(NginxDirectives, AFileThatIncludesItselfEnds) {
  const Read seen = read("include self.conf;", {{"/etc/nginx/self.conf", "include self.conf; a;"}});
  EXPECT_THAT(seen.block, SizeIs(32));
  EXPECT_THAT(places(seen.troubles), ElementsAre("too_large /etc/nginx/self.conf:1"));
}

TEST(NginxDirectives, WhatMakesNoSenseIsCountedAndTheRestIsRead) {
  for (const char* wrong : {"a { b }", "} a { b; }", "a { b; } c", "a { b; } 'c;", "a { b; ", "a { b; } }"}) {
    const Read seen = read(wrong);
    EXPECT_GE(seen.troubles.counts().at(bad_syntax), 1u) << wrong;
    EXPECT_THAT(seen.block, SizeIs(1)) << wrong;
  }
}

TEST(NginxDirectives, DeepNestingIsReadIntoNothing) {
  std::string deep;
  for (int level = 0; level < 5000; ++level) deep += "a {";
  EXPECT_GE(read(deep).troubles.counts().at(too_large), 1u);
  EXPECT_THAT(read(deep + std::string(5000, '}') + " b;").block, SizeIs(2));
}

}  // namespace
}  // namespace exporter::discovery
