#include "exporter/explain/remedy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/an_account.h"

namespace exporter::explain {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string name_of(StageReason pair) { return std::string(word(pair.stage)) + "/" + std::string(word(pair.reason)); }

// Every remedy there is, by what it is for.
std::map<std::string, std::string> all_remedies(const Asked& asked) {
  std::map<std::string, std::string> all;
  for (const StageReason& pair : all_reasons()) all[name_of(pair)] = remedy(a_probe_that_met(pair), asked);
  for (const Verdict verdict : all_verdicts) all["verdict " + std::string(word(verdict))] = remedy(a_probe_with(verdict), asked);
  return all;
}

TEST(Remedy, NoTwoAreEqual) {
  std::map<std::string, std::string> owner;
  for (const auto& [what, text] : all_remedies(an_asking())) {
    const auto [entry, is_new] = owner.emplace(text, what);
    EXPECT_TRUE(is_new) << what << " and " << entry->second << ": " << text;
  }
  EXPECT_EQ(owner.size(), all_reasons().size() + std::size(all_verdicts));
}

// The names are changed and everything else kept: a remedy that names nothing stays as it was.
TEST(Remedy, EachNamesTheIdentityAuthorityTargetOrSettingConcerned) {
  Asked other = an_asking();
  config::Target target = *other.target;
  config::Module module = *target.module;
  module.name = "elsewhere";
  target.name = "another";
  target.host = "another.example";
  target.module = std::make_shared<const config::Module>(module);
  other.target = std::make_shared<const config::Target>(target);
  other.identity = "service-b";
  const auto renamed = all_remedies(other);
  for (const auto& [what, text] : all_remedies(an_asking())) {
    EXPECT_NE(text, renamed.at(what)) << what;
    EXPECT_TRUE(text.ends_with(".")) << what << ": " << text;
  }
}

TEST(Remedy, AServerThatListsNoAuthorityIsSaidNotToSay) {
  auto seen = a_probe_that_met({Stage::client_certificate, Reason::certificate_required});
  seen.client.acceptable = std::make_shared<const probes::observations::AcceptableAuthorities>();
  EXPECT_THAT(remedy(seen, an_asking()), HasSubstr("it does not say which CAs it trusts."));
}

TEST(Remedy, AnUnknownAuthorityIsNamedBesideThoseTheServerLists) {
  const std::string text = remedy(a_probe_that_met({Stage::client_certificate, Reason::unknown_ca}), an_asking());
  EXPECT_THAT(
      text,
      HasSubstr(
          "The server does not trust our CA. service-a is issued by Partner CA; it lists: CN=Estate CA, CN=Old Estate CA."));
  EXPECT_THAT(text, HasSubstr("Add Partner CA to the client CAs of payments-api"));
}

TEST(Remedy, ACertificateInForceThatIsCalledExpiredPointsAtTheClock) {
  const Handshake seen = a_probe_that_met({Stage::client_certificate, Reason::certificate_expired});
  Asked asked = an_asking();
  EXPECT_THAT(remedy(seen, asked), AllOf(HasSubstr("Renew the revocation lists"), HasSubstr("correct its clock")));
  asked.presented = {a_named_certificate({.common_name = "service-a", .issuer = "Partner CA", .days_left = -1})};
  EXPECT_THAT(remedy(seen, asked),
              AllOf(HasSubstr("Our certificate has expired. Renew service-a"), HasSubstr("2026-10-31"), Not(HasSubstr("clock"))));
}

TEST(Remedy, AnUnsupportedCertificateLacksItsUsageOrHasAnotherKey) {
  const Handshake seen = a_probe_that_met({Stage::client_certificate, Reason::unsupported_certificate});
  Asked asked = an_asking();
  EXPECT_THAT(remedy(seen, asked), HasSubstr("it has ec:P-256"));
  asked.presented = {a_named_certificate({.common_name = "service-a", .issuer = "Partner CA"})};
  EXPECT_THAT(remedy(seen, asked), HasSubstr("with the extended key usage clientAuth; it has none"));
}

TEST(Remedy, ARefusalAsRevokedSaysWhetherOurListAgrees) {
  const Handshake seen = a_probe_that_met({Stage::client_certificate, Reason::certificate_revoked});
  Asked asked = an_asking();
  EXPECT_THAT(remedy(seen, asked), AllOf(HasSubstr("the revocation list of payments-api"), Not(HasSubstr("Ours agrees"))));
  asked.identity_problems = {{.finding = Finding::revoked, .severity = Severity::critical, .detail = "revoked, says a.crl"}};
  EXPECT_THAT(remedy(seen, asked), HasSubstr("Ours agrees: revoked, says a.crl."));
}

TEST(Remedy, ARevokedCertificateIsReplacedForItsReason) {
  Handshake seen = a_trusted_probe();
  probes::observations::ChainJudgement chain = *seen.chain;
  chain.valid = false;
  chain.problems = {{.finding = Finding::revoked, .severity = Severity::critical, .position = 0}};
  chain.revocation = {{.status = probes::observations::RevocationStatus::revoked,
                       .certificate = seen.certificates.front(),
                       .revoked_at = std::chrono::sys_days(std::chrono::year(2026) / 10 / 30),
                       .reason = probes::observations::RevocationReason::key_compromise}};
  seen.chain = std::make_shared<const probes::observations::ChainJudgement>(chain);
  EXPECT_THAT(
      remedies(account_of(an_asking(), seen)),
      ElementsAre(AllOf(HasSubstr("its CA revoked it (key_compromise) on 2026-10-30"), HasSubstr("Replace payments.internal"))));
}

TEST(Remedy, ThatTheServerAcceptsStandsAlone) {
  Asked asked = an_asking();
  EXPECT_THAT(remedies(account_of(asked, a_trusted_probe())), ElementsAre(StartsWith("payments-api accepts service-a")));
  asked.identity_problems = {{.finding = Finding::expired, .severity = Severity::critical, .position = 0}};
  EXPECT_THAT(remedies(account_of(asked, a_trusted_probe())),
              ElementsAre("Mend or renew identity service-a (expired: service-a is valid to 2026-12-11)."));
  asked.identity_problems.front().severity = Severity::warning;
  EXPECT_THAT(remedies(account_of(asked, a_trusted_probe())), ElementsAre(StartsWith("payments-api accepts service-a")));
}

TEST(Remedy, AServerThatAsksAgainstExpectationIsNotInOrder) {
  Asked asked = an_asking();
  asked.target = a_target("payments-api", a_module({.expect = config::ClientAuthExpectation::none}));
  const Account account = account_of(asked, a_trusted_probe());
  EXPECT_THAT(account.broken, ElementsAre("client_auth"));
  EXPECT_THAT(remedies(account), ElementsAre(HasSubstr("`client_auth.expect: none` of module mtls_https")));
}

TEST(Remedy, WithoutAnIdentityOneIsAskedFor) {
  const Handshake seen = a_probe_that_met({Stage::client_certificate, Reason::certificate_required});
  Asked asked = an_asking();
  EXPECT_THAT(remedy(seen, asked), HasSubstr("service-a was held back"));
  asked.identity.clear();
  asked.presented.clear();
  EXPECT_THAT(remedy(seen, asked), AllOf(HasSubstr("`--identity`"), HasSubstr("module mtls_https")));
}

// A server that wants the PROXY protocol's header, or minds it, says nothing and closes.
TEST(Remedy, NamesTheProxyProtocolWhereItMayBeWhatTheServerMinds) {
  const Handshake closed = a_probe_that_met({Stage::handshake, Reason::closed});
  const Handshake not_tls = a_probe_that_met({Stage::handshake, Reason::not_tls});
  Asked asked = an_asking();
  EXPECT_THAT(remedy(closed, asked), HasSubstr("set `proxy_protocol: v2` in module mtls_https"));
  EXPECT_THAT(remedy(a_probe_that_met({Stage::handshake, Reason::connection_reset}), asked), HasSubstr("`proxy_protocol: v2`"));
  EXPECT_THAT(remedy(not_tls, asked), Not(HasSubstr("proxy_protocol")));
  Handshake later = closed;
  later.certificates = a_trusted_probe().certificates;  // it had spoken TLS by then
  EXPECT_THAT(remedy(later, asked), Not(HasSubstr("proxy_protocol")));

  config::Target target = *asked.target;
  target.proxy_protocol = config::ProxyProtocol::v1;
  asked.target = std::make_shared<const config::Target>(target);
  EXPECT_THAT(remedy(not_tls, asked), AllOf(StartsWith("See whether payments-api expects the PROXY protocol's header"),
                                            HasSubstr("target payments-api sends it (`proxy_protocol: v1`)")));
}

TEST(Remedy, AServerThatWantsANameIsToldOne) {
  const Handshake seen = a_probe_that_met({Stage::handshake, Reason::unrecognized_name});
  Asked asked = an_asking();
  EXPECT_THAT(remedy(seen, asked), Not(HasSubstr("send_server_name")));
  config::Target target = *asked.target;
  config::Module module = *target.module;
  module.tls.send_server_name = false;
  target.module = std::make_shared<const config::Module>(module);
  asked.target = std::make_shared<const config::Target>(target);
  EXPECT_THAT(remedy(seen, asked), HasSubstr("Remove `tls.send_server_name: false` from module mtls_https"));
}

TEST(Remedy, TheProblemOfAnUnusableIdentityIsQuoted) {
  Asked asked = an_asking();
  asked.identity_problems = {
      {.finding = Finding::key_unreadable, .severity = Severity::critical, .detail = "/etc/a.key: Permission denied"}};
  EXPECT_THAT(remedy(a_probe_that_met({Stage::client_certificate, Reason::identity_unusable}), asked),
              HasSubstr("/etc/a.key: Permission denied"));
}

// A chain that does not hold because of `finding`, about the leaf.
Handshake spoilt(Finding finding) {
  Handshake seen = a_trusted_probe();
  ChainJudgement judgement = *seen.chain;
  judgement.valid = false;
  judgement.problems = {{.finding = finding, .severity = Severity::critical, .position = 0}};
  seen.chain = std::make_shared<const ChainJudgement>(judgement);
  return seen;
}

TEST(ChainRemedy, NamesTheCertificateOrStoreConcerned) {
  EXPECT_THAT(chain_remedy(spoilt(Finding::expired), an_asking()).value_or(""), HasSubstr("Renew payments.internal"));
  EXPECT_THAT(chain_remedy(spoilt(Finding::untrusted_root), an_asking()).value_or(""),
              AllOf(HasSubstr("trust store internal"), HasSubstr("Estate CA")));
  EXPECT_THAT(chain_remedy(spoilt(Finding::weak_key), an_asking()).value_or(""), HasSubstr("weak_key"));
  Handshake lacking = spoilt(Finding::missing_intermediate);
  ChainJudgement judgement = *lacking.chain;
  judgement.path = {lacking.certificates.front()};
  lacking.chain = std::make_shared<const ChainJudgement>(judgement);
  EXPECT_THAT(chain_remedy(lacking, an_asking()).value_or(""),
              HasSubstr("If it is an intermediate, payments-api leaves it out: add it to the chain that payments-api sends"));
}

// What OpenSSL has against a root of the trust store, which the server does not send.
Handshake led_to_an_ended_root(bool another_path, std::optional<int> misleading) {
  Handshake seen = a_trusted_probe();
  ChainJudgement judgement = *seen.chain;
  judgement.valid = false;
  judgement.problems = {
      {.finding = Finding::expired,
       .severity = Severity::critical,
       .position = {},
       .detail = "certificate has expired",
       .certificate = a_named_certificate({.common_name = "Retired CA", .issuer = "Retired CA", .days_left = -3})}};
  if (another_path)
    judgement.problems.push_back({.finding = Finding::another_path_is_valid, .severity = Severity::info, .position = misleading});
  seen.chain = std::make_shared<const ChainJudgement>(judgement);
  return seen;
}

TEST(ChainRemedy, NamesTheRootThatEndedAndNotTheLeaf) {
  const std::string remedy = chain_remedy(led_to_an_ended_root(false, {}), an_asking()).value_or("");
  EXPECT_EQ(remedy,
            "A certificate of our trust store is out of date. Retired CA expired on 2026-10-29 and stands in trust store "
            "internal. Renew it there, or have payments-api use a "
            "certificate of another CA of that store.");
}

TEST(ChainRemedy, WhereAnotherPathHoldsNamesWhatLeadsOpensslAway) {
  EXPECT_EQ(chain_remedy(led_to_an_ended_root(true, 2), an_asking()).value_or(""),
            "The chain holds, and OpenSSL is led to another path. The chain of payments-api holds by Estate CA, and OpenSSL "
            "takes another path: Retired CA expired on 2026-10-29. Have "
            "payments-api send its chain without Estate Issuing CA as issued by Retired CA.");
  EXPECT_THAT(chain_remedy(led_to_an_ended_root(true, {}), an_asking()).value_or(""),
              HasSubstr("Take Retired CA, and what it issued, out of trust store internal."));
}

TEST(ChainRemedy, ADateThatCannotBeReadIsNamed) {
  Handshake seen = spoilt(Finding::other_chain_error);
  CertificateDraft leaf = draft_of(*seen.certificates.front());
  leaf.not_after = {};
  seen.certificates.front() = packed(leaf);
  EXPECT_EQ(
      chain_remedy(seen, an_asking()).value_or(""),
      "A certificate that the server sends has a date that cannot be read. Issue payments.internal of payments-api anew: its "
      "notAfter cannot be read.");
}

// Servers need not send a root: what is amiss is our store.
TEST(ChainRemedy, AStoreWithoutTheRootIsToldToHoldItOrToAllowPartialChains) {
  Handshake seen = spoilt(Finding::anchor_not_root);
  ChainJudgement judgement = *seen.chain;
  judgement.path = {seen.certificates[0], seen.certificates[1]};
  seen.chain = std::make_shared<const ChainJudgement>(judgement);
  EXPECT_THAT(chain_remedy(seen, an_asking()).value_or(""),
              AllOf(HasSubstr("Add the root Estate CA to trust store internal"), HasSubstr("`partial_chain: true`"),
                    Not(HasSubstr("payments-api"))));
}

TEST(ChainRemedy, AWrongNameSaysForWhichTheCertificateIs) {
  Handshake seen = a_trusted_probe();
  seen.hostname_match = false;
  EXPECT_THAT(chain_remedy(seen, an_asking()).value_or(""), HasSubstr("it is for dns:payments.internal"));
}

TEST(ChainRemedy, AGoodChainNeedsNone) {
  EXPECT_EQ(chain_remedy(a_trusted_probe(), an_asking()), std::nullopt);
  EXPECT_EQ(chain_remedy(a_probe_that_met({Stage::connect, Reason::refused}), an_asking()), std::nullopt);
}

}  // namespace
}  // namespace exporter::explain
