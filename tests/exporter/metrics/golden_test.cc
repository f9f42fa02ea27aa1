// Whole scrapes as they should be, in tests/golden/. UPDATE_GOLDEN=1 rewrites them; judges.py lets the real parsers read them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "exporter/metrics/scrape.h"
#include "tests/support/an_estate.h"

namespace exporter::metrics {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using config::Detail;

const WatchKey api{"payments-api", "service-a"};
const WatchKey open{"payments-open", "service-a"};

// A set of files, one of them a renewal that a server has not loaded, and an authority.
void fill_with_certificates_at_rest(Estate& estate) {
  const auto now = std::chrono::floor<std::chrono::seconds>(today);
  CertificateDraft renewed = draft_of(*a_good_probe().certificates.front());
  renewed.not_before = *renewed.not_before + std::chrono::hours(1);
  renewed.fingerprint_sha256 = std::string(64, 'e');
  const auto renewal = packed(renewed);
  const Problem nameless{.finding = Finding::no_san, .severity = Severity::warning, .position = 0};
  estate.set_source({.key = {SourceKind::file, "web"},
                     .labels = {{"owner", "web"}},
                     .certificates = 4,
                     .dropped = 1,
                     .errors = {{SourceReason::bad_jks, 1}},
                     .published = {{.place = Location("/etc/ssl/payments.pem"), .certificate = renewal, .chain = a_judgement()},
                                   {.place = Location("/etc/ssl/payments.pem"),
                                    .certificate = a_certificate("Internal CA", 3000),
                                    .position = 1,
                                    .leaf = false},
                                   {.place = Location("/etc/kafka/store.jks", "broker"),
                                    .certificate = a_certificate("broker", 20),
                                    .problems = std::make_shared<const std::vector<Problem>>(1, nameless)}},
                     .revocation_lists = {{.path = "/etc/ssl/internal.crl",
                                           .issuer = "CN=Internal CA",
                                           .number = "17",
                                           .this_update = now - std::chrono::hours(1),
                                           .next_update = now + std::chrono::hours(23),
                                           .revoked = 2}},
                     .leaves = {{.place = Location("/etc/ssl/payments.pem"), .certificate = renewal}}});
  CertificateDraft listed{.subject = "/CN=laptop", .subject_common_name = "laptop", .serial = "1000"};
  listed.not_after = now + std::chrono::hours(240);
  estate.set_source({.key = {SourceKind::authority, "vpn"},
                     .up = true,
                     .certificates = 6,
                     .published = {{.place = Location("vpn"), .certificate = packed(listed), .listed_only = true}},
                     .states = {{1, 0, 0, 2, 0, 3}},
                     .published_revocations = {{.only_in_database = 1, .unlisted = {"1001"}, .lists = {"/etc/vpn/crl.pem"}}}});
}

// A door with a caller whose certificate ends soon, and one of whom the log gives facts only.
void fill_with_callers(Estate& estate) {
  auto found = std::make_shared<CallersFound>();
  found->callers = {std::make_shared<const Caller>(Caller{.fingerprint = std::string(64, 'c'),
                                                          .state = CallerState::expiring,
                                                          .first_seen = today - std::chrono::hours(480),
                                                          .last_seen = today - std::chrono::hours(1),
                                                          .calls_until = today + std::chrono::hours(167),
                                                          .accepted = 41,
                                                          .refused = 1,
                                                          .addresses = {"192.0.2.7"}}),
                    std::make_shared<const Caller>(Caller{.fingerprint = "abcdef",
                                                          .state = CallerState::superseded,
                                                          .first_seen = today - std::chrono::hours(480),
                                                          .last_seen = today - std::chrono::hours(240),
                                                          .calls_until = today - std::chrono::hours(72),
                                                          .accepted = 7})};
  found->counts[static_cast<std::size_t>(CallerState::expiring)] = 1;
  found->counts[static_cast<std::size_t>(CallerState::superseded)] = 1;
  found->strangers[static_cast<std::size_t>(CallerState::unknown_issuer)] = 12;
  found->anonymous = 3;
  found->read = 64;
  found->unreadable = 2;
  CertificateDraft described{
      .subject = "O=Bank,CN=reports", .subject_common_name = "reports", .issuer = "CN=Internal CA", .serial = "a1"};
  described.not_after = std::chrono::floor<std::chrono::seconds>(today) + std::chrono::hours(2400);
  const Problem replaced{.finding = Finding::superseded, .severity = Severity::warning, .position = 0};
  SourceSlot slot{
      .key = {SourceKind::caller, "gateway"},
      .labels = {{"owner", "web"}},
      .up = true,
      .certificates = 2,
      .published = {{.place = Location("gateway"), .certificate = a_certificate("billing", 5), .chain = a_judgement()},
                    {.place = Location("gateway"),
                     .certificate = packed(described),
                     .problems = std::make_shared<const std::vector<Problem>>(1, replaced),
                     .listed_only = true}}};
  slot.callers = found;
  estate.set_source(std::move(slot));
}

ChainJudgementPtr asked_of_lists(const ChainJudgementPtr& chain, RevocationStatus status) {
  ChainJudgement judgement = *chain;
  judgement.revocation.push_back({.method = RevocationMethod::crl, .status = status, .certificate = a_certificate("x")});
  return std::make_shared<const ChainJudgement>(std::move(judgement));
}

// By which the identity is trusted.
ChainJudgementPtr a_path() {
  ChainJudgement judgement = *a_judgement();
  judgement.expiry = *a_certificate("service-a", 12)->not_after();
  judgement.path = {a_certificate("service-a", 12), a_certificate("Partner Issuing CA", 300), a_certificate("Partner CA", 3000)};
  return std::make_shared<const ChainJudgement>(judgement);
}

// One target in good order, one whose door is a hole and whose chain has a hostile certificate in it, an identity, a trust
// store, and certificates at rest.
void fill(Estate& estate, Detail detail) {
  const auto strict = a_module({.expect = config::ClientAuthExpectation::required});
  config::Settings settings =
      settings_of({a_target("payments-api", strict, {{"owner", "payments"}}), a_target("payments-open", strict)}, detail);
  settings.labels = {{"site", "north"}};
  settings.files["web"] = {.name = "web"};
  settings.authorities["vpn"] = {.name = "vpn"};
  settings.callers["gateway"].name = "gateway";
  settings.rotations["clients-2027"] = {.name = "clients-2027", .from = {}, .to = {}};  // whose files could not be read
  estate.adopt(settings);
  estate.set_identity({.name = "service-a",
                       .labels = {{"owner", "payments"}},
                       .usable = true,
                       .certificates = {a_certificate("service-a", 12)},
                       .chain = a_path(),
                       .problems = {{.finding = Finding::world_readable_key, .severity = Severity::warning}}});
  estate.set_trust(
      {.name = "internal",
       .certificates = {a_certificate("Internal CA", 3000)},
       .errors = {{SourceReason::bad_pem, 1}},
       .revocation_lists = {
           {.issuer = "CN=Internal CA", .this_update = std::chrono::floor<std::chrono::seconds>(today), .genuine = false}}});
  Handshake hostile = a_good_probe();
  CertificateDraft leaf = draft_of(*hostile.certificates[0]);
  leaf.subject_common_name = "quote \" backslash \\ line\nfeed \xFF " + std::string(300, 'x');
  hostile.certificates[0] = packed(leaf);
  hostile.chain = a_judgement(false, {{.finding = Finding::untrusted_root, .severity = Severity::critical},
                                      {.finding = Finding::no_san, .severity = Severity::warning, .position = 0}});
  Handshake good = a_good_probe();
  good.chain = asked_of_lists(good.chain, RevocationStatus::good);
  hostile.chain = asked_of_lists(hostile.chain, RevocationStatus::unavailable);
  estate.record(api, good);
  estate.record(open, hostile);
  fill_with_certificates_at_rest(estate);
  fill_with_callers(estate);
  for (const char* knock : {"anonymous", "rogue"}) {
    estate.record_knock(api, knock, {KnockAnswer::refused}, today);
    estate.record_knock(open, knock, {KnockAnswer::admitted}, today);
  }
}

// What differs from run to run becomes 1.
std::string steady(const std::string& text) {
  static const std::regex process("(process_[a-z_]+) [^#\n]+\n");
  std::string out;
  std::size_t from = 0;
  for (std::size_t end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
    const std::string line = text.substr(from, end + 1 - from);
    out += line.starts_with("#") ? line : std::regex_replace(line, process, "$1 1\n");
  }
  return out;
}

void compare(const std::string& name, const Estate& estate, Format format) {
  OwnMetrics own(Build{.version = "1.2.3", .revision = "0123456789ab", .compiler = "g++ 12.2.0", .openssl = "3.0.22"});
  own.config_reloaded(true, today);
  own.targets(2);
  own.observe_lag(std::chrono::milliseconds(3));
  const std::string text = steady(text_of(scrape(estate, own, format, today + std::chrono::hours(6))));
  const std::string path = std::string(MTLS_SOURCE_DIR) + "/tests/golden/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream stream(path);
  const std::string expected{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(text, expected) << "if the change is meant, run this test with UPDATE_GOLDEN=1";
}

TEST(Golden, Lean) {
  Estate estate;
  fill(estate, Detail::lean);
  compare("lean.prom", estate, Format::text);
}

TEST(Golden, Standard) {
  Estate estate;
  fill(estate, Detail::standard);
  compare("standard.prom", estate, Format::text);
}

TEST(Golden, Full) {
  Estate estate;
  fill(estate, Detail::full);
  compare("full.prom", estate, Format::text);
}

TEST(Golden, OpenMetrics) {
  Estate estate;
  fill(estate, Detail::full);
  compare("full.openmetrics", estate, Format::openmetrics);
}

// Seen in good order before, then our certificate is refused here and the connection there.
TEST(Golden, Failing) {
  Estate estate;
  fill(estate, Detail::standard);
  Handshake refused = a_good_probe();
  refused.outcome = Failed{.stage = Stage::client_certificate, .reason = Reason::certificate_expired, .alert = 45};
  refused.client.verdict = Verdict::rejected;
  estate.record(api, refused);
  estate.record(open, a_failed_probe(Stage::connect, Reason::refused, today + std::chrono::minutes(1)));
  compare("failing.prom", estate, Format::text);
}

}  // namespace
}  // namespace exporter::metrics
