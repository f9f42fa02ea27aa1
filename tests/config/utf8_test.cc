#include "config/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace config {
namespace {

TEST(Utf8, AcceptsEveryLengthAndItsBorders) {
  for (const std::string_view good : {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                      "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa9z"})
    EXPECT_EQ(valid_utf8_length(good), good.size()) << good;
}

TEST(Utf8, StopsAtOverlongFormsSurrogatesAndBrokenSequences) {
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xe2\x82\x41",
        "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
    EXPECT_EQ(valid_utf8_length("ok" + std::string(bad)), 2u) << bad;
}

}  // namespace
}  // namespace config
