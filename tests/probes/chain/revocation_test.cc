// Chains judged against a trust store with revocation lists.
#include "probes/chain/revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "probes/tls/certificate_facts.h"
#include "tests/support/judged.h"
#include "tests/support/test_list.h"

namespace probes::chain {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::ChainJudgementPtr;
using observations::Finding;
using observations::RevocationMethod;
using observations::RevocationReason;
using observations::RevocationStatus;
using testing::HasSubstr;

constexpr auto day = std::chrono::hours(24);

Issued authority(const std::string& name, const Issued& issuer, std::map<std::string, std::string> extensions = {}) {
  return issue({.common_name = name,
                .names = {},
                .extended_key_usage = "",
                .authority = true,
                .ends = 1000 * day,
                .extensions = std::move(extensions)},
               &issuer);
}

class Revocation : public testing::Test {
 protected:
  ~Revocation() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  TrustStorePtr store(const std::vector<std::string>& lists) {
    revocation::Lists read;
    for (std::size_t i = 0; i < lists.size(); ++i) read.add({revocation::List::read(lists[i]), std::to_string(i) + ".crl"});
    return TrustStore::of("internal", chain_of({&root_}), false, std::move(read));
  }
  ChainJudgementPtr judged(const std::vector<std::string>& lists, const Issued& leaf, std::chrono::seconds later = 0s) {
    return judge(chain_of({&leaf, &issuing_}), *store(lists), {.at = now() + later});
  }
  ChainJudgementPtr judged(const std::vector<std::string>& lists) { return judged(lists, leaf_); }
  static std::optional<RevocationStatus> status(const ChainJudgementPtr& judgement) {
    return status_of(judgement->revocation, RevocationMethod::crl);
  }

  const Issued root_ = root();
  const Issued issuing_ = authority("Issuing", root_);
  const Issued leaf_ = issue({.common_name = "localhost"}, &issuing_);
};

TEST_F(Revocation, WithoutListsNothingIsClaimed) {
  const ChainJudgementPtr judgement = judged({});
  EXPECT_TRUE(judgement->valid);
  EXPECT_TRUE(judgement->revocation.empty());
  EXPECT_EQ(status(judgement), std::nullopt);
}

TEST_F(Revocation, ALeafOnTheListOfItsIssuerMakesTheChainInvalid) {
  const ChainJudgementPtr judgement = judged({list_of(issuing_, {.revoked = {{.certificate = &leaf_, .reason = 1}}})});
  EXPECT_FALSE(judgement->valid);
  EXPECT_TRUE(judgement->complete);
  EXPECT_EQ(judgement->verify_code, X509_V_ERR_CERT_REVOKED);
  EXPECT_EQ(judgement->verify_code, 23);
  ASSERT_TRUE(found(judgement, Finding::revoked));
  EXPECT_EQ(found(judgement, Finding::revoked)->position, 0);
  EXPECT_THAT(found(judgement, Finding::revoked)->detail, HasSubstr("key_compromise"));
  EXPECT_THAT(found(judgement, Finding::revoked)->detail, HasSubstr("0.crl"));
  EXPECT_EQ(status(judgement), RevocationStatus::revoked);
  EXPECT_EQ(judgement->revocation.front().reason, RevocationReason::key_compromise);
  EXPECT_TRUE(judgement->revocation.front().revoked_at);
}

TEST_F(Revocation, ALeafThatIsNotOnItIsGood) {
  const Issued other = issue({.common_name = "other"}, &issuing_);
  const ChainJudgementPtr judgement = judged({list_of(issuing_, {.revoked = {{.certificate = &other}}})});
  EXPECT_TRUE(judgement->valid);
  EXPECT_EQ(status(judgement), RevocationStatus::good);
  EXPECT_EQ(judgement->revocation.front().source, "0.crl");
  EXPECT_TRUE(judgement->revocation.front().until);
}

TEST_F(Revocation, ARevokedIssuerSpeaksForTheChain) {
  const ChainJudgementPtr judgement =
      judged({list_of(root_, {.revoked = {{.certificate = &issuing_, .reason = 2}}}), list_of(issuing_)});
  EXPECT_FALSE(judgement->valid);
  EXPECT_EQ(found(judgement, Finding::revoked)->position, 1);
  EXPECT_EQ(status(judgement), RevocationStatus::revoked);
}

TEST_F(Revocation, TheSameSerialOfAnotherIssuerIsAnother) {
  const Issued twin = issue({.serial_hex = "0A"}, &root_), mine = issue({.serial_hex = "0A"}, &issuing_);
  EXPECT_TRUE(judged({list_of(root_, {.revoked = {{.certificate = &twin}}}), list_of(issuing_)}, mine)->valid);
}

TEST_F(Revocation, NobodyElseCanRevoke) {
  const Issued impostor = authority("Issuing", root("Elsewhere"));
  for (const bool identified : {true, false}) {
    const WantedList wanted{.revoked = {{.certificate = &leaf_}}, .key_identifier = identified};
    const ChainJudgementPtr judgement = judged({list_of(issuing_, wanted, &impostor)});
    EXPECT_TRUE(judgement->valid);
    EXPECT_NE(status(judgement), RevocationStatus::good);
    EXPECT_NE(status(judgement), RevocationStatus::revoked);
  }
}

TEST_F(Revocation, AKeyThatMayNotSignListsSignsNone) {
  const Issued issuing =
      issue({.common_name = "Certificates only", .names = {}, .extended_key_usage = "", .authority = true}, &root_);
  X509* certificate = issuing.certificate.get();
  X509_EXTENSION_free(X509_delete_ext(certificate, X509_get_ext_by_NID(certificate, NID_key_usage, -1)));
  ASN1_BIT_STRING* usage = ASN1_BIT_STRING_new();
  ASN1_BIT_STRING_set_bit(usage, 5, 1);  // keyCertSign
  X509_add1_ext_i2d(certificate, NID_key_usage, usage, 1, 0);
  ASN1_BIT_STRING_free(usage);
  X509_sign(certificate, root_.key.get(), EVP_sha256());
  const Issued leaf = issue({}, &issuing);
  const auto trust = store({list_of(issuing, {.revoked = {{.certificate = &leaf}}})});
  const auto judgement = judge(chain_of({&leaf, &issuing}), *trust, {.at = now()});
  EXPECT_TRUE(judgement->valid) << judgement->verify_text;
  EXPECT_EQ(status(judgement), RevocationStatus::unavailable);
}

TEST_F(Revocation, ALapsedListIsUnavailableAndChangesNothing) {
  const std::string list = list_of(issuing_, {.revoked = {{.certificate = &leaf_}}, .ends = 1h});
  EXPECT_EQ(status(judged({list}, leaf_)), RevocationStatus::revoked);
  const ChainJudgementPtr lapsed = judged({list}, leaf_, 2h);
  EXPECT_TRUE(lapsed->valid);
  EXPECT_FALSE(found(lapsed, Finding::revoked));
  EXPECT_EQ(status(lapsed), RevocationStatus::unavailable);
  EXPECT_THAT(lapsed->revocation.front().detail, HasSubstr("lapsed"));
  EXPECT_EQ(status(judged({list}, leaf_, -2h)), RevocationStatus::unavailable) << "not yet";
}

TEST_F(Revocation, AListWithoutNextUpdateDoesNotLapse) {
  EXPECT_EQ(status(judged({list_of(issuing_, {.ends = {}})}, leaf_, 80 * day)), RevocationStatus::good);
}

TEST_F(Revocation, ALapsedListOfAnIssuerIsSeenAboveAGoodLeaf) {
  EXPECT_EQ(status(judged({list_of(root_, {.ends = -1min}), list_of(issuing_)})), RevocationStatus::unavailable);
}

TEST_F(Revocation, TheNewestListCounts) {
  const WantedList held{.revoked = {{.certificate = &leaf_, .reason = 6}}, .starts = -3h, .number = 1};
  EXPECT_EQ(status(judged({list_of(issuing_, held)})), RevocationStatus::revoked);
  EXPECT_EQ(status(judged({list_of(issuing_, held), list_of(issuing_, {.number = 2})})), RevocationStatus::good);
}

TEST_F(Revocation, AListOfAnotherIssuerLeavesItUnknown) {
  EXPECT_EQ(status(judged({list_of(root_)})), RevocationStatus::unknown);
  EXPECT_TRUE(judged({list_of(root_)})->valid);
}

TEST_F(Revocation, ADeltaAddsAndTakesBack) {
  const std::string base = list_of(issuing_, {.number = 5});
  const WantedList added{.revoked = {{.certificate = &leaf_, .reason = 4}}, .number = 6, .base = 5};
  EXPECT_EQ(status(judged({base, list_of(issuing_, added)})), RevocationStatus::revoked);
  const std::string held = list_of(issuing_, {.revoked = {{.certificate = &leaf_, .reason = 6}}, .number = 5});
  const WantedList removed{.revoked = {{.certificate = &leaf_, .reason = 8}}, .number = 6, .base = 5};
  EXPECT_EQ(status(judged({held, list_of(issuing_, removed)})), RevocationStatus::good);
}

TEST_F(Revocation, ADeltaThatDoesNotFitIsLeftOut) {
  const std::string base = list_of(issuing_, {.number = 5});
  const std::vector<Revoked> mine = {{.certificate = &leaf_}};
  const Issued impostor = authority("Issuing", root("Elsewhere"));
  EXPECT_EQ(status(judged({base, list_of(issuing_, {.revoked = mine, .number = 7, .base = 6})})), RevocationStatus::good)
      << "a gap";
  EXPECT_EQ(status(judged({base, list_of(issuing_, {.revoked = mine, .number = 5, .base = 4})})), RevocationStatus::good)
      << "older";
  EXPECT_EQ(status(judged({base, list_of(issuing_, {.revoked = mine, .number = {}, .base = 5})})), RevocationStatus::good)
      << "no number";
  EXPECT_EQ(status(judged({base, list_of(issuing_, {.revoked = mine, .ends = -1min, .number = 6, .base = 5})})),
            RevocationStatus::good)
      << "lapsed";
  EXPECT_EQ(status(judged({list_of(issuing_, {.revoked = mine, .number = 6, .base = 5})})), RevocationStatus::unknown) << "alone";
  WantedList forged{.revoked = mine, .number = 6, .base = 5, .key_identifier = false};
  EXPECT_EQ(status(judged({list_of(issuing_, {.number = 5, .key_identifier = false}), list_of(issuing_, forged, &impostor)})),
            RevocationStatus::good);
}

TEST_F(Revocation, AListForAuthoritiesOrForLeavesSpeaksForThoseAlone) {
  const std::vector<Revoked> mine = {{.certificate = &leaf_}};
  const auto only = [](const char* what) { return std::map<std::string, std::string>{{"issuingDistributionPoint", what}}; };
  EXPECT_EQ(status(judged({list_of(issuing_, {.revoked = mine, .extensions = only("critical,onlyCA:TRUE")})})),
            RevocationStatus::unknown);
  EXPECT_EQ(status(judged({list_of(issuing_, {.revoked = mine, .extensions = only("critical,onlyuser:TRUE")})})),
            RevocationStatus::revoked);
  EXPECT_EQ(status(judged({list_of(issuing_, {.revoked = mine, .extensions = only("critical,onlyAA:TRUE")})})),
            RevocationStatus::unknown);
}

TEST_F(Revocation, APartSpeaksForTheCertificatesThatNameIt) {
  const Issued first = issue({.extensions = {{"crlDistributionPoints", "URI:http://pki.test/1.crl"}}}, &issuing_);
  const Issued second = issue({.extensions = {{"crlDistributionPoints", "URI:http://pki.test/2.crl"}}}, &issuing_);
  const auto part = [&](const Issued& revoked, const char* place) {
    return list_of(issuing_, {.revoked = {{.certificate = &revoked}},
                              .extensions = {{"issuingDistributionPoint", std::string("critical,fullname:URI:") + place}}});
  };
  EXPECT_EQ(status(judged({part(first, "http://pki.test/1.crl")}, first)), RevocationStatus::revoked);
  EXPECT_EQ(status(judged({part(second, "http://pki.test/1.crl")}, second)), RevocationStatus::unknown);
}

TEST_F(Revocation, SomeReasonsLeaveTheOthersOpen) {
  const std::string compromise = list_of(issuing_, {.some_reasons = {1, 2}});
  const std::string rest = list_of(issuing_, {.some_reasons = {3, 4, 5, 6, 7, 8}});
  EXPECT_EQ(status(judged({compromise})), RevocationStatus::unknown);
  EXPECT_EQ(status(judged({compromise, rest})), RevocationStatus::good);
}

TEST_F(Revocation, AnIndirectListSpeaksForTheIssuerThatItsEntriesName) {
  const Issued lists = authority("Lists", root_);
  // Only certificates that name the issuer of the list are covered by it: this one names none.
  const WantedList wanted{.revoked = {{.certificate = &leaf_, .issuer = &issuing_}},
                          .extensions = {{"issuingDistributionPoint", "critical,indirectCRL:TRUE"}}};
  const auto trust = store({list_of(lists, wanted)});
  EXPECT_EQ(status(judge(chain_of({&leaf_, &issuing_, &lists}), *trust, {.at = now()})), RevocationStatus::unknown);
}

TEST_F(Revocation, AListThatIsNotUnderstoodIsUnavailable) {
  EXPECT_EQ(status(judged({list_of(issuing_, {.extensions = {{"1.2.3.4", "critical,DER:0500"}}})})),
            RevocationStatus::unavailable);
}

TEST_F(Revocation, AnotherKeyOfTheIssuerMaySignTheList) {
  const Issued second = authority("Issuing", root_);  // RFC 5280 6.3.3 (f): the same name, another key, the same anchor
  const auto trust = store({list_of(second, {.revoked = {{.certificate = &leaf_}}})});
  EXPECT_EQ(status(judge(chain_of({&leaf_, &issuing_, &second}), *trust, {.at = now()})), RevocationStatus::revoked);
  EXPECT_EQ(status(judge(chain_of({&leaf_, &issuing_}), *trust, {.at = now()})), RevocationStatus::unknown);
}

TEST_F(Revocation, AnIssuerOfListsThatWasRevokedIsNotBelieved) {
  const Issued second = authority("Issuing", root_);
  const auto trust =
      store({list_of(second, {.revoked = {{.certificate = &leaf_}}}), list_of(root_, {.revoked = {{.certificate = &second}}})});
  EXPECT_EQ(status(judge(chain_of({&leaf_, &issuing_, &second}), *trust, {.at = now()})), RevocationStatus::unknown);
}

TEST_F(Revocation, AnExpiredLeafStaysExpiredAndIsRevokedBesides) {
  const auto trust = store({list_of(issuing_, {.revoked = {{.certificate = &leaf_}}, .ends = 200 * day})});
  const auto judgement = judge(chain_of({&leaf_, &issuing_}), *trust, {.at = now() + 100 * day});
  EXPECT_EQ(judgement->verify_code, X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_TRUE(found(judgement, Finding::revoked));
}

TEST_F(Revocation, AnUntrustedChainIsNotAskedAbout) {
  const Issued elsewhere = root("Elsewhere"), leaf = issue({}, &elsewhere);
  const auto trust = store({list_of(elsewhere, {.revoked = {{.certificate = &leaf}}})});
  EXPECT_TRUE(judge(chain_of({&leaf, &elsewhere}), *trust, {.at = now()})->revocation.empty());
}

TEST_F(Revocation, TheFindingMayBeIgnoredAndTheVerdictStays) {
  const auto trust = store({list_of(issuing_, {.revoked = {{.certificate = &leaf_}}})});
  const auto judgement = judge(chain_of({&leaf_, &issuing_}), *trust, {.ignore = {"revoked"}, .at = now()});
  EXPECT_FALSE(found(judgement, Finding::revoked));
  EXPECT_FALSE(judgement->valid);
}

TEST_F(Revocation, WhatIsRememberedTurnsWithTheList) {
  const auto trust = store({list_of(issuing_, {.ends = 1h})});
  const Chain chain = chain_of({&leaf_, &issuing_});
  const std::vector<observations::CertificatePtr> facts = {tls::remembered_facts(chain[0]), tls::remembered_facts(chain[1])};
  const auto remembered = [&](std::chrono::seconds later, const TrustStorePtr& against) {
    return status(remembered_judgement(chain, facts, *against, {.at = now() + later}));
  };
  EXPECT_EQ(remembered(0s, trust), RevocationStatus::good);
  EXPECT_EQ(remembered(2h, trust), RevocationStatus::unavailable);
  EXPECT_EQ(remembered(0s, trust), RevocationStatus::good);
  EXPECT_EQ(remembered(0s, store({list_of(issuing_, {.revoked = {{.certificate = &leaf_}}, .number = 2})})),
            RevocationStatus::revoked);
}

}  // namespace
}  // namespace probes::chain
