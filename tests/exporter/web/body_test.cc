#include "exporter/web/body.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace exporter::web {
namespace {

// "1", "2", ... , and then the end; counts how often it was asked.
struct Counting {
  int pieces = 3;
  int* asked;
  int given = 0;
  std::string last = {};

  std::string_view operator()() {
    ++*asked;
    if (given == pieces) return {};
    last = std::to_string(++given);
    return last;
  }
};

std::string rest_of(Body body) {
  std::string all;
  for (; !body.text().empty(); body.advance()) all += body.text();
  return all;
}

TEST(Body, OfATextIsOnePiece) {
  const Body body("abc");
  EXPECT_TRUE(body.last());
  EXPECT_EQ(rest_of(body), "abc");
  EXPECT_EQ(rest_of(Body()), "");
  EXPECT_EQ(rest_of(Body(pieces_of("abc"))), "abc");
  EXPECT_EQ(rest_of(Body(pieces_of(""))), "");
}

TEST(Body, IsMadeOnceForAllItsReaders) {
  int asked = 0;
  const Body body(Counting{.asked = &asked});
  EXPECT_FALSE(body.last());
  EXPECT_EQ(asked, 2) << "the first piece, and whether there is another";
  EXPECT_EQ(rest_of(body), "123");
  EXPECT_EQ(rest_of(body), "123");
  EXPECT_EQ(asked, 4);
}

TEST(Body, MakesAPieceWhenSomebodyWantsIt) {
  int asked = 0;
  Body body(Counting{.pieces = 1000, .asked = &asked});
  body.advance();
  body.advance();
  EXPECT_EQ(asked, 3);
}

TEST(Body, IsReadFromTheStartWhileThatIsKept) {
  int asked = 0;
  Body body(Counting{.asked = &asked}, 2);
  const Body::Beginning beginning = body.beginning();
  const auto another = beginning.read();
  ASSERT_TRUE(another);
  body.advance();
  body.advance();
  EXPECT_EQ(body.text(), "3");
  EXPECT_FALSE(beginning.read()) << "three bytes have been made";
  EXPECT_EQ(rest_of(*another), "123") << "who has begun goes on";
}

TEST(Body, KeepsItsFirstPieceHoweverLong) {
  const Body body(pieces_of(std::string(100, 'a')), 10);
  EXPECT_TRUE(body.beginning().read());
}

TEST(Body, IsGoneWithItsLastReader) {
  int asked = 0;
  auto body = std::make_optional<Body>(Counting{.asked = &asked});
  const Body::Beginning beginning = body->beginning();
  auto another = beginning.read();
  body.reset();
  EXPECT_FALSE(beginning.expired());
  another.reset();
  EXPECT_TRUE(beginning.expired());
  EXPECT_FALSE(beginning.read());
}

TEST(Body, OfManyPiecesEndsWithoutACallForEach) {
  int asked = 0;
  {
    const Body body(Counting{.pieces = 1'000'000, .asked = &asked});
    Body reader = body;
    while (!reader.text().empty()) reader.advance();
  }
  EXPECT_EQ(asked, 1'000'001);
}

TEST(Body, ThatBreaksOffDoesSoForEveryReader) {
  const auto broken = [left = 3]() mutable {
    if (--left == 0) throw std::runtime_error("no");
    return std::string_view("a");
  };
  const Body body(broken);
  for (int reader = 0; reader < 2; ++reader) {
    Body read = body;
    read.advance();
    EXPECT_FALSE(read.last());
    EXPECT_THROW(read.advance(), std::runtime_error);
  }
}

}  // namespace
}  // namespace exporter::web
