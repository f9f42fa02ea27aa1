#include <gtest/gtest.h>

#include "probes/protocols/protocol.h"

namespace probes::protocols {
namespace {

TEST(Protocol, APortLeadsToTheDialogueThatIsUsualThere) {
  EXPECT_EQ(protocol_of_port(25).name, "smtp");
  EXPECT_EQ(protocol_of_port(5432).name, "postgres");
  EXPECT_EQ(protocol_of_port(443).name, "auto");
  EXPECT_EQ(protocol_of_port(0).name, "auto");
}

TEST(Protocol, EachRowHasItsOwnNameAndPort) {
  for (const Protocol& one : all_protocols())
    for (const Protocol& other : all_protocols())
      if (&one != &other) {
        EXPECT_NE(one.name, other.name);
        EXPECT_TRUE(one.starttls == nullptr || one.default_port != other.default_port) << one.name << " " << other.name;
      }
}

}  // namespace
}  // namespace probes::protocols
