#include "exporter/commands/rotation_command.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace exporter {
namespace {

const std::string answer =
    R"({"at":"","rotations":[{"name":"clients-2027","safe_now":"clients","complete":false,"advice":"Safe now: clients.","steps":[
 {"step":"trust_new","what":"let","state":"done","pending":0,"unknown":0,"out_of_order":0,"pending_things":[],"unknown_things":[],"out_of_order_things":[]},
 {"step":"clients","what":"give","state":"now","pending":2,"unknown":0,"out_of_order":1,
  "pending_things":[{"kind":"caller","name":"billing at gateway","why":"old"}],"unknown_things":[],
  "out_of_order_things":[{"kind":"door","name":"api","why":"refuses"}]}]},
 {"name":"done","complete":true,"advice":"The rotation is complete.","steps":[]}]})";

TEST(RotationCommand, NamesWhatStandsInTheWay) {
  const ShownRotation found = shown(ShowRotation{.name = "clients-2027"}, answer);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.text,
            "Rotation clients-2027\n"
            "  trust_new done      0 in the way, 0 unknown\n"
            "  clients   safe now  2 in the way, 0 unknown, 1 out of order\n"
            "\n"
            "Safe now: clients.\n"
            "\n"
            "Ahead of its turn: clients (give):\n"
            "  door api: refuses\n"
            "\n"
            "In the way of clients (give):\n"
            "  caller billing at gateway: old\n"
            "  and 1 more\n");
}

TEST(RotationCommand, KnowsWhenItIsComplete) { EXPECT_TRUE(shown(ShowRotation{.name = "done"}, answer).complete); }

TEST(RotationCommand, NamesTheRotationsThereAre) {
  try {
    (void)shown(ShowRotation{.name = "clients"}, answer);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "there is no rotation `clients`; the exporter has clients-2027, done");
  }
}

TEST(RotationCommand, PrintsJson) {
  EXPECT_NE(shown(ShowRotation{.name = "done", .format = ShowRotation::Format::json}, answer).text.find("\"complete\": true"),
            std::string::npos);
}

}  // namespace
}  // namespace exporter
