#include "probes/bytes/big_endian.h"

#include <gtest/gtest.h>

namespace probes::bytes {
namespace {

using namespace std::string_view_literals;

TEST(BigEndian, HasTheMostSignificantOctetFirst) {
  EXPECT_EQ(big_endian(0x01020304, 4), "\x01\x02\x03\x04");
  EXPECT_EQ(big_endian(0x01020304, 2), "\x03\x04");
  EXPECT_EQ(from_big_endian("\x01\xff"sv), 0x1ffu);
  EXPECT_EQ(from_little_endian("\x01\xff"sv), 0xff01u);
}

TEST(Cursor, IsSpoiledByTheFirstThatDoesNotFit) {
  Cursor cursor(
      "\x00\x02"
      "abcd"sv);
  EXPECT_EQ(cursor.text(), "ab");
  EXPECT_EQ(cursor.u32(), 0u);
  EXPECT_FALSE(cursor.good());
  EXPECT_EQ(cursor.bytes(1), "");
}

}  // namespace
}  // namespace probes::bytes
