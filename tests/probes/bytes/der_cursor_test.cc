#include "probes/bytes/der_cursor.h"

#include <gtest/gtest.h>

namespace probes::bytes {
namespace {

using namespace std::string_view_literals;

TEST(DerCursor, PassesOneElementAfterTheOther) {
  DerCursor cursor("\x02\x01\x05\x04\x02hi"sv);
  EXPECT_EQ(cursor.tag(), 2);
  EXPECT_EQ(cursor.next(2)->content, "\x05");
  EXPECT_FALSE(cursor.next(2)) << "it is another, and stays";
  EXPECT_EQ(cursor.next()->whole, "\x04\x02hi"sv);
  EXPECT_TRUE(cursor.at_end());
}

TEST(DerCursor, TakesLengthsOfSeveralOctets) { EXPECT_EQ(DerCursor("\x04\x82\x00\x02hi"sv).next()->content, "hi"); }

TEST(DerCursor, ReadsNothingBeyondTheEnd) {
  for (const std::string_view bytes : {""sv, "\x04"sv, "\x04\x03hi"sv, "\x04\x80"sv, "\x04\x85\x00\x00\x00\x00\x01x"sv,
                                       "\x04\x84\xff\xff\xff\xff"sv, "\x1f\x01x"sv})
    EXPECT_FALSE(DerCursor(bytes).next()) << bytes.size();
}

}  // namespace
}  // namespace probes::bytes
