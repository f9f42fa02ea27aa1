// The CAs that the estate hangs on: those of trusted paths, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/estate/estate.h"
#include "exporter/metrics/scrape.h"
#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

CertificatePtr an_authority(const std::string& name, int days, std::uint64_t key) {
  CertificateDraft draft = draft_of(*a_certificate(name, days));
  draft.subject = "CN=" + name;
  draft.key_digest = key;
  return packed(draft);
}

ChainJudgementPtr a_path(std::vector<CertificatePtr> path, bool valid = true) {
  auto judged = std::make_shared<ChainJudgement>();
  judged->valid = valid;
  if (valid) judged->expiry = *path.front()->not_after();
  judged->path = std::move(path);
  return judged;
}

class EstateAndIssuers : public testing::Test {
 protected:
  EstateAndIssuers() {
    config::Settings settings = settings_of({a_target("payments-api", a_module()), a_target("orders", a_module())});
    settings.files["web"] = {.name = "web"};
    estate.adopt(settings);
  }

  void served(const std::string& target, ChainJudgementPtr chain) {
    Handshake seen = a_good_probe();
    seen.chain = std::move(chain);
    estate.record({target, "service-a"}, seen);
  }

  std::string text() const { return metrics::text_of({estate.texts(today), metrics::families(), metrics::Format::text, today}); }

  static std::string days(const std::string& name, const std::string& key, const std::string& role, const std::string& value) {
    return "mtls_issuer_expiry_days{issuer=\"CN=" + name + "\",issuer_key=\"" + key + "\",issuer_role=\"" + role +
           "\",subject_cn=\"" + name + "\"} " + value + "\n";
  }

  const CertificatePtr leaf = a_certificate("payments.internal", 60);
  const CertificatePtr root = an_authority("Estate CA", 3000, 1);
  Estate estate;
};

TEST_F(EstateAndIssuers, AreThoseOfTrustedPathsOnceForTheEstate) {
  const CertificatePtr issuing = an_authority("Issuing CA", 300, 2);
  served("payments-api", a_path({leaf, issuing, root}));
  served("orders", a_path({a_certificate("orders.internal", 60), issuing, root}));
  const std::string all = text();
  EXPECT_THAT(all, AllOf(HasSubstr(days("Issuing CA", "0000000000000002", "intermediate", "300")),
                         HasSubstr(days("Estate CA", "0000000000000001", "root", "3000"))));
  EXPECT_EQ(all.find("mtls_issuer_expiry_days{issuer=\"CN=Estate CA\""),
            all.rfind("mtls_issuer_expiry_days{issuer=\"CN=Estate CA\""));
}

TEST_F(EstateAndIssuers, AreNotThoseThatLieInAStoreOrAreSentBesideAPath) {
  estate.set_trust({.name = "internal", .certificates = {root, an_authority("Old Root", -1885, 3)}});
  served("payments-api", a_path({leaf, root}));
  EXPECT_THAT(text(),
              AllOf(HasSubstr("mtls_issuer_expiry_days"), Not(HasSubstr("mtls_issuer_expiry_days{issuer=\"CN=Old Root"))));
}

TEST_F(EstateAndIssuers, OfOneNameAreToldApartByTheirKeys) {
  served("payments-api", a_path({leaf, an_authority("Estate CA", 100, 4)}));
  served("orders", a_path({a_certificate("orders.internal", 60), root}));
  EXPECT_THAT(text(), AllOf(HasSubstr(days("Estate CA", "0000000000000004", "root", "100")),
                            HasSubstr(days("Estate CA", "0000000000000001", "root", "3000"))));
}

TEST_F(EstateAndIssuers, OfOneKeyCountAsTheirFirstToEnd) {
  served("payments-api", a_path({leaf, an_authority("Estate CA", 3500, 1)}));
  served("orders", a_path({a_certificate("orders.internal", 60), root}));
  const std::string all = text();
  EXPECT_THAT(all, HasSubstr(days("Estate CA", "0000000000000001", "root", "3000")));
  EXPECT_THAT(all, Not(HasSubstr("root\",subject_cn=\"Estate CA\"} 3500")));
}

TEST_F(EstateAndIssuers, OfAPathThatDoesNotHoldAreNone) {
  served("payments-api", a_path({leaf, root}, false));
  EXPECT_THAT(text(), Not(HasSubstr("mtls_issuer_expiry_days")));
}

TEST_F(EstateAndIssuers, ALeafThatIsTrustedByItselfHangsOnNobody) {
  served("payments-api", a_path({leaf}));
  EXPECT_THAT(text(), Not(HasSubstr("mtls_issuer_expiry_days")));
}

TEST_F(EstateAndIssuers, OfWhatLiesAtRestCountWhereItIsStillToBeUsed) {
  const Problem revoked{.finding = Finding::revoked, .severity = Severity::critical, .position = 0};
  estate.set_source({.key = {SourceKind::file, "web"},
                     .published = {{.place = Location("/a.pem"), .certificate = leaf, .chain = a_path({leaf, root})},
                                   {.place = Location("/b.pem"),
                                    .certificate = leaf,
                                    .chain = a_path({leaf, an_authority("Old Root", 20, 5)}),
                                    .problems = std::make_shared<const std::vector<Problem>>(1, revoked)}}});
  EXPECT_THAT(text(), AllOf(HasSubstr(days("Estate CA", "0000000000000001", "root", "3000")), Not(HasSubstr("CN=Old Root"))));
}

TEST_F(EstateAndIssuers, GoWithTheirLastPath) {
  served("payments-api", a_path({leaf, root}));
  EXPECT_THAT(text(), HasSubstr("mtls_issuer_expiry_days"));
  served("payments-api", a_path({leaf, root}, false));
  EXPECT_THAT(text(), Not(HasSubstr("mtls_issuer_expiry_days")));
}

}  // namespace
}  // namespace exporter
