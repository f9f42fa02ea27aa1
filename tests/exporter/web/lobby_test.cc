#include "exporter/web/lobby.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

struct Guest : Visitor {
  explicit Guest(Phase now = Phase::awaiting_peer, MonotonicTime began = {}) {
    phase = now;
    phase_began = began;
  }
  void dismiss() override { dismissed = true; }
  bool dismissed = false;
};

constexpr MonotonicTime later{std::chrono::seconds(60)};

TEST(Lobby, TheOneWhoHasSaidNothingLongestMakesRoom) {
  Lobby lobby(2);
  Guest busy(Phase::answering), idle, fresh, another;
  EXPECT_TRUE(lobby.admit(busy, later));
  EXPECT_TRUE(lobby.admit(idle, later));
  EXPECT_TRUE(lobby.admit(fresh, later));
  EXPECT_TRUE(idle.dismissed);
  EXPECT_FALSE(busy.dismissed);
  EXPECT_TRUE(lobby.admit(another, later));
  EXPECT_TRUE(fresh.dismissed);
  EXPECT_EQ(lobby.size(), 2u);
}

TEST(Lobby, ASlowReaderMakesRoomWhenNobodyIsIdle) {
  Lobby lobby(2);
  Guest slow(Phase::sending, later - std::chrono::seconds(20)), slower(Phase::sending, later - std::chrono::seconds(30)), fresh;
  EXPECT_TRUE(lobby.admit(slow, later));
  EXPECT_TRUE(lobby.admit(slower, later));
  EXPECT_TRUE(lobby.admit(fresh, later));
  EXPECT_TRUE(slower.dismissed);
  EXPECT_FALSE(slow.dismissed);
}

TEST(Lobby, IsFullWhenEverybodyIsBusy) {
  Lobby lobby(2);
  Guest answering(Phase::answering), sending(Phase::sending, later), fresh;
  EXPECT_TRUE(lobby.admit(answering, later));
  EXPECT_TRUE(lobby.admit(sending, later));
  EXPECT_FALSE(lobby.admit(fresh, later));
  lobby.leave(answering);
  EXPECT_TRUE(lobby.admit(fresh, later));
}

TEST(Lobby, WhoWasAskedToGoIsThereUntilItHasGone) {
  Lobby lobby(1);
  Guest idle, fresh;
  EXPECT_FALSE(lobby.make_room(later)) << "nobody is here";
  EXPECT_TRUE(lobby.admit(idle, later));
  EXPECT_FALSE(lobby.somebody_is_going());
  EXPECT_TRUE(lobby.admit(fresh, later));
  EXPECT_TRUE(lobby.somebody_is_going());
  lobby.leave(idle);
  EXPECT_FALSE(lobby.somebody_is_going());
  EXPECT_TRUE(lobby.make_room(later));
  EXPECT_TRUE(fresh.dismissed);
  EXPECT_EQ(lobby.size(), 0u);
}

TEST(Lobby, EmptiesAtTheEnd) {
  Lobby lobby(2);
  Guest one, two(Phase::answering);
  EXPECT_TRUE(lobby.admit(one, later));
  EXPECT_TRUE(lobby.admit(two, later));
  lobby.empty();
  EXPECT_TRUE(one.dismissed && two.dismissed);
  EXPECT_EQ(lobby.size(), 0u);
}

}  // namespace
}  // namespace exporter::web
