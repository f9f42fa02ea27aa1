#include "exporter/web/connection_limit.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

struct Guest : LimitedConnection {
  explicit Guest(Phase now = Phase::awaiting_peer, MonotonicTime began = {}) {
    phase = now;
    phase_began = began;
  }
  void close_soon() override { closed = true; }
  bool closed = false;
};

constexpr MonotonicTime later{std::chrono::seconds(60)};

TEST(ConnectionLimit, TheOneWhoHasSaidNothingLongestMakesRoom) {
  ConnectionLimit connections(2);
  Guest busy(Phase::answering), idle, fresh, another;
  EXPECT_TRUE(connections.admit(busy, later));
  EXPECT_TRUE(connections.admit(idle, later));
  EXPECT_TRUE(connections.admit(fresh, later));
  EXPECT_TRUE(idle.closed);
  EXPECT_FALSE(busy.closed);
  EXPECT_TRUE(connections.admit(another, later));
  EXPECT_TRUE(fresh.closed);
  EXPECT_EQ(connections.size(), 2u);
}

TEST(ConnectionLimit, ASlowReaderMakesRoomWhenNobodyIsIdle) {
  ConnectionLimit connections(2);
  Guest slow(Phase::sending, later - std::chrono::seconds(20)), slower(Phase::sending, later - std::chrono::seconds(30)), fresh;
  EXPECT_TRUE(connections.admit(slow, later));
  EXPECT_TRUE(connections.admit(slower, later));
  EXPECT_TRUE(connections.admit(fresh, later));
  EXPECT_TRUE(slower.closed);
  EXPECT_FALSE(slow.closed);
}

TEST(ConnectionLimit, IsFullWhenEverybodyIsBusy) {
  ConnectionLimit connections(2);
  Guest answering(Phase::answering), sending(Phase::sending, later), fresh;
  EXPECT_TRUE(connections.admit(answering, later));
  EXPECT_TRUE(connections.admit(sending, later));
  EXPECT_FALSE(connections.admit(fresh, later));
  connections.leave(answering);
  EXPECT_TRUE(connections.admit(fresh, later));
}

TEST(ConnectionLimit, WhoWasAskedToGoIsThereUntilItHasGone) {
  ConnectionLimit connections(1);
  Guest idle, fresh;
  EXPECT_FALSE(connections.make_room(later)) << "nobody is here";
  EXPECT_TRUE(connections.admit(idle, later));
  EXPECT_FALSE(connections.somebody_is_going());
  EXPECT_TRUE(connections.admit(fresh, later));
  EXPECT_TRUE(connections.somebody_is_going());
  connections.leave(idle);
  EXPECT_FALSE(connections.somebody_is_going());
  EXPECT_TRUE(connections.make_room(later));
  EXPECT_TRUE(fresh.closed);
  EXPECT_EQ(connections.size(), 0u);
}

TEST(ConnectionLimit, EmptiesAtTheEnd) {
  ConnectionLimit connections(2);
  Guest one, two(Phase::answering);
  EXPECT_TRUE(connections.admit(one, later));
  EXPECT_TRUE(connections.admit(two, later));
  connections.empty();
  EXPECT_TRUE(one.closed && two.closed);
  EXPECT_EQ(connections.size(), 0u);
}

}  // namespace
}  // namespace exporter::web
