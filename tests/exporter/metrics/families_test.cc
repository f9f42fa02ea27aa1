#include "exporter/metrics/family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "exporter/metrics/scrape.h"
#include "probes/observations/unreadable.h"
#include "tests/support/an_estate.h"

namespace exporter::metrics {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using config::Detail;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::string exposed(const WatchSlot& slot, Detail detail = Detail::standard) {
  const Scope scope{.detail = detail};
  return text_of({{std::make_shared<SlotText>(render(rows(slot, scope), detail))}, families(), Format::text, today});
}

std::size_t series(const std::string& text) {
  static const std::regex sample("(^|\n)mtls_");
  return static_cast<std::size_t>(std::distance(std::sregex_iterator(text.begin(), text.end(), sample), {}));
}

TEST(Families, HaveNamesOfTheirOwnThatPrometheusAccepts) {
  std::set<std::string_view> names;
  for (const Family& family : families()) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_TRUE(std::regex_match(std::string(family.name), std::regex("(mtls|process)_[a-z0-9_]+"))) << family.name;
    EXPECT_EQ(family.type == Type::counter, family.name.ends_with("_total")) << family.name;
    EXPECT_TRUE(family.help.ends_with(".")) << family.name;
  }
}

TEST(Families, NameNoLabelTwice) {
  for (const Family& family : families()) {
    const auto names = label_names(family);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size()) << family.name;
  }
}

TEST(Families, ReserveTheirLabels) {
  for (const char* name :
       {"target", "identity", "address", "source", "position", "subject_cn", "reason", "le", "name", "verdict"})
    EXPECT_THAT(reserved_labels(), Contains(name));
  EXPECT_THAT(reserved_labels(), Not(Contains("owner")));
}

TEST(Lean, IsAtMostTenSeriesForAHealthyTarget) {
  WatchSlot slot = a_slot(a_good_probe(), {.expect = config::ClientAuthExpectation::required});
  slot.door.mode = DoorMode::required;
  const std::string text = exposed(slot, Detail::lean);
  EXPECT_EQ(series(text), 9u) << text;
  for (const char* name : {"mtls_probe_success", "mtls_probe_timestamp_seconds", "mtls_target_reachable",
                           "mtls_handshake_failure", "mtls_certificate_expiry_days", "mtls_chain_valid", "mtls_chain_expiry_days",
                           "mtls_client_certificate_accepted", "mtls_client_auth_enforced"})
    EXPECT_THAT(text, HasSubstr("\n" + std::string(name) + "{"));
}

TEST(Lean, ShowsTheExpiryOfTheLeafOnly) {
  EXPECT_THAT(exposed(a_slot(a_good_probe()), Detail::lean), Not(HasSubstr("position=\"1\"")));
  EXPECT_THAT(exposed(a_slot(a_good_probe()), Detail::standard), HasSubstr("position=\"1\""));
}

TEST(Levels, EachIncludesTheOneBefore) {
  const WatchSlot slot = a_slot(a_good_probe());
  EXPECT_LT(series(exposed(slot, Detail::lean)), series(exposed(slot, Detail::standard)));
  EXPECT_LT(series(exposed(slot, Detail::standard)), series(exposed(slot, Detail::full)));
}

TEST(Levels, SubjectAndNamesOfACertificateAppearAtFull) {
  const std::string sans = "subject=\"CN=payments.internal\",sans=\"dns:payments.internal\"";
  EXPECT_THAT(exposed(a_slot(a_good_probe()), Detail::full), HasSubstr(sans));
  EXPECT_THAT(exposed(a_slot(a_good_probe()), Detail::standard), Not(HasSubstr("sans=")));
}

TEST(Samples, TargetsNeverProbedHaveCountersOnly) {
  const std::string text = exposed(WatchSlot{.target = a_target("new", a_module())});
  EXPECT_THAT(text, HasSubstr("mtls_probes_total{target=\"new\",identity=\"\",address=\"\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mtls_handshake_failures_total{target=\"new\",identity=\"\",address=\"\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("mtls_probe_success{")));
  EXPECT_THAT(text, Not(HasSubstr("mtls_target_reachable{")));
}

TEST(Samples, CertificateTimesAndDays) {
  const std::string text = exposed(a_slot(a_good_probe()));
  const std::string leaf =
      "{source=\"server\",target=\"payments-api\",identity=\"service-a\",address=\"\",position=\"0\","
      "subject_cn=\"payments.internal\"} ";
  EXPECT_THAT(text, HasSubstr("mtls_certificate_expiry_days" + leaf + "90\n"));
  EXPECT_THAT(text, HasSubstr("mtls_certificate_lifetime_remaining_ratio" + leaf + "0.75\n"));
  EXPECT_THAT(text, HasSubstr("mtls_certificate_not_after_timestamp_seconds" + leaf + "1801267200\n"));
  EXPECT_THAT(text, HasSubstr("mtls_certificate_last_seen_timestamp_seconds" + leaf + "1793491200\n"));
  EXPECT_THAT(text, Not(HasSubstr("mtls_certificate_last_seen_timestamp_seconds{source=\"server\",target=\"payments-api\","
                                  "identity=\"service-a\",address=\"\",position=\"1\"")));
}

TEST(Samples, TheEndOfTimeIsExact) {
  Handshake probe = a_good_probe();
  CertificateDraft eternal = draft_of(*probe.certificates[0]);
  eternal.not_after = std::chrono::sys_seconds(std::chrono::seconds(253402300799));
  probe.certificates = {packed(eternal)};
  EXPECT_THAT(exposed(a_slot(probe)), HasSubstr("} 253402300799\n"));
}

// Both ends of the calendar, in every family that tells a date or the time to it.
TEST(Samples, TheWholeCalendarIsExactInEveryFamily) {
  Handshake probe = a_good_probe();
  CertificateDraft eternal = draft_of(*probe.certificates[0]);
  eternal.not_before = std::chrono::sys_seconds(std::chrono::seconds(-62135596800));
  eternal.not_after = std::chrono::sys_seconds(std::chrono::seconds(253402300799));
  probe.certificates = {packed(eternal)};
  ChainJudgement judged = *probe.chain;
  judged.expiry = *eternal.not_after;
  probe.chain = std::make_shared<const ChainJudgement>(judged);
  const std::string text = exposed(a_slot(probe));
  EXPECT_THAT(text, ContainsRegex("mtls_certificate_not_after_timestamp_seconds\\{[^}]*\\} 253402300799\n"));
  EXPECT_THAT(text, ContainsRegex("mtls_certificate_not_before_timestamp_seconds\\{[^}]*\\} -62135596800\n"));
  EXPECT_THAT(text, ContainsRegex("mtls_certificate_expiry_days\\{[^}]*\\} 2912138.999988\n"));
  EXPECT_THAT(text, ContainsRegex("mtls_chain_expiry_days\\{[^}]*\\} 2912138.999988\n"));
  EXPECT_THAT(text, ContainsRegex("mtls_certificate_lifetime_remaining_ratio\\{[^}]*\\} 0.797"));
}

TEST(Samples, ADateThatCannotBeReadHasNoSampleAndAFinding) {
  Handshake probe = a_good_probe();
  CertificateDraft undated = draft_of(*probe.certificates[0]);
  undated.not_before = undated.not_after = {};
  probe.certificates = {packed(undated)};
  ChainJudgement judged = *probe.chain;
  judged.expiry = {};
  judged.problems = unreadable_facts(*probe.certificates[0], 0);
  probe.chain = std::make_shared<const ChainJudgement>(judged);
  const std::string text = exposed(a_slot(probe));
  for (const char* family : {"mtls_certificate_expiry_days{", "mtls_certificate_not_after_timestamp_seconds{",
                             "mtls_certificate_not_before_timestamp_seconds{", "mtls_certificate_lifetime_remaining_ratio{",
                             "mtls_chain_expiry_days{"})
    EXPECT_THAT(text, Not(HasSubstr(family)));
  EXPECT_THAT(text, HasSubstr("mtls_certificate_info{"));
  EXPECT_THAT(text, HasSubstr("problem=\"unreadable_date\",severity=\"warning\"} 1\n"));
}

TEST(Samples, AnAnchorThatCannotBeReadHasItsFindingToo) {
  CertificateDraft undated = draft_of(*a_certificate("Estate CA"));
  undated.not_after = {};
  TrustSlot slot{.name = "internal", .labels = {}, .certificates = {a_certificate("Good CA"), packed(undated)}};
  slot.problems = unreadable_facts(*slot.certificates[1], 1);
  const std::string text =
      text_of({{std::make_shared<SlotText>(render(rows(slot, Scope{}), Detail::standard))}, families(), Format::text, today});
  EXPECT_THAT(text, ContainsRegex("mtls_certificate_problem\\{[^}]*position=\"1\"[^}]*problem=\"unreadable_date\""));
}

TEST(Samples, ALeafOnDiskWhoseBeginCannotBeReadIsNotCalledLater) {
  WatchSlot slot = a_slot(a_good_probe());
  CertificateDraft stored = draft_of(*slot.received->certificates.front());
  stored.fingerprint_sha256 = std::string(64, 'b');
  stored.not_before = {};
  slot.stored = {{Location("/etc/ssl/a.pem"), packed(stored)}};
  EXPECT_THAT(exposed(slot), Not(HasSubstr("mtls_served_certificate_stale")));
  stored.not_before = *slot.received->certificates.front()->not_before() + std::chrono::hours(1);
  slot.stored = {{Location("/etc/ssl/a.pem"), packed(stored)}};
  EXPECT_THAT(exposed(slot), HasSubstr("mtls_served_certificate_stale"));
}

TEST(Samples, ALifetimeThatIsNotPositiveHasNoRatio) {
  Handshake probe = a_good_probe();
  CertificateDraft backwards = draft_of(*probe.certificates[0]);
  backwards.not_before = backwards.not_after;
  probe.certificates = {packed(backwards)};
  EXPECT_THAT(exposed(a_slot(probe)), Not(HasSubstr("lifetime_remaining_ratio")));
}

TEST(Samples, AFailureHasStageReasonAndAlert) {
  Handshake probe = a_failed_probe(Stage::client_certificate, Reason::unknown_ca);
  std::get<Failed>(probe.outcome).alert = 48;
  probe.client = {.requested = true, .sent = true, .verdict = Verdict::rejected};
  const std::string text = exposed(a_slot(probe));
  const std::string reason =
      "{target=\"payments-api\",identity=\"service-a\",address=\"\",stage=\"client_certificate\",reason=\"unknown_ca\","
      "alert=\"unknown_ca\"} 1\n";
  EXPECT_THAT(text, HasSubstr("mtls_handshake_failure_info" + reason));
  EXPECT_THAT(text, HasSubstr("mtls_handshake_last_failure_info" + reason));
  EXPECT_THAT(text,
              HasSubstr("mtls_client_certificate_accepted{target=\"payments-api\",identity=\"service-a\",address=\"\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("expectation=\"client_certificate\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("for people")));
}

TEST(Samples, SuccessIsZeroExactlyWhenAnExpectationIsBroken) {
  Handshake broken = a_good_probe();
  broken.hostname_match = false;
  for (const Handshake& probe : {a_good_probe(), broken, a_failed_probe(Stage::connect, Reason::refused)}) {
    const std::string text = exposed(a_slot(probe));
    const bool success =
        text.find("mtls_probe_success{target=\"payments-api\",identity=\"service-a\",address=\"\"} 1\n") != std::string::npos;
    EXPECT_NE(success, text.find("mtls_probe_expectation_failed{") != std::string::npos);
  }
}

TEST(Samples, AcceptedIsAbsentUnlessItIsCertain) {
  for (const Verdict verdict : {Verdict::unconfirmed, Verdict::not_requested}) {
    Handshake probe = a_good_probe();
    probe.client = {.requested = verdict == Verdict::unconfirmed, .sent = true, .verdict = verdict};
    EXPECT_THAT(exposed(a_slot(probe)), Not(HasSubstr("mtls_client_certificate_accepted{")));
  }
  Handshake anonymous = a_good_probe();
  anonymous.client.sent = false;
  EXPECT_THAT(exposed(a_slot(anonymous, {}, "")), Not(HasSubstr("mtls_client_certificate_accepted{")));
}

TEST(Samples, FindingsGoToTheCertificateOrTheChainTheyAreAbout) {
  Handshake probe = a_good_probe();
  probe.chain = a_judgement(true, {{.finding = Finding::no_san, .severity = Severity::warning, .position = 0},
                                   {.finding = Finding::rsa_under_2048, .severity = Severity::warning, .position = 1},
                                   {.finding = Finding::rsa_under_2048, .severity = Severity::warning, .position = 7},
                                   {.finding = Finding::superfluous, .severity = Severity::info, .position = 1},
                                   {.finding = Finding::superfluous, .severity = Severity::info, .position = 2}});
  const std::string text = exposed(a_slot(probe));
  EXPECT_THAT(text, HasSubstr("position=\"0\",subject_cn=\"payments.internal\",problem=\"no_san\",severity=\"warning\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("position=\"1\",subject_cn=\"Internal CA\",problem=\"rsa_under_2048\",severity=\"warning\"} 1\n"));
  const std::string superfluous =
      "mtls_chain_problem{source=\"server\",target=\"payments-api\",identity=\"service-a\",address=\"\","
      "problem=\"superfluous\",severity=\"info\"} 1\n";
  ASSERT_THAT(text, HasSubstr(superfluous));
  EXPECT_EQ(text.find(superfluous), text.rfind(superfluous)) << "equal labels once only";
}

TEST(Samples, TheSameCertificateTwiceIsTwoPositions) {
  Handshake probe = a_good_probe();
  probe.certificates = {probe.certificates[0], probe.certificates[0]};
  const std::string text = exposed(a_slot(probe));
  EXPECT_THAT(text, HasSubstr("position=\"0\",subject_cn=\"payments.internal\"} 90\n"));
  EXPECT_THAT(text, HasSubstr("position=\"1\",subject_cn=\"payments.internal\"} 90\n"));
}

TEST(Samples, HostileNamesStayInTheirQuotes) {
  Handshake probe = a_good_probe();
  CertificateDraft hostile = draft_of(*probe.certificates[0]);
  hostile.subject_common_name = std::string("a\"} 1\nmtls_fake 1\n") + '\0' + "\xFF\\";
  probe.certificates = {packed(hostile)};
  const std::string text = exposed(a_slot(probe));
  EXPECT_THAT(text, Not(HasSubstr("\nmtls_fake")));
  EXPECT_THAT(text, HasSubstr("subject_cn=\"a\\\"} 1\xEF\xBF\xBDmtls_fake 1"));
}

std::string exposed(const IdentitySlot& slot) {
  const Scope scope;
  return text_of({{std::make_shared<SlotText>(render(rows(slot, scope), scope.detail))}, families(), Format::text, today});
}

TEST(Identity, IsPublishedLikeAServersChain) {
  const std::string text = exposed(IdentitySlot{.name = "service-a",
                                                .labels = {{"owner", "payments"}},
                                                .usable = true,
                                                .certificates = {a_certificate("service-a", 10)},
                                                .chain = a_judgement(true)});
  EXPECT_THAT(text, HasSubstr("mtls_identity_usable{identity=\"service-a\",owner=\"payments\"} 1\n"));
  EXPECT_THAT(
      text, HasSubstr("mtls_certificate_expiry_days{source=\"identity\",target=\"service-a\",identity=\"service-a\",address=\"\","
                      "position=\"0\",subject_cn=\"service-a\",owner=\"payments\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("mtls_chain_valid{source=\"identity\",target=\"service-a\",identity=\"service-a\",address=\"\","
                              "owner=\"payments\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("mtls_hostname_match{")));
}

TEST(Identity, SaysWhyItIsUnusable) {
  const std::string text = exposed(
      IdentitySlot{.name = "service-a",
                   .problems = {{.finding = Finding::key_mismatch, .severity = Severity::critical, .detail = "secret.key"}}});
  EXPECT_THAT(text, HasSubstr("mtls_identity_usable{identity=\"service-a\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mtls_identity_problem{identity=\"service-a\",problem=\"key_mismatch\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret.key")));
}

TEST(Trust, PublishesEveryAnchorAlsoAtLean) {
  const TrustSlot slot{.name = "internal", .certificates = {a_certificate("Root 1"), a_certificate("Root 2")}, .up = true};
  const std::string text =
      text_of({{std::make_shared<SlotText>(render(rows(slot, {}), Detail::lean))}, families(), Format::text, today});
  EXPECT_THAT(
      text,
      HasSubstr("mtls_certificate_expiry_days{source=\"trust\",target=\"internal\",identity=\"\",address=\"\",position=\"1\","
                "subject_cn=\"Root 2\"} 90\n"));
  EXPECT_THAT(text, HasSubstr("mtls_source_up{source=\"trust\",name=\"internal\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mtls_source_certificates{source=\"trust\",name=\"internal\"} 2\n"));
}

std::string exposed(const TrustSlot& slot) {
  const Scope scope;
  return text_of({{std::make_shared<SlotText>(render(rows(slot, scope), scope.detail))}, families(), Format::text, today});
}

// What is published of these lists of one issuer, whose numbers tell them apart.
std::string exposed_lists(std::vector<RevocationList> lists) {
  for (RevocationList& list : lists) list.issuer = "CN=CA";
  return exposed(TrustSlot{.name = "t", .revocation_lists = std::move(lists)});
}
std::string number_shown(const std::string& number) {
  return "mtls_crl_number{source=\"trust\",name=\"t\",issuer=\"CN=CA\"} " + number + "\n";
}

TEST(RevocationLists, OfAnIssuersPartsTheLatestListThatLapsesFirstIsShown) {
  const auto now = std::chrono::floor<std::chrono::seconds>(today);
  using std::chrono::hours;
  const RevocationList old{.number = "1", .this_update = now - hours(48), .next_update = now - hours(24)};
  const RevocationList current{.number = "2", .this_update = now - hours(24), .next_update = now + hours(24)};
  const RevocationList part{.number = "3", .this_update = now - hours(1), .next_update = now + hours(12), .part = "a"};
  const RevocationList delta{.number = "4", .this_update = now, .next_update = now + hours(1), .delta = true};
  EXPECT_THAT(exposed_lists({old, current}), HasSubstr(number_shown("2")));
  EXPECT_THAT(exposed_lists({current, part}), HasSubstr(number_shown("3")));
  EXPECT_THAT(exposed_lists({delta, current}), HasSubstr(number_shown("2")));
  EXPECT_THAT(exposed_lists({delta}), HasSubstr(number_shown("4")));
}

TEST(RevocationLists, AreUpWhileTheyCanBeUsed) {
  const auto now = std::chrono::floor<std::chrono::seconds>(today);
  const auto up = [&](std::chrono::hours from, std::optional<std::chrono::hours> until, std::optional<bool> genuine = {}) {
    RevocationList list{.this_update = now + from, .genuine = genuine};
    if (until) list.next_update = now + *until;
    const std::string text = exposed_lists({list});
    return text.find("mtls_revocation_source_up{source=\"trust\",name=\"t\",issuer=\"CN=CA\"} 1\n") != std::string::npos;
  };
  using std::chrono::hours;
  EXPECT_TRUE(up(hours(-1), hours(1)));
  EXPECT_TRUE(up(hours(-1), {}));
  EXPECT_TRUE(up(hours(-1), hours(1), true));
  EXPECT_FALSE(up(hours(-1), hours(1), false));
  EXPECT_FALSE(up(hours(-2), hours(0))) << "lapsed";
  EXPECT_FALSE(up(hours(1), hours(2))) << "not begun";
  EXPECT_FALSE(up(hours(2), hours(1))) << "never";
}

// A place that is asked over HTTP is a source without certificates, and up or not also while it has no list.
TEST(RevocationLists, OfADistributionPointAreThoseOfASource) {
  const auto text = [](const SourceSlot& slot) {
    const Scope scope;
    return text_of({{std::make_shared<SlotText>(render(rows(slot, scope), scope.detail))}, families(), Format::text, today});
  };
  const auto now = std::chrono::floor<std::chrono::seconds>(today);
  SourceSlot slot{.key = {SourceKind::distribution_point, "http://a/1"}, .errors = {{SourceReason::timeout, 2}}};
  const std::string down = text(slot);
  EXPECT_THAT(down, HasSubstr("mtls_revocation_source_up{source=\"distribution_point\",name=\"http://a/1\",issuer=\"\"} 0\n"));
  EXPECT_THAT(down, HasSubstr("mtls_source_up{source=\"distribution_point\",name=\"http://a/1\"} 0\n"));
  EXPECT_THAT(down,
              HasSubstr("mtls_source_errors_total{source=\"distribution_point\",name=\"http://a/1\",reason=\"timeout\"} 2\n"));
  EXPECT_THAT(down, Not(HasSubstr("mtls_source_certificates{")));
  EXPECT_THAT(down, Not(HasSubstr("mtls_crl_")));
  slot.revocation_lists = {
      {.issuer = "CN=CA", .this_update = now - std::chrono::hours(1), .next_update = now + std::chrono::hours(1)}};
  const std::string had = text(slot);
  EXPECT_THAT(had, HasSubstr("mtls_revocation_source_up{source=\"distribution_point\",name=\"http://a/1\",issuer=\"CN=CA\"} 1\n"))
      << "it can be used while its successor cannot be had";
  EXPECT_THAT(had, HasSubstr("mtls_crl_next_update_timestamp_seconds{source=\"distribution_point\""));
  const SourceSlot responder{.key = {SourceKind::responder, "http://o/"}, .up = true};
  EXPECT_THAT(text(responder), HasSubstr("mtls_revocation_source_up{source=\"responder\",name=\"http://o/\",issuer=\"\"} 1\n"));
}

TEST(Authorities, TellWhatTheirDatabaseAndTheirListsDoNotAgreeOn) {
  const auto text = [](const SourceSlot& slot) {
    const Scope scope;
    return text_of({{std::make_shared<SlotText>(render(rows(slot, scope), scope.detail))}, families(), Format::text, today});
  };
  SourceSlot slot{.key = {SourceKind::authority, "vpn"}, .up = true, .states = std::array<std::uint64_t, issued_states>{}};
  EXPECT_THAT(text(slot), Not(HasSubstr("mtls_authority_revocations_unmatched{"))) << "no list is known";
  slot.published_revocations = {{.only_in_database = 2, .only_in_lists = 1}};
  EXPECT_THAT(text(slot), HasSubstr("mtls_authority_revocations_unmatched{name=\"vpn\",only_in=\"index\"} 2\n"));
  EXPECT_THAT(text(slot), HasSubstr("mtls_authority_revocations_unmatched{name=\"vpn\",only_in=\"list\"} 1\n"));
}

TEST(Revocation, HasOneWordForEachMethodThatWasAsked) {
  ChainJudgement judgement = *a_judgement();
  const auto answer = [](RevocationMethod method, RevocationStatus status, std::size_t depth) {
    return RevocationAnswer{.method = method, .status = status, .certificate = a_certificate("x"), .depth = depth};
  };
  judgement.revocation = {answer(RevocationMethod::crl, RevocationStatus::good, 0),
                          answer(RevocationMethod::crl, RevocationStatus::unknown, 1),
                          answer(RevocationMethod::staple, RevocationStatus::unavailable, 0)};
  const auto text = [&] {
    return exposed(IdentitySlot{.name = "i", .chain = std::make_shared<const ChainJudgement>(judgement)});
  };
  const std::string labels = "mtls_revocation_status{source=\"identity\",target=\"i\",identity=\"i\",address=\"\",method=";
  EXPECT_THAT(text(), HasSubstr(labels + "\"crl\",status=\"good\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr(labels + "\"staple\",status=\"unavailable\"} 1\n"));
  judgement.revocation[1].status = RevocationStatus::revoked;
  EXPECT_THAT(text(), HasSubstr(labels + "\"crl\",status=\"revoked\"} 1\n"));
  judgement.revocation[1].status = RevocationStatus::unavailable;
  EXPECT_THAT(text(), HasSubstr(labels + "\"crl\",status=\"unavailable\"} 1\n"));
  judgement.revocation = {answer(RevocationMethod::crl, RevocationStatus::unknown, 0),
                          answer(RevocationMethod::crl, RevocationStatus::good, 1)};
  EXPECT_THAT(text(), HasSubstr(labels + "\"crl\",status=\"unknown\"} 1\n"));
}

}  // namespace
}  // namespace exporter::metrics
