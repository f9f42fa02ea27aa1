// Each rule one certificate that passes and one that fails.
#include "probes/chain/certificate_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/tls/certificate_facts.h"
#include "tests/support/judged.h"

namespace probes::chain {
namespace {

using tests::support::Issued;
using tests::support::issue;
using tests::support::root;
using tests::support::Wanted;
using Role = Examined::Role;

constexpr auto day = std::chrono::hours(24);

JudgeOptions options(Purpose purpose = Purpose::server) { return {.purpose = purpose, .at = tests::support::now()}; }

std::vector<std::string> found(const Issued& issued, Role role = Role::leaf, const JudgeOptions& judged = options()) {
  const observations::Certificate facts = tls::facts(issued.certificate.get());
  return tests::support::words(certificate_problems({issued.certificate.get(), facts, role, judged}, 0));
}

Wanted good() { return {.common_name = "localhost"}; }

testing::Matcher<std::vector<std::string>> only(const char* word) { return testing::ElementsAre(word); }

TEST(CertificateFindings, AGoodLeafHasNone) { EXPECT_THAT(found(issue(good())), testing::IsEmpty()); }

TEST(CertificateFindings, AServerNeedsASubjectAlternativeName) {
  Wanted wanted = good();
  wanted.names = {};
  EXPECT_THAT(found(issue(wanted)), only("no_san"));
  EXPECT_THAT(found(issue(wanted), Role::leaf, options(Purpose::client)), testing::IsEmpty());
}

TEST(CertificateFindings, TheCommonNameIsRepeatedAmongTheNames) {
  Wanted wanted = good();
  wanted.common_name = "elsewhere";
  EXPECT_THAT(found(issue(wanted)), only("cn_not_in_san"));
  wanted.common_name = "LOCALHOST";
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, ALeafIsNoAuthority) {
  Wanted wanted = good();
  wanted.authority = true;
  EXPECT_THAT(found(issue(wanted)), testing::Contains("ca_leaf"));
  EXPECT_THAT(found(issue(wanted), Role::authority), testing::Not(testing::Contains("ca_leaf")));
}

TEST(CertificateFindings, ALeafSaysWhatItIsFor) {
  Wanted wanted = good();
  wanted.extended_key_usage = "";
  EXPECT_THAT(found(issue(wanted)), only("missing_eku"));
  wanted.extended_key_usage = "serverAuth,anyExtendedKeyUsage";
  EXPECT_THAT(found(issue(wanted)), only("any_eku"));
}

TEST(CertificateFindings, AClientNeedsClientAuth) {
  Wanted wanted = good();
  wanted.extended_key_usage = "serverAuth";
  EXPECT_THAT(found(issue(wanted), Role::leaf, options(Purpose::client)), only("no_client_auth_eku"));
  EXPECT_THAT(found(issue(good()), Role::leaf, options(Purpose::client)), testing::IsEmpty());
}

TEST(CertificateFindings, RsaKeysHave2048Bits) {
  Wanted wanted = good();
  wanted.key = "RSA:1024";
  EXPECT_THAT(found(issue(wanted)), only("rsa_under_2048"));
  wanted.key = "RSA:2048";
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, Sha1AndMd5AreRemarkedOnExceptBelowARoot) {
  const Issued authority = root();
  Wanted wanted = good();
  wanted.digest = "SHA1";
  EXPECT_THAT(found(issue(wanted, &authority)), only("sha1_or_md5_signature"));
  EXPECT_THAT(found(issue(good(), &authority)), testing::IsEmpty());
  EXPECT_THAT(found(issue(wanted), Role::anchor), testing::Not(testing::Contains("sha1_or_md5_signature")));
}

TEST(CertificateFindings, SerialsArePositiveAndAtMostTwentyOctets) {
  Wanted wanted = good();
  for (const std::string& bad : {std::string("0"), std::string("-5"), std::string(42, '1'), "80" + std::string(38, '0')}) {
    wanted.serial_hex = bad;
    EXPECT_THAT(found(issue(wanted)), only("bad_serial")) << bad;
  }
  wanted.serial_hex = "7F" + std::string(38, '0');
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, NameConstraintsAreCritical) {
  Wanted wanted{.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true};
  wanted.extensions = {{"nameConstraints", "permitted;DNS:example.com"}};
  EXPECT_THAT(found(issue(wanted), Role::authority), testing::Contains("name_constraints_not_critical"));
  wanted.extensions = {{"nameConstraints", "critical,permitted;DNS:example.com"}};
  EXPECT_THAT(found(issue(wanted), Role::authority), testing::IsEmpty());
}

TEST(CertificateFindings, ValidityStaysUnderTheConfiguredMaximum) {
  Wanted wanted = good();
  wanted.starts = std::chrono::seconds(0);
  wanted.ends = 30 * day - std::chrono::seconds(1);  // both ends count
  JudgeOptions judged = options();
  judged.at += std::chrono::seconds(5);
  judged.maximum_validity_days = 30;
  EXPECT_THAT(found(issue(wanted), Role::leaf, judged), testing::IsEmpty());
  judged.maximum_validity_days = 29;
  EXPECT_THAT(found(issue(wanted), Role::leaf, judged), only("validity_too_long"));
}

TEST(CertificateFindings, ACertificateOfTheFutureIsRemarkedOn) {
  Wanted wanted = good();
  wanted.starts = day;
  EXPECT_THAT(found(issue(wanted)), only("not_before_in_future"));
}

TEST(CertificateFindings, AWildcardIsWorthKnowing) {
  Wanted wanted = good();
  wanted.names = {"DNS:localhost", "DNS:*.example.com"};
  EXPECT_THAT(found(issue(wanted)), only("wildcard"));
}

}  // namespace
}  // namespace probes::chain
