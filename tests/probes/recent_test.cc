#include "probes/recent.h"

#include <gtest/gtest.h>

#include <string>

namespace probes {
namespace {

const int* none = nullptr;

TEST(Recent, ForgetsTheLeastRecentlyUsedFirst) {
  Recent<int> recent(2);
  recent.remember("one", 1);
  recent.remember("two", 2);
  ASSERT_NE(recent.find("one"), none);
  recent.remember("three", 3);
  EXPECT_EQ(recent.find("two"), none);
  ASSERT_NE(recent.find("one"), none);
  EXPECT_EQ(*recent.find("one"), 1);
  EXPECT_EQ(*recent.find("three"), 3);
}

TEST(Recent, ReplacesWhatStoodUnderTheKeyAndItsWeight) {
  Recent<int> recent(10);
  recent.remember("one", 1, 8);
  recent.remember("one", 11, 2);
  recent.remember("two", 2, 8);
  ASSERT_NE(recent.find("one"), none);
  EXPECT_EQ(*recent.find("one"), 11);
  EXPECT_NE(recent.find("two"), none);
}

TEST(Recent, WhatIsHeavierThanEverythingMayBeIsNotRemembered) {
  Recent<int> recent(10);
  recent.remember("one", 1, 9);
  recent.remember("giant", 2, 11);
  EXPECT_EQ(recent.find("giant"), none);
  EXPECT_NE(recent.find("one"), none);
  recent.remember("two", 2, 10);
  EXPECT_EQ(recent.find("one"), none);
  EXPECT_NE(recent.find("two"), none);
}

}  // namespace
}  // namespace probes
