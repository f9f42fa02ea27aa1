#include "exporter/callers/book.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exporter/metrics/scrape.h"
#include "probes/bytes/base64.h"
#include "tests/support/test_ca.h"

namespace exporter::callers {
namespace {

using namespace ::tests::support;
using namespace std::chrono_literals;
using namespace probes::observations;

using std::chrono::days;

class ABook : public testing::Test {
 protected:
  ABook() { settings.name = "gateway", settings.trust = "internal"; }

  static const Issued& ca() {
    static const Issued issued = root("Clients CA");
    return issued;
  }
  static Issued caller(const std::string& name, std::chrono::seconds ends = days(90), std::string serial = {}) {
    return issue({.common_name = name, .starts = -days(365), .ends = ends, .serial_hex = std::move(serial)}, &ca());
  }
  static std::string text(const Issued& issued) { return probes::bytes::base64(der(issued.certificate.get())); }

  void begin() {
    book = std::make_unique<Book>(settings);
    Against against;
    if (!settings.trust.empty()) against.trust = probes::chain::TrustStore::of("internal", {ca().certificate.get()});
    if (ledger) against.ledgers = {ledger};
    book->judge_against(against);
  }

  void line(const std::string& certificate, const std::string& rest = R"("verify":"SUCCESS","status":200)") {
    raw(R"({"certificate":")" + certificate + "\"," + rest + "}");
  }
  void raw(const std::string& what) {
    if (!book) begin();
    book->note_line(what, certificates, std::chrono::steady_clock::now(), now);
  }

  SourceSlot slot() {
    EXPECT_TRUE(book->refresh(now, 10s));
    return book->slot();
  }
  std::uint64_t count(CallerState state) { return slot().callers->counts[static_cast<std::size_t>(state)]; }
  CallerState only_state() {
    const SourceSlot found = slot();
    EXPECT_EQ(found.callers->callers.size(), 1u);
    return found.callers->callers.empty() ? CallerState::valid : found.callers->callers.front()->state;
  }
  std::string metrics() {
    const metrics::Rows rows = metrics::rows(last = slot(), {});
    const auto rendered = std::make_shared<metrics::SlotText>(metrics::render(rows, config::Detail::standard));
    return metrics::text_of({{rendered}, metrics::families(), metrics::Format::text, now});
  }

  config::Callers settings;
  IssuedLedgerPtr ledger;
  SeenCertificates certificates;
  WallTime now = wall_now();
  std::unique_ptr<Book> book;
  SourceSlot last;
};

TEST_F(ABook, KeepsOneRecordForEachCertificate) {
  const std::string one = text(caller("one")), other = text(caller("other", days(5)));
  line(one, R"("verify":"SUCCESS","status":200,"address":"192.0.2.1","server":"api")");
  line(one, R"("verify":"SUCCESS","status":403,"address":"192.0.2.2")");
  line(other);
  const SourceSlot found = slot();
  ASSERT_EQ(found.published.size(), 2u);
  EXPECT_EQ(found.published[0].certificate->subject_common_name(), "other");  // ends first
  const Caller& first = *found.callers->callers[1];
  EXPECT_EQ(first.accepted, 2u);
  EXPECT_EQ(first.refused, 0u);
  EXPECT_EQ(first.server, "api");
  EXPECT_EQ(first.addresses, (std::vector<std::string>{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(count(CallerState::valid), 1u);
  EXPECT_EQ(count(CallerState::expiring), 1u);
}

TEST_F(ABook, JudgesACallerAsAnIdentityIs) {
  const std::string ended = text(caller("ended", -days(1)));
  line(ended, R"("verify":"FAILED:certificate has expired","status":400)");
  EXPECT_EQ(only_state(), CallerState::expired);
  EXPECT_EQ(slot().callers->callers.front()->refused, 1u);
}

TEST_F(ABook, AnUnknownIssuerThatIsLetInIsARecord) {
  const std::string stranger = text(issue({.common_name = "stranger"}));
  line(stranger, R"("verify":"FAILED:self-signed certificate","status":400)");
  EXPECT_EQ(slot().callers->callers.size(), 0u);
  EXPECT_EQ(slot().callers->strangers[static_cast<std::size_t>(CallerState::unknown_issuer)], 1u);
  line(stranger, R"("verify":"FAILED:self-signed certificate","status":200)");
  EXPECT_EQ(only_state(), CallerState::unknown_issuer);
}

TEST_F(ABook, StrangersOnlyCount) {
  for (int number = 0; number < 5; ++number) {
    const std::string stranger = text(issue({.common_name = "stranger"}));
    line(stranger, R"("verify":"FAILED:x","status":400)");
    line(stranger, R"("verify":"FAILED:x","status":400)");
  }
  const SourceSlot found = slot();
  EXPECT_EQ(found.callers->callers.size(), 0u);
  EXPECT_EQ(found.callers->strangers[static_cast<std::size_t>(CallerState::unknown_issuer)], 10u);
}

// The lookalike bears the name of the CA.
TEST_F(ABook, AnImpostorOfTheCaIsUnknown) {
  const Issued impostor = root("Clients CA");
  line(text(issue({.common_name = "one"}, &impostor)), R"("verify":"SUCCESS","status":200)");
  EXPECT_EQ(only_state(), CallerState::unknown_issuer);
}

TEST_F(ABook, WhatTheDatabaseOfItsAuthoritySays) {
  const Issued known = caller("known"), revoked = caller("revoked"), superseded = caller("superseded"),
               unknown = caller("unknown");
  const auto made = std::make_shared<IssuedLedger>();
  const auto add = [&](const Issued& issued, IssuedState state) {
    const auto facts = read_certificate(text(issued))->facts;
    std::string serial(facts->serial());
    std::ranges::transform(serial, serial.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    made->add("0" + serial, facts->not_after(), state);
    made->issued_by_it(*facts);
  };
  add(known, IssuedState::valid);
  add(revoked, IssuedState::revoked);
  add(superseded, IssuedState::superseded);
  made->finish();
  ledger = made;
  for (const Issued* issued : {&known, &revoked, &superseded, &unknown}) line(text(*issued));
  line(text(issue({.common_name = "of another CA"})));
  for (const CallerState state :
       {CallerState::valid, CallerState::revoked, CallerState::superseded, CallerState::not_issued, CallerState::unknown_issuer})
    EXPECT_EQ(count(state), 1u) << word(state);
  EXPECT_NE(metrics().find("problem=\"revoked\",severity=\"critical\""), std::string::npos);
}

// From a socket that anybody can write to it is a claim.
TEST_F(ABook, WhatAnybodyCanWriteWarnsOnly) {
  settings.syslog.kind = config::SyslogSocket::Kind::udp;
  const auto made = std::make_shared<IssuedLedger>();
  const Issued revoked = caller("revoked");
  const auto facts = read_certificate(text(revoked))->facts;
  made->add(facts->serial(), facts->not_after(), IssuedState::revoked);
  made->finish();
  ledger = made;
  line(text(revoked));
  EXPECT_NE(metrics().find("problem=\"revoked\",severity=\"warning\""), std::string::npos);
}

// Of a log without certificates nothing is known that it does not say.
TEST_F(ABook, FactsWithoutACertificate) {
  raw(R"({"subject":"O=Bank, CN=billing","issuer":"CN=CA","serial":"0A","not_after":"Nov 28 12:00:00 2099 GMT","verify":"SUCCESS","status":200})");
  EXPECT_EQ(only_state(), CallerState::valid);
  const std::string all = metrics();
  EXPECT_NE(all.find("position=\"a\",subject_cn=\"billing\",issuer=\"CN=CA\",serial=\"a\",fingerprint_sha256=\"\",key=\"\""),
            std::string::npos)
      << all;
  EXPECT_EQ(all.find("mtls_certificate_not_before"), std::string::npos);
  raw(R"({"fingerprint":"ABCD","verify":"FAILED:certificate has expired","status":400})");
  EXPECT_EQ(count(CallerState::expired), 1u);
  raw(R"({"fingerprint":"ABCE","verify":"FAILED:unsuitable certificate purpose","status":400})");
  EXPECT_EQ(slot().callers->callers.size(), 2u);  // nobody vouches for it
}

TEST_F(ABook, AMonthlyJobStillCalls) {
  settings.keep = days(200);
  const std::string one = text(caller("one"));
  const WallTime start = now;
  line(one);
  EXPECT_EQ(slot().callers->callers.front()->calls_until, start + days(7));
  now = start + days(30);
  line(one);
  EXPECT_EQ(slot().callers->callers.front()->calls_until, now + days(90));
}

TEST_F(ABook, IsBoundedAndCountsWhatItLeavesOut) {
  settings.max_series = 2;
  const std::string one = text(caller("one"));
  line(one);
  for (const char* name : {"two", "three", "four"}) line(text(caller(name)));
  line(one);
  const SourceSlot found = slot();
  EXPECT_EQ(found.callers->callers.size(), 2u);
  EXPECT_EQ(found.dropped, 2u);
  now += days(91);
  EXPECT_EQ(slot().callers->callers.size(), 0u);  // not seen for `keep`
  EXPECT_EQ(slot().dropped, 0u);
}

TEST_F(ABook, AddressesAreBoundedAndNeverALabel) {
  settings.addresses = 2;
  const std::string one = text(caller("one"));
  for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"})
    line(one, std::string(R"("verify":"SUCCESS","status":200,"address":")") + address + "\"");
  const SourceSlot found = slot();
  EXPECT_EQ(found.callers->callers.front()->addresses, (std::vector<std::string>{"192.0.2.1", "192.0.2.3"}));
  EXPECT_TRUE(found.callers->callers.front()->more_addresses);
  EXPECT_EQ(metrics().find("192.0.2"), std::string::npos);
}

TEST_F(ABook, OneNameAndSerialTwiceAreToldApart) {
  const Issued other_ca = root("Other CA");
  line(text(caller("twin", days(90), "0a")));
  line(text(issue({.common_name = "twin", .serial_hex = "0a"}, &other_ca)));
  const std::string all = metrics();
  std::size_t found = 0;
  for (std::size_t at = 0; (at = all.find("mtls_caller_state{", at)) != std::string::npos; ++at) ++found;
  EXPECT_EQ(found, 2u) << all;
  EXPECT_EQ(all.find("position=\"0a\""), std::string::npos);
}

TEST_F(ABook, AClockThatIsWrongMovesNobodyIntoTheFuture) {
  line(text(caller("one")), R"("verify":"SUCCESS","status":200,"time":"2099-01-01T00:00:00Z")");
  EXPECT_EQ(slot().callers->callers.front()->last_seen, now);
  line(text(caller("other")), R"("verify":"SUCCESS","status":200,"time":"1999-01-01T00:00:00Z")");
  EXPECT_EQ(slot().callers->callers.size(), 1u);
}

TEST_F(ABook, CountsLinesAndTheAnonymous) {
  raw("garbage");
  raw(R"({"verify":"NONE","status":400})");
  line("no certificate");
  const SourceSlot found = slot();
  EXPECT_EQ(found.callers->unreadable, 2u);
  EXPECT_EQ(found.callers->anonymous, 1u);
  EXPECT_EQ(found.callers->read, 1u);
}

// A certificate of the world's own making reaches labels: nothing of it may break a scrape.
TEST_F(ABook, AHostileSubjectStaysALabel) {
  line(text(caller("a\"} 1\n\\\xc3\xa9")));
  const std::string all = metrics();
  EXPECT_NE(all.find("subject_cn=\"a\\\"} 1\xEF\xBF\xBD\\\\"), std::string::npos) << all;
}

TEST_F(ABook, AnotherTrustStoreJudgesAnew) {
  line(text(caller("one")));
  EXPECT_EQ(only_state(), CallerState::valid);
  const Issued other = root("Other CA");
  Against against;
  against.trust = probes::chain::TrustStore::of("internal", {other.certificate.get()});
  book->judge_against(against);
  EXPECT_EQ(only_state(), CallerState::unknown_issuer);
}

// Its rows in another book, as after a restart.
storage::StoredDoor stored(const storage::Changes& changes) {
  return {.callers = changes.callers, .certificates = changes.certificates, .logs = {}};
}

TEST_F(ABook, KnowsAfterARestartWhatItKnewBefore) {
  const std::string one = text(caller("one"));
  line(one, R"("verify":"SUCCESS","status":200,"address":"192.0.2.1","server":"api")");
  raw(R"({"subject":"CN=two","issuer":"CN=CA","serial":"0A","not_after":"2099-01-01T00:00:00Z","verify":"SUCCESS","status":200})");
  now += days(20);
  line(one);
  const SourceSlot before = slot();
  storage::Changes changes;
  book->save(changes, false);
  EXPECT_EQ(changes.callers.size(), 2u);
  EXPECT_EQ(changes.certificates.size(), 1u);
  begin();
  book->restore(stored(changes), now);
  const SourceSlot after = slot();
  ASSERT_EQ(after.callers->callers.size(), before.callers->callers.size());
  for (std::size_t at = 0; at < before.published.size(); ++at) {
    const Caller &was = *before.callers->callers[at], &is = *after.callers->callers[at];
    EXPECT_EQ(std::tie(is.fingerprint, is.state, is.first_seen, is.last_seen, is.calls_until, is.accepted, is.refused, is.server),
              std::tie(was.fingerprint, was.state, was.first_seen, was.last_seen, was.calls_until, was.accepted, was.refused,
                       was.server));
    EXPECT_EQ(is.addresses, was.addresses);
    EXPECT_EQ(is.verification, was.verification);
    EXPECT_EQ(after.published[at].certificate->not_after(), before.published[at].certificate->not_after());
  }
}

TEST_F(ABook, SavesWhatChangedAndWhoIsForgotten) {
  const std::string one = text(caller("one"));
  line(one);
  line(text(caller("two")));
  storage::Changes first, second, third;
  book->save(first, false);
  EXPECT_EQ(first.callers.size(), 2u);
  now += days(60);
  line(one);
  book->save(second, false);
  EXPECT_EQ(second.callers.size(), 1u);
  EXPECT_EQ(second.callers.front().accepted, 2u);
  EXPECT_TRUE(second.certificates.empty());  // it is there
  now += days(60);
  EXPECT_EQ(slot().callers->callers.size(), 1u);
  EXPECT_TRUE(book->forget(slot().callers->callers.front()->fingerprint));
  EXPECT_FALSE(book->forget("unknown"));
  book->save(third, false);
  EXPECT_EQ(third.gone_callers.size(), 2u);
  EXPECT_TRUE(third.callers.empty());
}

// The storage could not be opened at first: what was counted since is added to what had been.
TEST_F(ABook, AddsWhatWasStoredToWhatIsKnown) {
  const std::string one = text(caller("one"));
  line(one, R"("verify":"SUCCESS","status":200,"address":"192.0.2.1")");
  storage::Changes changes;
  book->save(changes, false);
  const WallTime first = now;
  now += days(1);
  begin();
  line(one, R"("verify":"SUCCESS","status":200,"address":"192.0.2.2")");
  book->restore(stored(changes), now);
  const SourceSlot found = slot();
  const Caller& caller = *found.callers->callers.front();
  EXPECT_EQ(caller.accepted, 2u);
  EXPECT_EQ(caller.first_seen, first);
  EXPECT_EQ(caller.last_seen, now);
  EXPECT_EQ(caller.addresses, (std::vector<std::string>{"192.0.2.1", "192.0.2.2"}));
}

}  // namespace
}  // namespace exporter::callers
