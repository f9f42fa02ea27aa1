#include "exporter/web/passwords.h"

#include <crypt.h>
#include <gtest/gtest.h>

#include "exporter/web/rate_limit.h"

namespace exporter::web {
namespace {

using namespace std::chrono_literals;

std::string hashed(const std::string& password, const char* kind = "$2y$") {
  char salt[CRYPT_GENSALT_OUTPUT_SIZE];
  crypt_gensalt_rn(kind, 4, nullptr, 0, salt, sizeof salt);
  crypt_data state{};
  return crypt_r(password.c_str(), salt, &state);
}

TEST(Passwords, TakesTheRightOneOnly) {
  for (const char* kind : {"$2a$", "$2b$", "$2y$"}) {
    Passwords passwords({{"ann", hashed("secret", kind)}, {"bob", hashed("other", kind)}});
    EXPECT_TRUE(passwords.check({"ann", "secret"})) << kind;
    EXPECT_FALSE(passwords.check({"ann", "other"}));
    EXPECT_FALSE(passwords.check({"ann", ""}));
    EXPECT_FALSE(passwords.check({"eve", "secret"}));
    EXPECT_FALSE(passwords.check({"ann", std::string("secret\0x", 8)}));
  }
}

TEST(Passwords, RemembersTheLastGoodOne) {
  Passwords passwords({{"ann", hashed("secret")}, {"bob", hashed("secret")}});
  EXPECT_FALSE(passwords.remembers({"ann", "secret"}));
  EXPECT_TRUE(passwords.check({"ann", "secret"}));
  EXPECT_TRUE(passwords.remembers({"ann", "secret"}));
  EXPECT_FALSE(passwords.remembers({"bob", "secret"}));
  EXPECT_FALSE(passwords.check({"ann", "guess"}));
  EXPECT_FALSE(passwords.remembers({"ann", "guess"}));
  EXPECT_TRUE(passwords.remembers({"ann", "secret"}));
}

TEST(Passwords, ReadsBasicCredentials) {
  const auto read = basic_credentials("Basic YW5uOnNlOmNyZXQ=");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "ann");
  EXPECT_EQ(read->password, "se:cret");
  EXPECT_TRUE(basic_credentials("bAsIc Og=="));
  for (const char* text :
       {"", "Basic", "Basic ", "Basic x", "Basic ====", "Bearer YW5uOnM=", "Basic YW5u", "Basic YW5uOnM= x", "Basic !!!!"})
    EXPECT_FALSE(basic_credentials(text)) << text;
}

TEST(RateLimit, EarnsOneRequestEachIntervalAndSavesUpABurst) {
  RateLimit limit({.interval = 1s, .burst = 3});
  std::chrono::steady_clock::time_point now{1h};
  for (int spent = 0; spent < 3; ++spent) EXPECT_TRUE(limit.allow(now));
  EXPECT_FALSE(limit.allow(now));
  EXPECT_FALSE(limit.allow(now + 999ms));
  EXPECT_TRUE(limit.allow(now + 1s));
  EXPECT_FALSE(limit.allow(now + 1s));
  now += 1h;
  for (int spent = 0; spent < 3; ++spent) EXPECT_TRUE(limit.allow(now));
  EXPECT_FALSE(limit.allow(now));
}

}  // namespace
}  // namespace exporter::web
