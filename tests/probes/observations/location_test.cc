#include "probes/observations/location.h"

#include <gtest/gtest.h>

#include <string>

namespace probes::observations {
namespace {

TEST(Location, IsAFileOrAnEntryOfOne) {
  const Location file("/etc/a.pem"), entry("/etc/a.jks", "broker");
  EXPECT_EQ(file.text(), "/etc/a.pem");
  EXPECT_EQ(file.path(), "/etc/a.pem");
  EXPECT_EQ(file.alias(), "");
  EXPECT_EQ(entry.text(), "/etc/a.jks#broker");
  EXPECT_EQ(entry.path(), "/etc/a.jks");
  EXPECT_EQ(entry.alias(), "broker");
}

TEST(Location, TellsAPathWithAHashFromAnEntry) {
  EXPECT_EQ(Location("/a#b").path(), "/a#b");
  EXPECT_EQ(Location("/a", "b#c").alias(), "b#c");
  EXPECT_EQ(Location("/a", std::string_view("b\0c", 3)).alias(), std::string_view("b\0c", 3));
}

TEST(Location, NowhereIsEmpty) {
  EXPECT_EQ(Location().text(), "");
  EXPECT_EQ(Location().path(), "");
  EXPECT_EQ(Location().alias(), "");
  EXPECT_EQ(Location(), Location(""));
}

TEST(Location, CopiesShareOneTextAndLastAsLongAsAnyOfThem) {
  Location copy;
  {
    const Location first(std::string(5000, 'x'), "alias");
    copy = first;
    EXPECT_EQ(copy.text().data(), first.text().data());
  }
  EXPECT_EQ(copy.path(), std::string(5000, 'x'));
}

TEST(Location, IsOrderedByItsText) {
  EXPECT_LT(Location("/a"), Location("/b"));
  EXPECT_LT(Location("/a"), Location("/a", "x"));
  EXPECT_LT(Location("/a"), "/b");
  EXPECT_EQ(Location("/a", "x"), "/a#x");
}

}  // namespace
}  // namespace probes::observations
