// Chains made to cost time. Work is counted where it can be; besides, no judgement takes a second of its thread's CPU time,
// which unlike the clock on the wall is the same on a busy machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <ctime>
#include <iostream>

#include "probes/chain/issuance.h"
#include "probes/chain/judge.h"
#include "tests/support/judged.h"

namespace probes::chain {
namespace {

using namespace tests::support;

constexpr auto day = std::chrono::hours(24);

Wanted authority(const std::string& name) {
  return {.common_name = name, .names = {}, .extended_key_usage = "", .authority = true, .ends = 1000 * day};
}

JudgeOptions options() { return {.purpose = Purpose::server, .at = now()}; }

// judge(), which must end within a second of CPU time.
observations::ChainJudgementPtr judged(const Chain& received, const TrustStore& trust, const JudgeOptions& options) {
  const auto cpu = [] {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  };
  const auto before = cpu();
  const auto judgement = judge(received, trust, options);
  const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(cpu() - before);
  std::cout << testing::UnitTest::GetInstance()->current_test_info()->name() << ": " << received.size()
            << " certificates judged in " << used.count() << " ms\n";
  EXPECT_LT(used, std::chrono::seconds(1));
  return judgement;
}

// A certificate with the key and subject of `original`, issued by `issuer`.
Issued crossed(const Issued& original, const Issued& issuer) {
  Issued made = issue(authority("x"), &issuer);
  X509* certificate = made.certificate.get();
  X509_set_pubkey(certificate, original.key.get());
  X509_set_subject_name(certificate, X509_get_subject_name(original.certificate.get()));
  X509_EXTENSION_free(X509_delete_ext(certificate, X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1)));
  const int at = X509_get_ext_by_NID(original.certificate.get(), NID_subject_key_identifier, -1);
  X509_add_ext(certificate, X509_get_ext(original.certificate.get(), at), -1);
  X509_sign(certificate, issuer.key.get(), EVP_sha256());
  made.key = tls::share(original.key.get());
  return made;
}

TEST(HostileChain, CyclicIssuersReachNoAnchorAndEnd) {
  const Issued a = issue(authority("A"));
  const Issued b = issue(authority("B"), &a);
  const Issued a_by_b = crossed(a, b);
  const Issued leaf = issue({.common_name = "localhost"}, &a);
  const auto judgement = judged(chain_of({&leaf, &a_by_b, &b}), *trusting({}), options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_FALSE(judgement->complete);
  EXPECT_FALSE(judgement->expiry);
  EXPECT_THAT(words(judgement->problems), testing::Contains("missing_intermediate"));
}

// Every layer's two authorities are certified by both of the next: 2^30 paths, 120 edges.
TEST(HostileChain, ExponentiallyManyPathsAreNotEnumerated) {
  constexpr int layers = 30;
  const Issued top = root();
  std::vector<Issued> made;
  std::vector<Issued> above, sent;
  above.push_back(issue(authority("layer 0 a"), &top));
  above.push_back(issue(authority("layer 0 b"), &top));
  for (const Issued& one : above) made.push_back({tls::share(one.certificate.get()), tls::share(one.key.get())});
  for (int layer = 1; layer < layers; ++layer) {
    std::vector<Issued> here;
    for (const char* side : {" a", " b"}) {
      Issued first = issue(authority("layer " + std::to_string(layer) + side), &above[0]);
      made.push_back(crossed(first, above[1]));
      made.push_back({tls::share(first.certificate.get()), tls::share(first.key.get())});
      here.push_back(std::move(first));
    }
    above = std::move(here);
  }
  const Issued leaf = issue({.common_name = "localhost"}, &above[0]);
  Chain received = {leaf.certificate.get()};
  for (auto one = made.rbegin(); one != made.rend(); ++one) received.push_back(one->certificate.get());
  const TrustStorePtr trust = trusting({&top});

  Issuance issuance(received, *trust, false);
  const Issuance::Path path = issuance.longest_lived(now());
  EXPECT_EQ(path.size(), static_cast<std::size_t>(layers) + 2);
  EXPECT_EQ(issuance.signatures_checked(), layers + 1);
  EXPECT_TRUE(judged(received, *trust, options())->expiry);
}

// A hundred authorities of one name and no key identifiers: by name, each may have issued each.
TEST(HostileChain, AHundredNamesakesCostABoundedNumberOfSignatures) {
  Wanted namesake = authority("Namesake");
  namesake.key_identifiers = false;
  std::vector<Issued> made;
  for (int index = 0; index < 100; ++index) made.push_back(issue(namesake));
  const Issued stranger = issue(namesake);
  const Issued leaf = issue({.common_name = "localhost", .key_identifiers = false}, &stranger);
  Chain received = {leaf.certificate.get()};
  for (const Issued& one : made) received.push_back(one.certificate.get());
  std::vector<X509*> anchors;
  for (const Issued& one : made) anchors.push_back(one.certificate.get());
  const TrustStorePtr trust = TrustStore::of("namesakes", anchors);

  Issuance issuance(received, *trust, false);
  EXPECT_TRUE(issuance.longest_lived(now()).empty());
  EXPECT_LE(issuance.signatures_checked(), 64);
  EXPECT_FALSE(judged(received, *trust, options())->valid);
}

TEST(HostileChain, AHundredCertificatesInARowAreJudged) {
  std::vector<Issued> made;
  made.push_back(root());
  for (int depth = 1; depth < 100; ++depth) made.push_back(issue(authority("depth " + std::to_string(depth)), &made.back()));
  const Issued leaf = issue({.common_name = "localhost"}, &made.back());
  Chain received = {leaf.certificate.get()};
  for (auto one = made.rbegin(); one != made.rend(); ++one) received.push_back(one->certificate.get());
  const auto judgement = judged(received, *trusting({&made.front()}), options());
  EXPECT_TRUE(judgement->complete);
  EXPECT_EQ(judgement->path.size(), 101u);
}

TEST(HostileChain, MoreCertificatesThanTheLimitAreStillJudged) {
  const Issued authority_root = root();
  const Issued leaf = issue({.common_name = "localhost"}, &authority_root);
  std::vector<Issued> made;
  for (int index = 0; index < 300; ++index) made.push_back(issue(authority("filler " + std::to_string(index))));
  Chain received = {leaf.certificate.get()};
  for (const Issued& one : made) received.push_back(one.certificate.get());
  const auto judgement = judged(received, *trusting({&authority_root}), options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_TRUE(judgement->expiry);
}

TEST(HostileChain, TenThousandNamesAreReadAndJudged) {
  std::vector<std::string> names = {"DNS:localhost"};
  for (int index = 1; index < 10'000; ++index) names.push_back("DNS:h" + std::to_string(index) + ".example.com");
  const Issued narrow =
      issue({.common_name = "Narrow",
             .names = {},
             .extended_key_usage = "",
             .authority = true,
             .extensions = {{"nameConstraints", "critical,permitted;DNS:example.com,permitted;DNS:localhost"}}});
  const Issued leaf = issue({.common_name = "localhost", .names = names}, &narrow);
  const auto judgement = judged(chain_of({&leaf}), *trusting({&narrow}), options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_EQ(judgement->path.front()->subject_alternative_names().size(), 10'000u);
}

// Names times constraints above OpenSSL's limit are refused, not computed.
TEST(HostileChain, NamesTimesConstraintsAreRefused) {
  std::vector<std::string> names;
  std::string constraints = "critical";
  for (int index = 0; index < 2000; ++index) {
    names.push_back("DNS:h" + std::to_string(index) + ".example.com");
    constraints += ",permitted;DNS:d" + std::to_string(index) + ".example.org";
  }
  const Issued bomb = issue({.common_name = "Bomb",
                             .names = {},
                             .extended_key_usage = "",
                             .authority = true,
                             .extensions = {{"nameConstraints", constraints}}});
  const Issued leaf = issue({.common_name = "h1.example.com", .names = names}, &bomb);
  const auto judgement = judged(chain_of({&leaf}), *trusting({&bomb}), options());
  EXPECT_FALSE(judgement->valid);
}

// CVE-2023-0464: thirty-two authorities that map two policies onto two policies each.
TEST(HostileChain, ExponentialPoliciesAreJudgedWithAndWithoutPolicyChecking) {
  Wanted mapping = authority("policy root");
  std::vector<Issued> made;
  made.push_back(issue(mapping));
  for (int depth = 1; depth < 32; ++depth) {
    mapping.common_name = "policy " + std::to_string(depth);
    mapping.extensions = {
        {"certificatePolicies", "1.3.6.1.4.1.1,1.3.6.1.4.1.2"},
        {"policyMappings",
         "1.3.6.1.4.1.1:1.3.6.1.4.1.1,1.3.6.1.4.1.1:1.3.6.1.4.1.2,1.3.6.1.4.1.2:1.3.6.1.4.1.1,1.3.6.1.4.1.2:1.3.6.1.4.1.2"}};
    made.push_back(issue(mapping, &made.back()));
  }
  const Issued leaf =
      issue({.common_name = "localhost", .extensions = {{"certificatePolicies", "1.3.6.1.4.1.1,1.3.6.1.4.1.2"}}}, &made.back());
  Chain received = {leaf.certificate.get()};
  for (auto one = made.rbegin(); one != made.rend() - 1; ++one) received.push_back(one->certificate.get());
  const TrustStorePtr trust = trusting({&made.front()});
  EXPECT_TRUE(judged(received, *trust, options())->valid);
  JudgeOptions checking = options();
  checking.policies = {"1.3.6.1.4.1.1"};
  checking.flags = X509_V_FLAG_EXPLICIT_POLICY;
  EXPECT_FALSE(judged(received, *trust, checking)->valid) << "OpenSSL refuses to grow the tree";
}

}  // namespace
}  // namespace probes::chain
