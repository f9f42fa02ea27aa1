#include "tests/support/test_ca.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

namespace tests::support {
namespace {

TEST(TestCa, IssuesWhatWasAskedFor) {
  const Issued authority = root();
  const Issued leaf = issue({.common_name = "a", .names = {"DNS:a.example"}, .ends = std::chrono::hours(24)}, &authority);
  EXPECT_EQ(X509_verify(leaf.certificate.get(), authority.key.get()), 1);
  EXPECT_EQ(X509_check_host(leaf.certificate.get(), "a.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(leaf.certificate.get(), "b.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_issued(authority.certificate.get(), leaf.certificate.get()), X509_V_OK);
}

TEST(TestCa, MakesEveryKindOfKey) {
  for (const char* kind : {"EC:P-256", "RSA:2048", "RSA-PSS:2048"}) EXPECT_TRUE(issue({.key = kind}).certificate) << kind;
  for (const char* kind : {"ED25519", "ED448"}) EXPECT_TRUE(issue({.key = kind, .digest = ""}).certificate) << kind;
}

}  // namespace
}  // namespace tests::support
