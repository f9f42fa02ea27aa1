#include "probes/chain/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "probes/tls/certificate_facts.h"
#include "tests/support/judged.h"

namespace probes::chain {
namespace {

using namespace std::chrono_literals;
using observations::ChainJudgementPtr;
using observations::Finding;
using observations::Severity;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using namespace tests::support;

constexpr auto day = std::chrono::hours(24);

Issued intermediate(const Issued& authority, const std::string& name = "Intermediate", std::chrono::seconds ends = 1000 * day) {
  return issue({.common_name = name, .names = {}, .extended_key_usage = "", .authority = true, .ends = ends}, &authority);
}
Issued leaf(const Issued& authority, std::chrono::seconds ends = 90 * day) {
  return issue({.common_name = "localhost", .ends = ends}, &authority);
}

// Makes `crossed` a second certificate of `original`'s key, signed by `issuer`.
void rekey(const Issued& crossed, const Issued& original, const Issued& issuer) {
  X509* certificate = crossed.certificate.get();
  X509_set_pubkey(certificate, original.key.get());
  X509_EXTENSION_free(X509_delete_ext(certificate, X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1)));
  const int at = X509_get_ext_by_NID(original.certificate.get(), NID_subject_key_identifier, -1);
  X509_add_ext(certificate, X509_get_ext(original.certificate.get(), at), -1);
  X509_sign(certificate, issuer.key.get(), EVP_sha256());
}

JudgeOptions options(Purpose purpose = Purpose::server) { return {.purpose = purpose, .at = now()}; }

std::chrono::sys_seconds not_after(const Issued& issued) { return *tls::facts(issued.certificate.get()).not_after; }

class Judge : public testing::Test {
 protected:
  ~Judge() override { EXPECT_EQ(ERR_peek_error(), 0u); }
  const Issued root_ = root();
  const Issued intermediate_ = intermediate(root_);
  const Issued leaf_ = leaf(intermediate_);
  const TrustStorePtr trust_ = trusting({&root_});
};

TEST_F(Judge, AGoodChainIsValidCompleteAndWithoutFindings) {
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &intermediate_}), *trust_, options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_TRUE(judgement->complete);
  EXPECT_EQ(judgement->verify_code, X509_V_OK);
  EXPECT_EQ(judgement->expiry, not_after(leaf_));
  ASSERT_EQ(judgement->path.size(), 3u);
  EXPECT_EQ(judgement->path[2], tls::remembered_facts(root_.certificate.get()));
  EXPECT_THAT(words(judgement->problems), IsEmpty());
}

TEST_F(Judge, AnExpiredLeafKeepsItsPathAndItsExpiry) {
  const Issued old = issue({.common_name = "localhost", .starts = -2 * day, .ends = -1 * day}, &intermediate_);
  const ChainJudgementPtr judgement = judge(chain_of({&old, &intermediate_}), *trust_, options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_TRUE(judgement->complete);
  EXPECT_EQ(judgement->expiry, not_after(old));
  EXPECT_THAT(words(judgement->problems), testing::ElementsAre("expired"));
  EXPECT_EQ(judgement->problems[0].position, 0);
  EXPECT_EQ(judgement->problems[0].severity, Severity::critical);
}

TEST_F(Judge, TheTimeOfTheJudgementIsTheOnePassedIn) {
  JudgeOptions later = options();
  later.at = not_after(leaf_) - 1s;
  EXPECT_TRUE(judge(chain_of({&leaf_, &intermediate_}), *trust_, later)->valid);
  later.at = not_after(leaf_);
  EXPECT_FALSE(judge(chain_of({&leaf_, &intermediate_}), *trust_, later)->valid);
}

TEST_F(Judge, ALeafOfTheFutureIsNotYetValid) {
  const Issued early = issue({.common_name = "localhost", .starts = day}, &intermediate_);
  const ChainJudgementPtr judgement = judge(chain_of({&early, &intermediate_}), *trust_, options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_THAT(words(judgement->problems), testing::UnorderedElementsAre("not_yet_valid", "not_before_in_future"));
}

TEST_F(Judge, AMissingIntermediateIsNamed) {
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_}), *trust_, options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_FALSE(judgement->complete);
  EXPECT_FALSE(judgement->expiry);
  ASSERT_THAT(words(judgement->problems), testing::ElementsAre("missing_intermediate"));
  EXPECT_THAT(judgement->problems[0].detail, testing::HasSubstr("CN=Intermediate"));
  EXPECT_THAT(judgement->problems[0].detail,
              testing::HasSubstr(tls::facts(intermediate_.certificate.get()).subject_key_identifier));
}

TEST_F(Judge, AnIntermediateInTheTrustStoreIsNotMissing) {
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_}), *trusting({&root_, &intermediate_}), options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_TRUE(judgement->complete);
}

// The store holds the issuing CA alone, as stores for Go, Java and `openssl verify -partial_chain` may.
TEST_F(Judge, AnIntermediateIsAnAnchorWherePartialChainsAreAllowed) {
  const Issued short_root =
      issue({.common_name = "Root", .names = {}, .extended_key_usage = "", .authority = true, .ends = 30 * day});
  const Issued issuing = intermediate(short_root, "Issuing", 60 * day);
  const Issued server = leaf(issuing);
  for (const Chain& sent : {chain_of({&server}), chain_of({&server, &issuing}), chain_of({&server, &issuing, &short_root})}) {
    const auto trust = TrustStore::of("internal", {issuing.certificate.get()}, true);
    const ChainJudgementPtr judgement = judge(sent, *trust, options());
    EXPECT_TRUE(judgement->valid) << sent.size();
    EXPECT_TRUE(judgement->complete);
    EXPECT_EQ(judgement->expiry, not_after(issuing));  // whatever becomes of the root
    ASSERT_EQ(judgement->path.size(), 2u);
    EXPECT_EQ(judgement->path[1], tls::remembered_facts(issuing.certificate.get()));
    for (const auto& problem : judgement->problems) EXPECT_NE(problem.severity, Severity::critical) << word(problem.finding);
  }
}

TEST_F(Judge, AnAnchorOfAPartialChainEndsLikeAnyOther) {
  const Issued ended = issue(
      {.common_name = "Issuing", .names = {}, .extended_key_usage = "", .authority = true, .starts = -9 * day, .ends = -1 * day},
      &root_);
  const Issued server = leaf(ended);
  const auto trust = TrustStore::of("internal", {ended.certificate.get()}, true);
  const ChainJudgementPtr judgement = judge(chain_of({&server}), *trust, options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_THAT(words(judgement->problems), testing::ElementsAre("expired"));
}

TEST_F(Judge, AnIntermediateAloneInTheStoreIsSaidToBeNoRoot) {
  for (const Chain& sent : {chain_of({&leaf_}), chain_of({&leaf_, &intermediate_}), chain_of({&leaf_, &intermediate_, &root_})}) {
    const ChainJudgementPtr judgement = judge(sent, *trusting({&intermediate_}), options());
    EXPECT_FALSE(judgement->valid);
    EXPECT_FALSE(judgement->complete);
    EXPECT_THAT(words(judgement->problems), Contains("anchor_not_root"));
    EXPECT_THAT(words(judgement->problems), Not(Contains("missing_intermediate")));
    EXPECT_THAT(words(judgement->problems), Not(Contains("untrusted_root")));
  }
}

// The same anchors with and without are two stores.
TEST_F(Judge, RemembersWhetherPartialChainsWereAllowed) {
  const Chain sent = chain_of({&leaf_});
  const std::vector<observations::CertificatePtr> facts = {tls::remembered_facts(leaf_.certificate.get())};
  const auto without = TrustStore::of("internal", {intermediate_.certificate.get()});
  const auto with = TrustStore::of("internal", {intermediate_.certificate.get()}, true);
  EXPECT_FALSE(remembered_judgement(sent, facts, *without, options())->valid);
  EXPECT_TRUE(remembered_judgement(sent, facts, *with, options())->valid);
  EXPECT_FALSE(remembered_judgement(sent, facts, *without, options())->valid);
}

TEST_F(Judge, AnUntrustedRootIsToldApartFromAMissingIntermediate) {
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &intermediate_, &root_}), *trusting({}), options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_FALSE(judgement->complete);
  EXPECT_THAT(words(judgement->problems), Contains("untrusted_root"));
  EXPECT_THAT(words(judgement->problems), Not(Contains("missing_intermediate")));
  EXPECT_EQ(found(judgement, Finding::untrusted_root)->position, 2);
  EXPECT_EQ(judgement->path.size(), 3u);
}

TEST_F(Judge, ARootOfTheSameNameButAnotherKeyIsAnUntrustedRoot) {
  const Issued lookalike = root();
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &intermediate_}), *trusting({&lookalike}), options());
  EXPECT_FALSE(judgement->complete);
  EXPECT_THAT(words(judgement->problems), testing::ElementsAre("untrusted_root"));
}

TEST_F(Judge, ASelfSignedLeafIsTrustedOnlyFromTheStore) {
  const Issued alone = issue({.common_name = "localhost"});
  const ChainJudgementPtr untrusted = judge(chain_of({&alone}), *trust_, options());
  EXPECT_FALSE(untrusted->valid);
  EXPECT_THAT(words(untrusted->problems), testing::ElementsAre("self_signed"));
  const ChainJudgementPtr trusted = judge(chain_of({&alone}), *trusting({&alone}), options());
  EXPECT_TRUE(trusted->valid);
  EXPECT_TRUE(trusted->complete);
  EXPECT_EQ(trusted->expiry, not_after(alone));
}

TEST_F(Judge, ALongerLivedPathGivesTheExpiry) {
  const Issued other_root = root("Other Root");
  const Issued crossed = intermediate(other_root, "Intermediate", 10 * day);
  rekey(crossed, intermediate_, other_root);
  for (const Chain& sent : {chain_of({&leaf_, &crossed, &intermediate_}), chain_of({&leaf_, &intermediate_, &crossed})}) {
    const ChainJudgementPtr judgement = judge(sent, *trusting({&root_, &other_root}), options());
    EXPECT_TRUE(judgement->valid);
    EXPECT_EQ(judgement->expiry, not_after(leaf_));
    EXPECT_THAT(words(judgement->problems), testing::ElementsAre("superfluous"));
    EXPECT_EQ(judgement->problems[0].severity, Severity::info);
  }
  EXPECT_EQ(judge(chain_of({&leaf_, &crossed}), *trusting({&root_, &other_root}), options())->expiry, not_after(crossed));
}

TEST_F(Judge, AnExpiredCrossSignNobodyUsesIsNoMoreThanSuperfluous) {
  const Issued other_root = root("Other Root");
  const Issued crossed = issue({.common_name = "Test Root",
                                .names = {},
                                .extended_key_usage = "",
                                .authority = true,
                                .starts = -9 * day,
                                .ends = -1 * day},
                               &other_root);
  rekey(crossed, root_, other_root);
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &intermediate_, &crossed}), *trust_, options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_EQ(judgement->expiry, not_after(leaf_));
  EXPECT_THAT(words(judgement->problems), testing::ElementsAre("superfluous"));
  EXPECT_EQ(judgement->problems[0].severity, Severity::info);
  EXPECT_THAT(judgement->problems[0].detail, testing::HasSubstr("expired"));
}

TEST_F(Judge, AnExpiredCrossSignInTheWayDoesNotEndTheChain) {
  const Issued other_root = root("Other Root");
  const Issued crossed = issue({.common_name = "Intermediate",
                                .names = {},
                                .extended_key_usage = "",
                                .authority = true,
                                .starts = -9 * day,
                                .ends = -1 * day},
                               &other_root);
  rekey(crossed, intermediate_, other_root);
  for (const Chain& sent : {chain_of({&leaf_, &crossed, &intermediate_}), chain_of({&leaf_, &intermediate_, &crossed})}) {
    const ChainJudgementPtr judgement = judge(sent, *trusting({&root_, &other_root}), options());
    EXPECT_TRUE(judgement->valid);
    EXPECT_EQ(judgement->expiry, not_after(leaf_));
    EXPECT_THAT(words(judgement->problems), testing::ElementsAre("superfluous"));
  }
}

// OpenSSL goes one way only among the certificates sent; whoever tries all ways gets through.
TEST_F(Judge, APathThatOpensslDoesNotTryIsCompleteButNotValid) {
  const Issued stranger = root("Stranger");
  const Issued crossed = intermediate(stranger);
  rekey(crossed, intermediate_, stranger);
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &crossed, &intermediate_}), *trust_, options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_TRUE(judgement->complete);
  EXPECT_EQ(judgement->expiry, not_after(leaf_));
  ASSERT_THAT(words(judgement->problems), Contains("missing_intermediate"));
  EXPECT_THAT(found(judgement, Finding::missing_intermediate)->detail, testing::HasSubstr("another path"));
  EXPECT_EQ(found(judgement, Finding::another_path_is_valid)->position, 1);
}

// A leaf below a CA that an ended root and a good one have both signed, each certificate of it in force. OpenSSL takes the first
// that was sent; Go and browsers try the other.
TEST_F(Judge, APathToAnEndedRootIsRefusedAndTheOneThatHoldsIsNamed) {
  const Issued ended = issue({.common_name = "Ended Root",
                              .names = {},
                              .extended_key_usage = "",
                              .authority = true,
                              .starts = -900 * day,
                              .ends = -3 * day});
  const Issued crossed = intermediate(ended, "Intermediate", 2000 * day);  // OpenSSL prefers the later end
  rekey(crossed, intermediate_, ended);
  const TrustStorePtr both = trusting({&ended, &root_});
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &crossed, &intermediate_}), *both, options());
  EXPECT_FALSE(judgement->valid) << "the verdict stays OpenSSL's";
  EXPECT_EQ(judgement->verify_code, X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(judgement->expiry, not_after(leaf_));
  EXPECT_EQ(judgement->path.back()->subject_common_name(), "Test Root");
  const observations::Problem* refused = found(judgement, Finding::expired);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->position, std::nullopt);
  ASSERT_NE(refused->certificate, nullptr) << "the certificate concerned was not sent, and is none of the path that holds";
  EXPECT_EQ(refused->certificate->subject_common_name(), "Ended Root");
  const observations::Problem* other = found(judgement, Finding::another_path_is_valid);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->severity, Severity::info);
  EXPECT_EQ(other->position, 1);
  EXPECT_EQ(other->detail, "by \"CN=Test Root\"; without \"CN=Intermediate\" OpenSSL accepts it too");
  EXPECT_TRUE(judge(chain_of({&leaf_, &intermediate_}), *both, options())->valid) << "what the detail says is so";
}

// Two roots of one name and no key identifiers to tell them apart, as Kafka's operators renew their CA: OpenSSL tries one.
TEST_F(Judge, OfTwoRootsOfOneNameTheOneThatLeadsAstrayIsNamed) {
  const Wanted unnamed{
      .common_name = "cluster-ca v0", .names = {}, .extended_key_usage = "", .authority = true, .key_identifiers = false};
  const Issued one = issue(unnamed), two = issue(unnamed);
  Wanted wanted{.common_name = "localhost", .key_identifiers = false};
  int refused = 0;
  for (const Issued* issuer : {&one, &two}) {
    const Issued below = issue(wanted, issuer);
    const ChainJudgementPtr judgement = judge(chain_of({&below}), *trusting({&one, &two}), options());
    if (judgement->valid) continue;
    ++refused;
    const observations::Problem* other = found(judgement, Finding::another_path_is_valid);
    ASSERT_NE(other, nullptr);
    ASSERT_NE(other->certificate, nullptr);
    EXPECT_EQ(other->certificate->serial(), tls::remembered_facts((issuer == &one ? two : one).certificate.get())->serial());
    EXPECT_THAT(other->detail, testing::HasSubstr("which OpenSSL takes instead"));
  }
  EXPECT_EQ(refused, 1);
}

// A CA that two roots have signed, one of them too weak: OpenSSL takes the first that was sent, and does not turn back.
TEST_F(Judge, APathBesideAWeakOneIsNamed) {
  const Issued weak = issue({.common_name = "Weak Root",
                             .names = {},
                             .extended_key_usage = "",
                             .authority = true,
                             .ends = 9000 * day,
                             .key = "RSA:1024"});
  const Issued crossed = intermediate(weak, "Intermediate", 2000 * day);
  rekey(crossed, intermediate_, weak);
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &crossed, &intermediate_}), *trusting({&weak, &root_}), options());
  EXPECT_FALSE(judgement->valid) << "the verdict stays OpenSSL's";
  EXPECT_THAT(words(judgement->problems), Contains("weak_key"));
  const observations::Problem* other = found(judgement, Finding::another_path_is_valid);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->position, 1);
  EXPECT_EQ(judgement->path.back()->subject_common_name(), "Test Root");
}

TEST_F(Judge, AWildcardThatCoversAnExcludedNameIsRemarkedOn) {
  Wanted wanted{.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true};
  for (const auto& [excluded, covered] : std::vector<std::pair<std::string, bool>>{
           {"bad.example.org", true}, {"a.bad.example.org", false}, {"example.net", false}}) {
    wanted.extensions = {{"nameConstraints", "critical,excluded;DNS:" + excluded}};
    const Issued constrained = issue(wanted, &root_);
    const Issued below = issue({.common_name = "localhost", .names = {"DNS:*.example.org"}}, &constrained);
    const ChainJudgementPtr judgement = judge(chain_of({&below, &constrained}), *trust_, options());
    EXPECT_TRUE(judgement->valid) << excluded;
    EXPECT_EQ(found(judgement, Finding::wildcard_covers_excluded) != nullptr, covered) << excluded;
  }
}

TEST_F(Judge, NoOtherPathIsClaimedWhereNoneHolds) {
  const Issued ended = issue({.common_name = "Ended Root",
                              .names = {},
                              .extended_key_usage = "",
                              .authority = true,
                              .starts = -900 * day,
                              .ends = -3 * day});
  const Issued below = issue({.common_name = "localhost"}, &ended);
  const ChainJudgementPtr judgement = judge(chain_of({&below}), *trusting({&ended}), options());
  EXPECT_EQ(judgement->verify_code, X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_THAT(words(judgement->problems), Not(Contains("another_path_is_valid")));
  ASSERT_NE(found(judgement, Finding::expired)->certificate, nullptr);
  EXPECT_EQ(found(judgement, Finding::expired)->certificate->subject_common_name(), "Ended Root");
  EXPECT_THAT(words(judge(chain_of({&leaf_, &intermediate_}), *trust_, options())->problems),
              Not(Contains("another_path_is_valid")));
}

TEST_F(Judge, ADateThatCannotBeReadIsNoEndAndTheVerdictStaysOpensslsOwn) {
  for (const bool of_the_leaf : {true, false}) {
    const Issued issuing = intermediate(root_), below = leaf(issuing);
    write_date(X509_getm_notAfter((of_the_leaf ? below : issuing).certificate.get()), "20261399000000Z");
    sign_again(below, issuing);
    sign_again(issuing, root_);
    const ChainJudgementPtr judgement = judge(chain_of({&below, &issuing}), *trust_, options());
    EXPECT_FALSE(judgement->valid);
    EXPECT_EQ(judgement->verify_code, X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD);
    EXPECT_TRUE(judgement->complete);
    EXPECT_EQ(judgement->expiry, std::nullopt);
    EXPECT_THAT(words(judgement->problems), Not(Contains("expired")));
    const observations::Problem* said = found(judgement, Finding::unreadable_date);
    ASSERT_NE(said, nullptr);
    EXPECT_EQ(said->position, of_the_leaf ? 0 : 1);
    EXPECT_EQ(said->detail, "notAfter \"20261399000000Z\" is no date");
  }
}

TEST_F(Judge, TheEndOfTheCalendarIsAnEndAsAnyOther) {
  const Issued eternal = leaf(intermediate_);
  write_date(X509_getm_notAfter(eternal.certificate.get()), "99991231235959Z");
  sign_again(eternal, intermediate_);
  const ChainJudgementPtr judgement = judge(chain_of({&eternal, &intermediate_}), *trust_, options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_EQ(judgement->path.front()->not_after(), observations::Date(std::chrono::sys_seconds(253402300799s)));
  EXPECT_EQ(judgement->expiry, not_after(intermediate_));
  EXPECT_THAT(judgement->problems, IsEmpty());
}

TEST_F(Judge, AnAnchorThatWasNotSentHasThePositionAfterTheLast) {
  const Issued bare =
      issue({.common_name = "Bare Root", .names = {}, .extended_key_usage = "", .authority = true, .key_identifiers = false});
  const Issued below = issue({.common_name = "localhost", .key_identifiers = false}, &bare);
  const ChainJudgementPtr judgement = judge(chain_of({&below}), *trusting({&bare}), options());
  EXPECT_EQ(found(judgement, Finding::no_subject_key_identifier)->position, 1);
}

TEST_F(Judge, TheWayAChainWasSentIsRemarkedOn) {
  const ChainJudgementPtr judgement = judge(chain_of({&leaf_, &root_, &intermediate_, &intermediate_}), *trust_, options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_THAT(words(judgement->problems), testing::UnorderedElementsAre("misordered", "root_served", "duplicate"));
  EXPECT_EQ(found(judgement, Finding::duplicate)->position, 3);
  EXPECT_EQ(found(judgement, Finding::root_served)->position, 1);
}

TEST_F(Judge, AReversedChainIsMisorderedAndInvalid) {
  const ChainJudgementPtr judgement = judge(chain_of({&root_, &intermediate_, &leaf_}), *trusting({}), options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_THAT(words(judgement->problems), Contains("misordered"));
}

TEST_F(Judge, EveryObjectionIsReportedNotTheFirst) {
  const Issued odd = issue(
      {.common_name = "localhost", .extended_key_usage = "clientAuth", .starts = -9 * day, .ends = -1 * day, .key = "RSA:1024"},
      &intermediate_);
  const ChainJudgementPtr judgement = judge(chain_of({&odd, &intermediate_}), *trust_, options());
  EXPECT_THAT(words(judgement->problems),
              testing::UnorderedElementsAre("expired", "wrong_purpose", "weak_key", "rsa_under_2048"));
}

TEST_F(Judge, ATamperedSignatureIsFoundAndGivesNoTrustedPath) {
  const Issued stranger = intermediate(root_);
  const Issued forged = issue({.common_name = "localhost", .key_identifiers = false}, &stranger);
  const ChainJudgementPtr judgement = judge(chain_of({&forged, &intermediate_}), *trust_, options());
  EXPECT_FALSE(judgement->valid);
  EXPECT_TRUE(judgement->complete);
  EXPECT_FALSE(judgement->expiry);
  EXPECT_THAT(words(judgement->problems), testing::UnorderedElementsAre("invalid_signature", "no_authority_key_identifier"));
}

TEST_F(Judge, NameConstraintsAreHonoured) {
  const Issued narrow = issue({.common_name = "Narrow",
                               .names = {},
                               .extended_key_usage = "",
                               .authority = true,
                               .extensions = {{"nameConstraints", "critical,permitted;DNS:example.com"}}},
                              &root_);
  const ChainJudgementPtr outside = judge(chain_of({&leaf_, &narrow}), *trust_, options());
  EXPECT_FALSE(outside->valid);
  const Issued beyond = issue({.common_name = "a.example.org", .names = {"DNS:a.example.org"}}, &narrow);
  EXPECT_THAT(words(judge(chain_of({&beyond, &narrow}), *trust_, options())->problems), Contains("constraint_violation"));
  const Issued within = issue({.common_name = "a.example.com", .names = {"DNS:a.example.com"}}, &narrow);
  EXPECT_THAT(words(judge(chain_of({&within, &narrow}), *trust_, options())->problems), IsEmpty());
}

TEST_F(Judge, ALongerLivedPathThatConstraintsForbidIsNotCounted) {
  const Issued other_root = root("Other Root");
  const Issued narrow = issue({.common_name = "Intermediate",
                               .names = {},
                               .extended_key_usage = "",
                               .authority = true,
                               .ends = 3000 * day,
                               .extensions = {{"nameConstraints", "critical,excluded;DNS:localhost"}}},
                              &other_root);
  rekey(narrow, intermediate_, other_root);
  const Issued lasting = leaf(intermediate_, 2000 * day);
  const ChainJudgementPtr judgement =
      judge(chain_of({&lasting, &intermediate_, &narrow}), *trusting({&root_, &other_root}), options());
  EXPECT_TRUE(judgement->valid);
  EXPECT_EQ(judgement->expiry, not_after(intermediate_));
}

TEST_F(Judge, IgnoredFindingsAreNotReported) {
  JudgeOptions quiet = options();
  quiet.ignore = {"root_served"};
  EXPECT_THAT(words(judge(chain_of({&leaf_, &intermediate_, &root_}), *trust_, quiet)->problems), IsEmpty());
  EXPECT_THAT(words(judge(chain_of({&leaf_, &intermediate_, &root_}), *trust_, options())->problems),
              testing::ElementsAre("root_served"));
}

TEST_F(Judge, TheSecurityLevelDecidesOnWeakKeysAndSignatures) {
  const Issued weak = issue({.common_name = "localhost", .key = "RSA:1024"}, &intermediate_);
  JudgeOptions lenient = options();
  lenient.security_level = 0;
  EXPECT_TRUE(judge(chain_of({&weak, &intermediate_}), *trust_, lenient)->valid);
  EXPECT_FALSE(judge(chain_of({&weak, &intermediate_}), *trust_, options())->valid);
}

TEST_F(Judge, ClientCertificatesAreJudgedForClients) {
  const Issued server_only = issue({.common_name = "service-a", .extended_key_usage = "serverAuth"}, &intermediate_);
  const ChainJudgementPtr judgement = judge(chain_of({&server_only, &intermediate_}), *trust_, options(Purpose::client));
  EXPECT_FALSE(judgement->valid);
  EXPECT_THAT(words(judgement->problems), testing::UnorderedElementsAre("wrong_purpose", "no_client_auth_eku"));
  EXPECT_TRUE(judge(chain_of({&server_only, &intermediate_}), *trust_, options(Purpose::any))->valid);
  EXPECT_TRUE(judge(chain_of({&leaf_, &intermediate_}), *trust_, options(Purpose::client))->valid);
}

ChainJudgementPtr remembered(const Chain& sent, const TrustStore& trust, const JudgeOptions& options) {
  std::vector<observations::CertificatePtr> facts;
  for (X509* certificate : sent) facts.push_back(tls::remembered_facts(certificate));
  return remembered_judgement(sent, facts, trust, options);
}

TEST_F(Judge, RemembersUntilADateIsCrossed) {
  const Chain sent = chain_of({&leaf_, &intermediate_});
  JudgeOptions at = options();
  const std::uint64_t before = chains_judged();
  const ChainJudgementPtr first = remembered(sent, *trust_, at);
  at.at += day;
  EXPECT_EQ(remembered(sent, *trust_, at), first);
  EXPECT_EQ(chains_judged() - before, 1u);
  at.at = not_after(leaf_);
  EXPECT_FALSE(remembered(sent, *trust_, at)->valid);
  EXPECT_EQ(chains_judged() - before, 2u);
}

TEST_F(Judge, RemembersNothingAcrossStoresPurposesOrOptions) {
  const Chain sent = chain_of({&leaf_, &intermediate_});
  const std::uint64_t before = chains_judged();
  (void)remembered(sent, *trust_, options());
  (void)remembered(sent, *trusting({&root_}), options());
  (void)remembered(sent, *trust_, options(Purpose::client));
  JudgeOptions strict = options();
  strict.maximum_validity_days = 30;
  EXPECT_THAT(words(remembered(sent, *trust_, strict)->problems), testing::ElementsAre("validity_too_long"));
  EXPECT_EQ(chains_judged() - before, 4u);
}

TEST_F(Judge, TenThousandTargetsBehindFiftyCertificatesAreJudgedFiftyTimes) {
  std::vector<Issued> leaves;
  for (int index = 0; index < 50; ++index) leaves.push_back(leaf(intermediate_));
  const std::uint64_t judged = chains_judged(), extracted = tls::facts_extracted();
  for (int target = 0; target < 10'000; ++target) {
    const Chain sent = chain_of({&leaves[static_cast<std::size_t>(target) % leaves.size()], &intermediate_});
    EXPECT_TRUE(remembered(sent, *trust_, options())->valid);
  }
  EXPECT_EQ(chains_judged() - judged, 50u);
  EXPECT_LE(tls::facts_extracted() - extracted, 52u);  // the leaves, and the two authorities at first sight
}

}  // namespace
}  // namespace probes::chain
