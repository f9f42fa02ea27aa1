// Whole pages as they should be, in tests/golden/pages/: one for every reason and verdict. UPDATE_GOLDEN=1 rewrites them.
#include "exporter/explain/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "exporter/explain/overview.h"
#include "exporter/explain/phrases.h"
#include "tests/support/an_account.h"

namespace exporter::explain {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

void compare(const std::string& name, const std::string& text) {
  const std::string path = std::string(MTLS_SOURCE_DIR) + "/tests/golden/pages/" + name + ".txt";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream stream(path);
  ASSERT_TRUE(stream) << path << " is missing: run this test with UPDATE_GOLDEN=1";
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), text) << "run this test with UPDATE_GOLDEN=1";
}

std::string page_of(Handshake seen, Asked asked = an_asking()) {
  return page(account_of(std::move(asked), std::move(seen)), false);
}

TEST(Page, HasAGoldenOneForEveryReason) {
  for (const StageReason& pair : all_reasons())
    compare(std::string(word(pair.stage)) + "_" + std::string(word(pair.reason)), page_of(a_probe_that_met(pair)));
}

TEST(Page, HasAGoldenOneForEveryVerdict) {
  for (const Verdict verdict : all_verdicts) compare("verdict_" + std::string(word(verdict)), page_of(a_probe_with(verdict)));
}

// Judged a hundred days later, when the certificates have ended.
Account judged_later() {
  Asked asked = an_asking();
  asked.ahead = std::chrono::hours(24 * 100);
  asked.identity_problems = {{.finding = Finding::expired, .severity = Severity::critical, .position = 0}};
  Handshake seen = a_trusted_probe();
  ChainJudgement judgement = *seen.chain;
  judgement.valid = false;
  judgement.verify_text = "certificate has expired";
  judgement.problems = {{.finding = Finding::expired, .severity = Severity::critical, .position = 1}};
  seen.chain = std::make_shared<const ChainJudgement>(judgement);
  return account_of(asked, seen);
}

TEST(Page, HasAGoldenOneForAnotherTime) { compare("judged_later", page(judged_later(), false)); }

TEST(Page, CountsDaysFromTheTimeJudgedAt) {
  const std::string text = page(judged_later(), false);
  EXPECT_THAT(text, AllOf(HasSubstr("as of 2027-02-09 (+100d)"), HasSubstr("expired 40.0 days ago (2026-12-31)")));
  EXPECT_THAT(page_of(a_trusted_probe()), AllOf(Not(HasSubstr("as of")), HasSubstr("expires in 60.0 days (2026-12-31)")));
}

TEST(Page, AnIdentityThatDoesNotHoldIsAFinding) {
  EXPECT_THAT(judged_later().broken, testing::ElementsAre("chain", "identity"));
  EXPECT_THAT(account_of(an_asking(), a_trusted_probe()).broken, testing::IsEmpty());
}

// Clears a screen, sets a title, ends a line and is no UTF-8.
const std::string hostile = "\x1b[2J\x1b]0;x\x07 evil\r\nResult: good \xFF";

TEST(Page, NothingFromElsewhereReachesTheTerminalAsItIs) {
  Handshake seen = a_probe_that_met({Stage::client_certificate, Reason::access_denied});
  CertificateDraft leaf = draft_of(*seen.certificates.front());
  leaf.subject_common_name = leaf.subject = leaf.issuer_common_name = leaf.issuer = leaf.serial = hostile;
  leaf.subject_alternative_names = {{SubjectAlternativeName::Kind::dns, hostile}};
  seen.certificates.front() = packed(leaf);
  ChainJudgement judgement = *seen.chain;
  judgement.valid = false;
  judgement.verify_text = hostile;
  judgement.path = {seen.certificates.front()};
  judgement.problems = {{.finding = Finding::no_san, .severity = Severity::critical, .position = 0, .detail = hostile}};
  seen.chain = std::make_shared<const ChainJudgement>(judgement);
  seen.client.acceptable = std::make_shared<const AcceptableAuthorities>(
      AcceptableAuthorities{.count = 1, .names = {hostile}, .digest = "", .problems = {}});
  seen.negotiated->alpn = hostile;
  std::get<Failed>(seen.outcome).detail = hostile;
  for (const Finding finding :
       {Finding::no_san, Finding::expired, Finding::revoked, Finding::missing_intermediate, Finding::untrusted_root}) {
    judgement.problems.front().finding = finding;
    seen.chain = std::make_shared<const ChainJudgement>(judgement);
    seen.hostname_match = false;
    Asked asked = an_asking();
    asked.identity = asked.trust = hostile;
    asked.presented = {seen.certificates.front()};
    asked.identity_problems = judgement.problems;
    const std::string text = page_of(seen, asked) + line(account_of(asked, seen), false);
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07")), Not(HasSubstr("\r")), Not(HasSubstr("\xFF"))));
    EXPECT_THAT(text, AllOf(HasSubstr("evil"), Not(HasSubstr("\nResult: good"))));
  }
}

TEST(Page, HasColoursOnlyWhereAsked) {
  const Account account = account_of(an_asking(), a_trusted_probe());
  EXPECT_THAT(page(account, true), HasSubstr("\x1b[32mgood\x1b[0m"));
  EXPECT_THAT(page(account, false), Not(HasSubstr("\x1b")));
}

TEST(Page, SaysThatOneProbeDoesNotTryTheDoor) {
  Asked asked = an_asking();
  EXPECT_THAT(page_of(a_trusted_probe(), asked), Not(HasSubstr("the door")));
  asked.target = a_target("payments-api", a_module({.expect = config::ClientAuthExpectation::required}));
  EXPECT_THAT(page_of(a_trusted_probe(), asked), HasSubstr("the door      was not knocked at (anonymous, rogue)"));
}

TEST(Page, CountsTheAuthoritiesItDoesNotName) {
  Handshake seen = a_trusted_probe();
  AcceptableAuthorities acceptable = *seen.client.acceptable;
  for (int i = 0; i < 98; ++i) acceptable.names.push_back("CN=" + std::to_string(i));
  acceptable.count = 5000;
  seen.client.acceptable = std::make_shared<const AcceptableAuthorities>(std::move(acceptable));
  EXPECT_THAT(page_of(seen), HasSubstr("5000 CAs: CN=Estate CA"));
  EXPECT_EQ(listed_authorities(seen, 2), "CN=Estate CA, CN=Old Estate CA and 4998 more");
}

TEST(Overview, HasALineForEachAndASummary) {
  const Account good = account_of(an_asking(), a_trusted_probe());
  const Account down = account_of(an_asking(), a_probe_that_met({Stage::connect, Reason::refused}));
  EXPECT_EQ(line(good, false), "good     payments-api as service-a: accepted, chain expires in 60.0 days (2026-12-31)\n");
  EXPECT_EQ(line(down, false), "finding  payments-api as service-a: connect/refused; broken: handshake\n");
  EXPECT_EQ(summary({good, down, good}), "3 probed, 2 good, 1 with a finding, judged as of 2026-11-01\n");
}

}  // namespace
}  // namespace exporter::explain
