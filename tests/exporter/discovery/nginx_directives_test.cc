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
  Errors errors;
};

Read read(const std::string& text, const std::map<std::string, std::string>& more = {}) {
  Read read;
  read.block = read_directives(text, "/etc/nginx", some_files(more), read.errors);
  return read;
}

TEST(NginxDirectives, AreWordsAndBlocksInBlocks) {
  const Read seen = read("# a comment; with {marks}\nuser  www-data;\nhttp { server { listen\n443 ssl; } }");
  ASSERT_THAT(seen.block, SizeIs(2));
  EXPECT_THAT(seen.block[0].words, ElementsAre("user", "www-data"));
  EXPECT_THAT(seen.block[1].words, ElementsAre("http"));
  EXPECT_THAT(seen.block[1].block.at(0).block.at(0).words, ElementsAre("listen", "443", "ssl"));
  EXPECT_THAT(seen.errors, IsEmpty());
}

TEST(NginxDirectives, QuotesBackslashesAndVariablesBelongToWords) {
  const Read seen = read(R"(return 200 "}; \" #" 'it\'s' ${host}x a\;b;)");
  ASSERT_THAT(seen.block, SizeIs(1));
  EXPECT_THAT(seen.block[0].words, ElementsAre("return", "200", "}; \" #", "it's", "${host}x", "a\\;b"));
  EXPECT_THAT(seen.errors, IsEmpty());
}

TEST(NginxDirectives, IncludesStandInTheirPlaces) {
  const Read seen = read("a; include more/*.conf; d;", {{"/etc/nginx/more/1.conf", "b;"}, {"/etc/nginx/more/2.conf", "c;"}});
  std::vector<std::string> names;
  for (const Directive& directive : seen.block) names.push_back(directive.words.at(0));
  EXPECT_THAT(names, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(read("include missing.conf;").errors, (Errors{{not_found, 1}}));
}

TEST(NginxDirectives, AFileThatIncludesItselfEnds) {
  const Read seen = read("include self.conf;", {{"/etc/nginx/self.conf", "include self.conf; a;"}});
  EXPECT_THAT(seen.block, SizeIs(32));
  EXPECT_EQ(seen.errors, (Errors{{too_large, 1}}));
}

TEST(NginxDirectives, WhatMakesNoSenseIsCountedAndTheRestIsRead) {
  for (const char* wrong : {"a { b }", "} a { b; }", "a { b; } c", "a { b; } 'c;", "a { b; ", "a { b; } }"}) {
    const Read seen = read(wrong);
    EXPECT_GE(seen.errors.at(bad_syntax), 1u) << wrong;
    EXPECT_THAT(seen.block, SizeIs(1)) << wrong;
  }
}

TEST(NginxDirectives, DeepNestingIsReadIntoNothing) {
  std::string deep;
  for (int level = 0; level < 5000; ++level) deep += "a {";
  EXPECT_GE(read(deep).errors.at(too_large), 1u);
  EXPECT_THAT(read(deep + std::string(5000, '}') + " b;").block, SizeIs(2));
}

}  // namespace
}  // namespace exporter::discovery
