// What breaks when a CA ends, by kind; and which CA a certificate hangs on.
#include "exporter/estate/dependents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/api/issuers_json.h"
#include "exporter/estate/known_issuers.h"
#include "exporter/metrics/exposition.h"
#include "tests/support/an_estate.h"
#include "tests/support/authorities.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::HasSubstr;
using testing::Not;
using enum DependentKind;

class Dependents : public testing::Test {
 protected:
  Dependents() {
    config::Settings settings = settings_of({a_target("payments-api", a_module()), a_target("orders", a_module())});
    settings.files["web"] = {.name = "web"};
    settings.authorities["vpn"] = {.name = "vpn"};
    settings.callers["gateway"].name = "gateway";
    settings.trust["internal"] = {.name = "internal"};
    settings.identities["service-a"] = {.name = "service-a"};
    estate.adopt(settings);
    estate.set_trust({.name = "internal", .certificates = {root}});
  }

  void served(const std::string& target, const CertificatePtr& leaf, ChainJudgementPtr chain,
              std::vector<std::string> listed = {}) {
    Handshake seen = a_good_probe();
    seen.certificates = {leaf};
    seen.chain = std::move(chain);
    seen.client.requested = true;
    seen.client.acceptable = std::make_shared<const AcceptableAuthorities>(
        AcceptableAuthorities{.count = listed.size(), .names = std::move(listed), .digest = "", .problems = {}});
    estate.record({target, "service-a"}, seen);
  }

  void call(const CertificatePtr& certificate, WallTime until = today + std::chrono::hours(24),
            CallerState state = CallerState::valid) {
    auto found = std::make_shared<CallersFound>();
    found->callers = {std::make_shared<const Caller>(Caller{.fingerprint = "ab", .state = state, .calls_until = until})};
    estate.set_source({.key = {SourceKind::caller, "gateway"},
                       .published = {{.place = Location("gateway"), .certificate = certificate}},
                       .callers = found});
  }

  std::vector<IssuerDependents> all() const { return dependents(estate, KnownIssuers(estate), today, 10); }
  std::uint64_t count(const std::string& issuer, DependentKind kind, std::uint64_t key = 1) const {
    for (const IssuerDependents& one : all())
      if (one.issuer == issuer && (one.certificate ? one.certificate->key_digest() : 0) == key) return one.of(kind).count;
    return 0;
  }

  const CertificatePtr root = a_ca("Estate CA", 3000, 1, "a1");
  Estate estate;
};

TEST_F(Dependents, OfEveryKindAreCountedForEachCaAbove) {
  const CertificatePtr issuing = a_ca("Issuing CA", 300, 2, "a2", "CN=Estate CA", "a1");
  served("payments-api", issued_by("payments.internal", "CN=Issuing CA", "a2"),
         a_path({issued_by("payments.internal", "CN=Issuing CA", "a2"), issuing, root}), {"CN=Estate CA"});
  estate.set_identity({.name = "service-a", .certificates = {issued_by("service-a", "CN=Estate CA", "a1")}});
  estate.set_source({.key = {SourceKind::file, "web"},
                     .published = {{.place = Location("/a.pem"), .certificate = issued_by("a", "CN=Issuing CA", "a2")}}});
  call(issued_by("billing", "CN=Estate CA", "a1"));
  estate.set_source({.key = {SourceKind::authority, "vpn"},
                     .valid_issued = {{.issuer = "CN=Estate CA", .key_identifier = "a1", .certificates = 40}}});
  EXPECT_EQ(count("CN=Estate CA", servers), 1u);
  EXPECT_EQ(count("CN=Issuing CA", servers, 2), 1u);
  EXPECT_EQ(count("CN=Estate CA", identities), 1u);
  EXPECT_EQ(count("CN=Estate CA", files), 1u) << "by way of the issuing CA";
  EXPECT_EQ(count("CN=Estate CA", callers), 1u);
  EXPECT_EQ(count("CN=Estate CA", issued), 40u);
  EXPECT_EQ(count("CN=Estate CA", doors), 1u);
}

TEST_F(Dependents, CasOfOneNameAreToldApartByTheirKeys) {
  estate.set_trust({.name = "internal", .certificates = {root, a_ca("Estate CA", 4000, 9, "a9")}});
  call(issued_by("billing", "CN=Estate CA", "a9"));
  EXPECT_EQ(count("CN=Estate CA", callers, 9), 1u);
  EXPECT_EQ(count("CN=Estate CA", callers, 1), 0u);
}

TEST_F(Dependents, WhereOnlyTheNameIsKnownNoKeyIsClaimed) {
  estate.set_trust({.name = "internal", .certificates = {root, a_ca("Estate CA", 4000, 9, "a9")}});
  call(issued_by("billing", "CN=Estate CA", ""));
  EXPECT_EQ(count("CN=Estate CA", callers, 1), 0u);
  EXPECT_EQ(count("CN=Estate CA", callers, 9), 0u);
  EXPECT_EQ(count("CN=Estate CA", callers, 0), 1u);
}

TEST_F(Dependents, ANameThatIsOneCasAloneIsEnoughAndSaidToBe) {
  call(issued_by("billing", "CN=Estate CA", ""));
  EXPECT_EQ(count("CN=Estate CA", callers, 1), 1u);
  std::uint64_t by_name = 0;
  for (const IssuerDependents& one : all()) by_name += one.of(callers).by_name;
  EXPECT_EQ(by_name, 1u);
}

TEST_F(Dependents, AKeyThatIsAnothersIsNotTheKnownCas) {
  call(issued_by("billing", "CN=Estate CA", "ff"));
  EXPECT_EQ(count("CN=Estate CA", callers, 1), 0u);
}

TEST_F(Dependents, WhatIsOverDoesNotDepend) {
  const Problem superseded{.finding = Finding::superseded, .severity = Severity::info, .position = 0};
  estate.set_source({.key = {SourceKind::file, "web"},
                     .published = {{.place = Location("/old.pem"), .certificate = issued_by("a", "CN=Estate CA", "a1", -3)},
                                   {.place = Location("/b.pem"),
                                    .certificate = issued_by("b", "CN=Estate CA", "a1"),
                                    .problems = std::make_shared<const std::vector<Problem>>(1, superseded)}}});
  call(issued_by("silent", "CN=Estate CA", "a1"), today);
  EXPECT_EQ(count("CN=Estate CA", files), 0u);
  EXPECT_EQ(count("CN=Estate CA", callers), 0u);
}

TEST_F(Dependents, TwoCasThatHaveSignedEachOtherEachCountOnce) {
  const CertificatePtr one = a_ca("One", 100, 5, "a5", "CN=Other", "a6"), other = a_ca("Other", 100, 6, "a6", "CN=One", "a5");
  estate.set_trust({.name = "internal", .certificates = {one, other}});
  call(issued_by("billing", "CN=One", "a5"));
  EXPECT_EQ(count("CN=One", callers, 5), 1u);
  EXPECT_EQ(count("CN=Other", callers, 6), 1u);
}

TEST_F(Dependents, AServerIsOneWhateverIdentitiesSeeIt) {
  served("payments-api", issued_by("payments.internal", "CN=Estate CA", "a1"), nullptr);
  EXPECT_EQ(count("CN=Estate CA", servers), 1u);
}

TEST_F(Dependents, ArePublishedByIssuerKeyAndKind) {
  call(issued_by("billing", "CN=Estate CA", "a1"));
  const std::string text = metrics::text_of({estate.texts(today), metrics::families(), metrics::Format::text, today});
  EXPECT_THAT(text,
              HasSubstr("mtls_issuer_dependents{issuer=\"CN=Estate CA\",issuer_key=\"0000000000000001\",kind=\"callers\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("kind=\"servers\"}")));
}

TEST_F(Dependents, AreATreeInJsonAndAnUnknownIssuerHasNearNames) {
  call(issued_by("billing", "CN=Estate CA", "a1", 12));
  using nlohmann::json;
  const json all = json::parse(api::issuers_json(estate, "", today));
  ASSERT_EQ(all["issuers"].size(), 1u);
  EXPECT_EQ(all["issuers"][0]["kinds"]["callers"]["things"][0]["name"], "billing at gateway");
  EXPECT_EQ(all["issuers"][0]["kinds"]["callers"]["first_expiry_days"], 12.0);
  EXPECT_EQ(json::parse(api::issuers_json(estate, "estate ca", today))["issuers"].size(), 1u) << "by its common name";
  const json none = json::parse(api::issuers_json(estate, "CN=Estte CA", today));
  EXPECT_EQ(none["issuers"].size(), 0u);
  EXPECT_EQ(none["near"], json::array({"CN=Estate CA"}));
}

}  // namespace
}  // namespace exporter
