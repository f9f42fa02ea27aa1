#include "exporter/at_rest/file_reader.h"
#include "probes/observations/wall_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/test_ca.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace tests::support;
using probes::chain::TrustStore;
using testing::IsEmpty;
using testing::SizeIs;

class FileReader : public testing::Test {
 protected:
  Inventory read(const probes::chain::TrustStorePtr& trust) { return reader_(trust); }

  static probes::chain::TrustStorePtr trusting(const Issued& anchor) { return TrustStore::of("t", {anchor.certificate.get()}); }

  const TemporaryFolder folder_;
  const Issued authority_ = root("Internal");
  AtRest::Reader reader_ = file_reader({.name = "web", .paths = {folder_.path()}});
};

TEST_F(FileReader, JudgesLeavesWithWhatStandsBehindThem) {
  const Issued issuing = issue({.common_name = "Issuing", .names = {}, .extended_key_usage = "", .authority = true}, &authority_);
  const Issued leaf = issue({.common_name = "leaf"}, &issuing);
  folder_.write("a.pem", pem(leaf.certificate.get()) + pem(issuing.certificate.get()));
  folder_.write("b.pem", pem(leaf.certificate.get()));
  folder_.write("c.pem", pem(issuing.certificate.get()));
  const Inventory found = read(trusting(authority_));
  ASSERT_THAT(found.certificates, SizeIs(4));
  ASSERT_TRUE(found.certificates[0].chain);
  EXPECT_TRUE(found.certificates[0].chain->valid);
  EXPECT_FALSE(found.certificates[1].chain) << "it is there to vouch for the leaf";
  ASSERT_TRUE(found.certificates[2].chain);
  EXPECT_FALSE(found.certificates[2].chain->valid) << "its intermediate is missing";
  EXPECT_FALSE(found.certificates[3].chain);
}

TEST_F(FileReader, IntermediatesOfAKeystoreStandBesideItsEntries) {
  const Issued issuing = issue({.common_name = "Issuing", .names = {}, .extended_key_usage = "", .authority = true}, &authority_);
  const Issued leaf = issue({.common_name = "leaf"}, &issuing);
  STACK_OF(X509)* others = sk_X509_new_null();
  sk_X509_push(others, issuing.certificate.get());
  const probes::tls::Ptr<PKCS12> store(PKCS12_create("", "leaf", leaf.key.get(), leaf.certificate.get(), others, 0, 0, 0, 0, 0));
  sk_X509_free(others);
  folder_.write("a.p12", tests::support::der(store.get()));
  folder_.write("passphrase", "\n");
  const auto read_with_passphrase =
      file_reader({.name = "web", .paths = {folder_.path() + "/*.p12"}, .passphrase_files = {folder_.path() + "/passphrase"}});
  const Inventory found = read_with_passphrase(trusting(authority_));
  ASSERT_THAT(found.certificates, SizeIs(2));
  const auto entry =
      std::ranges::find(found.certificates, "leaf", [](const StoredCertificate& one) { return one.place.alias(); });
  ASSERT_NE(entry, found.certificates.end());
  ASSERT_TRUE(entry->chain);
  EXPECT_TRUE(entry->chain->valid);
}

TEST_F(FileReader, WithoutATrustStoreALeafHasItsOwnFindings) {
  folder_.write("a.pem", pem(issue({.common_name = "a", .starts = std::chrono::hours(24)}, &authority_).certificate.get()));
  folder_.write("b.pem", pem(issue({.common_name = "b"}, &authority_).certificate.get()));
  const Inventory found = read(nullptr);
  ASSERT_THAT(found.certificates, SizeIs(2));
  EXPECT_FALSE(found.certificates[0].chain);
  ASSERT_TRUE(found.certificates[0].problems);
  EXPECT_EQ(found.certificates[0].problems->front().finding, Finding::not_before_in_future);
  EXPECT_FALSE(found.certificates[1].problems);
}

// `openssl req -x509` makes every certificate a CA: this is the usual self-signed certificate of a server.
TEST_F(FileReader, AServersOwnCertificateIsALeafThoughItIsACa) {
  const Issued named = issue({.common_name = "web.example", .names = {"DNS:web.example"}, .authority = true});
  folder_.write("a.pem", pem(named.certificate.get()));
  folder_.write("b.pem", pem(authority_.certificate.get()));
  const Inventory found = read(trusting(authority_));
  ASSERT_THAT(found.certificates, SizeIs(2));
  EXPECT_FALSE(vouches(found.certificates[0]));
  ASSERT_TRUE(found.certificates[0].chain);
  EXPECT_EQ(found.certificates[0].chain->problems.front().finding, Finding::self_signed);
  EXPECT_TRUE(std::ranges::any_of(found.certificates[0].chain->problems,
                                  [](const Problem& one) { return one.finding == Finding::ca_leaf; }));
  EXPECT_TRUE(vouches(found.certificates[1])) << "a root";
  EXPECT_FALSE(found.certificates[1].chain);
}

// What is at rest is judged like what is served: each certificate of a file has its findings, whether or not it has a trust
// store.
TEST_F(FileReader, IntermediatesAndRootsHaveFindingsOfTheirOwn) {
  const Issued weak =
      issue({.common_name = "Weak", .names = {}, .extended_key_usage = "", .authority = true, .key = "RSA:1024"}, &authority_);
  const Issued leaf = issue({.common_name = "leaf"}, &weak);
  folder_.write("a.pem", pem(leaf.certificate.get()) + pem(weak.certificate.get()));
  for (const auto& trust : {trusting(authority_), probes::chain::TrustStorePtr()}) {
    const Inventory found = read(trust);
    ASSERT_THAT(found.certificates, SizeIs(2));
    ASSERT_TRUE(found.certificates[1].problems);
    EXPECT_TRUE(std::ranges::any_of(*found.certificates[1].problems, [](const Problem& one) {
      return one.finding == Finding::rsa_under_2048 && one.position == 1;
    }));
  }
}

TEST_F(FileReader, AnotherTrustStoreIsAnotherJudgement) {
  folder_.write("a.pem", pem(issue({}, &authority_).certificate.get()));
  EXPECT_TRUE(read(trusting(authority_)).certificates.at(0).chain->valid);
  EXPECT_FALSE(read(trusting(root("Internal"))).certificates.at(0).chain->valid);
  EXPECT_TRUE(read(trusting(authority_)).certificates.at(0).chain->valid);
}

TEST_F(FileReader, ACertificateThatEndsIsJudgedAgain) {
  folder_.write("a.pem", pem(issue({.ends = std::chrono::seconds(2)}, &authority_).certificate.get()));
  const auto trust = trusting(authority_);
  EXPECT_TRUE(read(trust).certificates.at(0).chain->valid);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (read(trust).certificates.at(0).chain->valid && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(read(trust).certificates.at(0).chain->valid);
}

// Nothing would work it out again: the certificate has ended meanwhile, or another store has come.
TEST_F(FileReader, AFileThatIsSpoiltKeepsItsCertificatesWithoutAJudgement) {
  const std::string leaf = pem(issue({.ends = std::chrono::seconds(2)}, &authority_).certificate.get());
  folder_.write("a.pem", leaf);
  const auto trust = trusting(authority_);
  ASSERT_TRUE(read(trust).certificates.at(0).chain);
  folder_.write("a.pem", leaf.substr(0, leaf.size() / 2));
  const auto ended = [&] {
    const Inventory found = read(trust);
    EXPECT_THAT(found.troubles, SizeIs(1));
    EXPECT_EQ(found.troubles.at(0).reason, SourceReason::bad_pem);
    EXPECT_FALSE(found.certificates.at(0).chain);
    EXPECT_FALSE(found.certificates.at(0).problems);
    return found.certificates.at(0).certificate->not_after().value_or({}) + std::chrono::seconds(1) <
           probes::observations::wall_now();
  };
  while (!ended()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(ended());
  EXPECT_FALSE(read(trusting(root("Internal"))).certificates.at(0).chain);
  folder_.write("a.pem", leaf);
  ASSERT_TRUE(read(trust).certificates.at(0).chain);
  EXPECT_FALSE(read(trust).certificates.at(0).chain->valid);
}

// Nobody mends a README. Where there is nothing else it is why.
TEST_F(FileReader, WhatIsNoCertificateIsTroubleOnlyWhereOneIsMeant) {
  const std::string readme = folder_.write("README", "This folder contains your keys.\n");
  folder_.write("a.key", pem(authority_.key.get()));
  const Inventory alone = read(nullptr);
  ASSERT_THAT(alone.troubles, SizeIs(2));
  EXPECT_EQ(alone.troubles[0].reason, SourceReason::no_certificates);
  EXPECT_EQ(alone.troubles[0].path, readme);
  folder_.write("b.pem", pem(authority_.certificate.get()));
  EXPECT_THAT(read(nullptr).troubles, IsEmpty());
  folder_.write("b.pem", "<html>404</html>");
  EXPECT_THAT(read(nullptr).troubles, SizeIs(1)) << "it held one";
  const auto named = file_reader({.name = "web", .paths = {folder_.path(), readme}});
  EXPECT_THAT(named(nullptr).troubles, SizeIs(1)) << "it is meant to hold one";
}

TEST_F(FileReader, TroubleIsInWhatItReturns) {
  folder_.write("a.pem", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
  const Inventory found = read(nullptr);
  EXPECT_THAT(found.certificates, IsEmpty());
  ASSERT_THAT(found.troubles, SizeIs(1));
  EXPECT_EQ(found.troubles.front().reason, SourceReason::bad_pem);
}

}  // namespace
}  // namespace exporter
