#include "probes/revocation/list_parts.h"

#include <gtest/gtest.h>

namespace probes::revocation {
namespace {

using namespace std::string_view_literals;

TEST(ListParts, TheQuickWayReadsTheDateThatOpensslReads) {
  for (const std::string_view text : {"491231235959Z"sv, "500101000000Z"sv, "240229120000Z"sv, "991231235959Z"sv}) {
    const Element element{.tag = 0x17, .content = text, .whole = {}};
    EXPECT_TRUE(quick_time(element)) << text;
    EXPECT_EQ(quick_time(element), time_of(element)) << text;
  }
}

TEST(ListParts, WhatIsNoDateIsNone) {
  for (const std::string_view text :
       {"250229120000Z"sv, "241301000000Z"sv, "240101240000Z"sv, "2401010000Zxx"sv, "24010100000xZ"sv})
    EXPECT_FALSE(quick_time({.tag = 0x17, .content = text, .whole = {}})) << text;
  EXPECT_FALSE(time_of({.tag = 0x02, .content = "240101000000Z"sv, .whole = {}})) << "an INTEGER";
}

TEST(ListParts, ANumberHasNoOctetTooMany) {
  EXPECT_TRUE(minimal("\x00\x80"sv) && minimal("\x00"sv) && minimal("\xff\x7f"sv));
  EXPECT_FALSE(minimal(""sv) || minimal("\x00\x7f"sv) || minimal("\xff\x80"sv));
}

}  // namespace
}  // namespace probes::revocation
