#include "probes/tls/group_name.h"

#include <gtest/gtest.h>

namespace probes::tls {
namespace {

TEST(GroupName, IsTheSameWhicheverOpensslSaysIt) {
  EXPECT_EQ(group_name("x25519"), "X25519");
  EXPECT_EQ(group_name("X25519"), "X25519");
  EXPECT_EQ(group_name("secp256r1"), "prime256v1");
  EXPECT_EQ(group_name("prime256v1"), "prime256v1");
  EXPECT_EQ(group_name("x448"), "X448");
}

TEST(GroupName, WhatHasOneNameKeepsIt) {
  for (const char* name : {"X25519MLKEM768", "secp384r1", "ffdhe2048"}) EXPECT_EQ(group_name(name), name);
}

}  // namespace
}  // namespace probes::tls
