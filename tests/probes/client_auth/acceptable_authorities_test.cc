#include "probes/client_auth/acceptable_authorities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_ca.h"

namespace probes::client_auth {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::AcceptableAuthoritiesPtr;
using testing::ElementsAre;
using testing::IsEmpty;

struct FreeNames {
  void operator()(AuthorityNames* names) const { sk_X509_NAME_pop_free(names, X509_NAME_free); }
};

// The list of a server that accepts what these authorities issued.
std::unique_ptr<AuthorityNames, FreeNames> list_of(const std::vector<const Issued*>& authorities) {
  std::unique_ptr<AuthorityNames, FreeNames> names(sk_X509_NAME_new_null());
  for (const Issued* authority : authorities)
    sk_X509_NAME_push(names.get(), X509_NAME_dup(X509_get_subject_name(authority->certificate.get())));
  return names;
}

class AcceptableAuthorities : public testing::Test {
 protected:
  const std::chrono::sys_seconds now_ = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Issued shop_ = root("Shop CA");
  const Issued depot_ = root("Depot CA");
};

TEST_F(AcceptableAuthorities, AnAuthorityThatExpiresIsNamedFromTheSecondOn) {
  const Issued brief = issue({.common_name = "Brief CA", .authority = true, .ends = 1h});
  const auto trust = chain::TrustStore::of("estate", {shop_.certificate.get(), brief.certificate.get()});
  const auto names = list_of({&shop_, &brief});
  const auto end = *trust->certificates()[1]->not_after();
  const auto problems = [&](std::chrono::sys_seconds at) {
    return acceptable_authorities(names.get(), {.trust = trust.get()}, at)->problems;
  };
  EXPECT_THAT(problems(now_), IsEmpty());
  EXPECT_THAT(problems(end), IsEmpty());
  EXPECT_THAT(problems(end + 1s), ElementsAre("expired_ca"));
  EXPECT_THAT(problems(end + 24h), ElementsAre("expired_ca"));
  EXPECT_THAT(problems(end), IsEmpty());  // judged as of another day
}

TEST_F(AcceptableAuthorities, AnExpiredNameWithACurrentCertificateIsNotExpired) {
  const Issued old = issue({.common_name = "Shop CA", .authority = true, .starts = -48h, .ends = -1h});
  const auto names = list_of({&shop_});
  const auto alone = chain::TrustStore::of("old", {old.certificate.get()});
  const auto both = chain::TrustStore::of("both", {old.certificate.get(), shop_.certificate.get()});
  EXPECT_THAT(acceptable_authorities(names.get(), {.trust = alone.get()}, now_)->problems, ElementsAre("expired_ca"));
  EXPECT_THAT(acceptable_authorities(names.get(), {.trust = both.get()}, now_)->problems, IsEmpty());
}

TEST_F(AcceptableAuthorities, WhatIsSaidOfAListDependsOnWhoAsks) {
  const auto names = list_of({&shop_});
  const auto mine = chain::TrustStore::of("mine", {shop_.certificate.get()});
  const auto other = chain::TrustStore::of("other", {depot_.certificate.get()});
  const auto system = chain::TrustStore::of("system", {shop_.certificate.get()});
  const auto problems = [&](const KnownAuthorities& known) { return acceptable_authorities(names.get(), known, now_)->problems; };
  EXPECT_THAT(problems({.trust = other.get(), .system = system.get()}), ElementsAre("public_root"));
  EXPECT_THAT(problems({.trust = mine.get(), .system = system.get()}), IsEmpty());
  EXPECT_THAT(problems({.trust = other.get(), .system = other.get()}), IsEmpty());
  EXPECT_THAT(problems({.trust = other.get()}), IsEmpty());
}

TEST_F(AcceptableAuthorities, OneListIsHeldBetweenThoseWhoSawItThoughTrustIsReloaded) {
  const auto names = list_of({&shop_, &depot_});
  const auto first = chain::TrustStore::of("estate", {shop_.certificate.get()});
  const auto reloaded = chain::TrustStore::of("estate", {shop_.certificate.get()});
  const AcceptableAuthoritiesPtr seen = acceptable_authorities(names.get(), {.trust = first.get()}, now_);
  EXPECT_EQ(acceptable_authorities(names.get(), {.trust = first.get()}, now_), seen);
  EXPECT_EQ(acceptable_authorities(names.get(), {.trust = reloaded.get()}, now_), seen);
  EXPECT_THAT(seen->names, ElementsAre("CN=Shop CA", "CN=Depot CA"));
}

TEST_F(AcceptableAuthorities, TheOrderOfAListIsShownAndCarriesNoMeaning) {
  const auto trust = chain::TrustStore::of("estate", {shop_.certificate.get()});
  const auto seen = [&](const std::vector<const Issued*>& authorities) {
    return acceptable_authorities(list_of(authorities).get(), {.trust = trust.get()}, now_);
  };
  EXPECT_EQ(seen({&shop_, &depot_})->digest, seen({&depot_, &shop_})->digest);
  EXPECT_THAT(seen({&depot_, &shop_})->names, ElementsAre("CN=Depot CA", "CN=Shop CA"));
  EXPECT_THAT(seen({})->problems, ElementsAre("empty"));
  EXPECT_THAT(acceptable_authorities(nullptr, {}, now_)->problems, ElementsAre("empty"));
}

}  // namespace
}  // namespace probes::client_auth
