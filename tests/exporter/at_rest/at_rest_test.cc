#include "exporter/at_rest/at_rest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "exporter/metrics/scrape.h"
#include "tests/support/an_estate.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_list.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using namespace probes::observations;
using namespace ::tests::support;
using testing::HasSubstr;
using testing::Not;

// Files as a scripted reader gives them, and time as the test has it.
class Resting : public testing::Test {
 protected:
  Resting()
      : at_rest(
            estate, [] { return materials(); }, [this](const config::FileSet& set) { return reader(set); },
            [this] { return now.load(); }) {
    settings = settings_of({}, config::Detail::standard);
  }

  static MaterialsPtr materials() {
    static const MaterialsPtr nothing = std::make_shared<Materials>();
    return nothing;
  }

  AtRest::Reader reader(const config::FileSet& set) {
    return [this, name = set.name](const probes::chain::TrustStorePtr&) {
      ++scans;
      const std::lock_guard lock(mutex);
      return read[name];
    };
  }

  void watch() {
    estate.adopt(settings);
    at_rest.adopt(settings);
  }

  std::string text() const { return metrics::text_of({estate.texts(today), metrics::families(), metrics::Format::text, today}); }

  // Whether `condition` comes true within ten seconds.
  template <typename Condition>
  static bool soon(Condition condition) {
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;
         std::this_thread::sleep_for(2ms))
      if (condition()) return true;
    return false;
  }
  bool shows(const std::string& what) const {
    return soon([&] { return text().find(what) != std::string::npos; });
  }

  config::Authority& vpn(const std::string& rows) {
    config::Authority& authority = settings.authorities["vpn"];
    authority.name = "vpn";
    authority.openssl_index = folder.write("index.txt", rows);
    return authority;
  }

  static StoredCertificate stored(const std::string& path, CertificatePtr certificate) {
    return {.place = Location(path), .certificate = std::move(certificate)};
  }

  const TemporaryFolder folder;
  config::Settings settings;
  Estate estate;
  std::atomic<std::chrono::sys_seconds> now = std::chrono::floor<std::chrono::seconds>(today);
  std::atomic<int> scans = 0;
  std::mutex mutex;
  std::map<std::string, Inventory> read;
  AtRest at_rest;
};

// 2026-11-01 is today.
constexpr const char* index_rows =
    "V\t261115000000Z\t\t01\tunknown\t/CN=renewed\n"
    "V\t261120000000Z\t\t02\tunknown\t/CN=single\n"
    "R\t261120000000Z\t261001000000Z,keyCompromise\t03\tunknown\t/CN=lost\n"
    "R\t261120000000Z\t261001000000Z,certificateHold\t04\tunknown\t/CN=away\n"
    "V\t261001000000Z\t\t05\tunknown\t/CN=forgotten\n"
    "V\t270301000000Z\t\t06\tunknown\t/CN=renewed\n";

TEST_F(Resting, AnAuthorityIsCountedByStateAndWhatEndsSoonIsShown) {
  vpn(index_rows);
  watch();
  ASSERT_TRUE(shows("mtls_authority_certificates{name=\"vpn\",state=\"valid\"} 2\n"));
  const std::string all = text();
  for (const char* state : {"expired", "superseded", "held", "revoked"})
    EXPECT_THAT(all, HasSubstr(std::string("mtls_authority_certificates{name=\"vpn\",state=\"") + state + "\"} 1\n"));
  const auto series = [](const std::string& serial, const std::string& name) {
    return "mtls_certificate_expiry_days{source=\"authority\",target=\"vpn\",identity=\"\",address=\"\",position=\"" + serial +
           "\",subject_cn=\"" + name + "\"} ";
  };
  EXPECT_THAT(all, HasSubstr(series("02", "single") + "19\n"));
  EXPECT_THAT(all, HasSubstr(series("05", "forgotten") + "-31\n"));
  for (const char* absent : {"renewed", "lost", "away"}) EXPECT_THAT(all, Not(HasSubstr(std::string("subject_cn=\"") + absent)));
  EXPECT_THAT(all, HasSubstr("mtls_source_certificates{source=\"authority\",name=\"vpn\"} 6\n"));
  EXPECT_THAT(all, HasSubstr("mtls_source_up{source=\"authority\",name=\"vpn\"} 1\n"));
  EXPECT_THAT(all, Not(HasSubstr("mtls_certificate_not_before_timestamp_seconds{source=\"authority\"")));
  EXPECT_THAT(all,
              HasSubstr("mtls_certificate_info{source=\"authority\",target=\"vpn\",identity=\"\",address=\"\",position=\"02\","
                        "subject_cn=\"single\",issuer=\"\",serial=\"02\",fingerprint_sha256=\"\",key=\"\",signature=\"\"} 1\n"));
}

// The operator revoked, and forgot to publish.
TEST_F(Resting, AnIndexIsComparedWithThePublishedLists) {
  const Issued ca = root();
  const Issued lost = issue({.common_name = "lost", .serial_hex = "03"}, &ca), away = issue({.serial_hex = "04"}, &ca);
  config::Authority& authority = vpn(index_rows);
  authority.interval = 1h;
  watch();
  ASSERT_TRUE(shows("state=\"valid\"} 2\n"));
  EXPECT_THAT(text(), Not(HasSubstr("mtls_authority_revocations_unmatched{"))) << "no list is known";

  authority.crl_files = {folder.write("crl.pem", pem_of_list(list_of(ca, {.revoked = {{&lost, 1}}})))};
  watch();
  EXPECT_TRUE(shows("mtls_authority_revocations_unmatched{name=\"vpn\",only_in=\"index\"} 1\n"));
  EXPECT_TRUE(shows("mtls_authority_revocations_unmatched{name=\"vpn\",only_in=\"list\"} 0\n"));

  folder.write("crl.new", pem_of_list(list_of(ca, {.revoked = {{&lost, 1}, {&away, 6}}, .number = 2})));
  std::filesystem::rename(folder.path() + "/crl.new", folder.path() + "/crl.pem");
  EXPECT_TRUE(shows("mtls_authority_revocations_unmatched{name=\"vpn\",only_in=\"index\"} 0\n"));

  folder.write("crl.new", "half a li");
  std::filesystem::rename(folder.path() + "/crl.new", folder.path() + "/crl.pem");
  EXPECT_TRUE(shows("mtls_source_up{source=\"authority\",name=\"vpn\"} 0\n"));
}

TEST_F(Resting, AChangedIndexIsSeenLongBeforeItsInterval) {
  vpn(index_rows).interval = 1h;
  watch();
  ASSERT_TRUE(shows("state=\"valid\"} 2\n"));
  // As openssl ca does it.
  folder.write("index.txt.new", std::string(index_rows) + "V\t270301000000Z\t\t07\tunknown\t/CN=new\n");
  std::filesystem::rename(folder.path() + "/index.txt.new", folder.path() + "/index.txt");
  EXPECT_TRUE(shows("state=\"valid\"} 3\n"));
}

TEST_F(Resting, ExpiryGoesByTheClockAtEachInterval) {
  vpn(index_rows).interval = 20ms;
  watch();
  ASSERT_TRUE(shows("state=\"valid\"} 2\n"));
  now = now.load() + 24h * 30;
  EXPECT_TRUE(shows("state=\"valid\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("state=\"expired\"} 2\n"));
}

TEST_F(Resting, AnIndexThatIsGoneIsAnErrorAndWhatItSaidStays) {
  vpn(index_rows).interval = 20ms;
  watch();
  ASSERT_TRUE(shows("state=\"valid\"} 2\n"));
  std::filesystem::remove(folder.path() + "/index.txt");
  EXPECT_TRUE(shows("mtls_source_up{source=\"authority\",name=\"vpn\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("state=\"valid\"} 2\n"));
  EXPECT_THAT(text(), Not(HasSubstr("mtls_source_errors_total{source=\"authority\",name=\"vpn\",reason=\"not_found\"} 0\n")));
}

TEST_F(Resting, ABadLineIsOneErrorAndTheOthersCount) {
  vpn(std::string(index_rows) + "nonsense\n").interval = 1h;
  watch();
  ASSERT_TRUE(shows("state=\"valid\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_source_errors_total{source=\"authority\",name=\"vpn\",reason=\"bad_index\"} "));
  EXPECT_THAT(text(), Not(HasSubstr("mtls_source_errors_total{source=\"authority\",name=\"vpn\",reason=\"bad_index\"} 0\n")));
  EXPECT_THAT(text(), HasSubstr("mtls_source_up{source=\"authority\",name=\"vpn\"} 0\n"));
}

TEST_F(Resting, WhatIsAboveMaxSeriesIsCounted) {
  vpn(index_rows).publish.max_series = 1;
  watch();
  ASSERT_TRUE(shows("mtls_source_series_dropped{source=\"authority\",name=\"vpn\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("subject_cn=\"forgotten\"")) << "the one that ends first";
  EXPECT_THAT(text(), Not(HasSubstr("subject_cn=\"single\"")));
}

TEST_F(Resting, IssuedCertificatesHaveTheSameStates) {
  CertificateDraft before = draft_of(*a_certificate("client", 10)), after = draft_of(*a_certificate("client", 80));
  after.not_before = *after.not_before + 24h;
  after.serial = "0b";
  after.fingerprint_sha256 = std::string(64, 'a');
  read["step"].certificates = {stored("/issued/2.crt", packed(after)), stored("/issued/1.crt", packed(before)),
                               stored("/issued/copy.crt", packed(before))};
  settings.authorities["step"] = {.name = "step", .issued = {"/issued"}};
  watch();
  ASSERT_TRUE(shows("mtls_authority_certificates{name=\"step\",state=\"valid\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_authority_certificates{name=\"step\",state=\"superseded\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("position=\"0b\",subject_cn=\"client\"} 80\n"));
  EXPECT_THAT(text(), Not(HasSubstr("position=\"0a1b\"")));
}

TEST_F(Resting, AnIssuedCertificateWhoseDatesCannotBeReadIsCountedAsThatAndRenewsNothing) {
  CertificateDraft before = draft_of(*a_certificate("client", 10)), after = draft_of(*a_certificate("client", 80));
  after.not_after = {};
  after.not_before = *after.not_before + 24h;
  after.serial = "";
  after.fingerprint_sha256 = std::string(64, 'a');
  read["step"].certificates = {stored("/issued/2.crt", packed(after)), stored("/issued/1.crt", packed(before))};
  settings.authorities["step"] = {.name = "step", .issued = {"/issued"}};
  watch();
  ASSERT_TRUE(shows("mtls_authority_certificates{name=\"step\",state=\"unreadable\"} 1\n"));
  const std::string all = text(), spoilt = "position=\"" + std::string(16, 'a') + "\",subject_cn=\"client\"";
  EXPECT_THAT(all, HasSubstr("mtls_authority_certificates{name=\"step\",state=\"valid\"} 1\n"));
  EXPECT_THAT(all, HasSubstr("mtls_authority_certificates{name=\"step\",state=\"expired\"} 0\n"));
  EXPECT_THAT(all, HasSubstr("mtls_authority_certificates{name=\"step\",state=\"superseded\"} 0\n"));
  EXPECT_THAT(all, HasSubstr(spoilt + ",problem=\"unreadable_date\",severity=\"warning\"} 1\n"));
  EXPECT_THAT(all, HasSubstr(spoilt + ",problem=\"unreadable_serial\",severity=\"warning\"} 1\n"));
  for (const char* family : {"expiry_days", "not_after_timestamp_seconds", "lifetime_remaining_ratio"})
    EXPECT_THAT(all, Not(HasSubstr(std::string("mtls_certificate_") + family +
                                   "{source=\"authority\",target=\"step\",identity=\"\",address=\"\"," + spoilt)));
}

// Nothing judges an authority's own file.
TEST_F(Resting, AnAuthorityAtRestWhoseDateCannotBeReadSaysSo) {
  CertificateDraft undated = draft_of(*a_certificate("Old CA"));
  undated.authority = true;
  undated.not_after = {};
  read["web"].certificates = {stored("/ca.pem", packed(undated))};
  settings.files["web"] = {.name = "web", .paths = {"/"}, .publish = {.within = 24h * 30}};
  watch();
  ASSERT_TRUE(shows("subject_cn=\"Old CA\",problem=\"unreadable_date\",severity=\"warning\"} 1\n")) << "it may end any day";
  EXPECT_THAT(text(), Not(HasSubstr("mtls_certificate_expiry_days{source=\"file\"")));
}

TEST_F(Resting, AnEndBeyondTheNanosecondsIsNotWithinTheWindow) {
  CertificateDraft eternal = draft_of(*a_certificate("device"));
  eternal.not_after = std::chrono::sys_seconds(253402300799s);
  read["web"].certificates = {stored("/device.pem", packed(eternal)), stored("/a.pem", a_certificate("a", 5))};
  settings.files["web"] = {.name = "web", .paths = {"/"}, .publish = {.within = 24h * 30}};
  vpn("V\t99991231235959Z\t\t01\tunknown\t/CN=device\n").publish.within.reset();
  watch();
  ASSERT_TRUE(shows("subject_cn=\"a\"} 5\n"));
  EXPECT_THAT(text(), Not(HasSubstr("target=\"/device.pem\"")));
  ASSERT_TRUE(shows("mtls_authority_certificates{name=\"vpn\",state=\"valid\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_certificate_not_after_timestamp_seconds{source=\"authority\",target=\"vpn\",identity=\"\","
                                "address=\"\",position=\"01\",subject_cn=\"device\"} 253402300799\n"));
}

TEST_F(Resting, FilesAreRowsOfEveryCertificateFamily) {
  read["web"].certificates = {stored("/a.pem", a_certificate("a", 5))};
  read["web"].certificates.front().place = Location("/a.pem", "leaf");
  read["web"].troubles = {{.reason = SourceReason::bad_jks, .path = "/b.jks"}};
  settings.files["web"] = {.name = "web", .paths = {"/"}, .labels = {{"owner", "web"}}};
  watch();
  ASSERT_TRUE(
      shows("mtls_certificate_expiry_days{source=\"file\",target=\"/"
            "a.pem#leaf\",identity=\"\",address=\"\",position=\"0\",subject_cn=\"a\",owner=\"web\"} 5\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_source_errors_total{source=\"file\",name=\"web\",owner=\"web\",reason=\"bad_jks\"} "));
  EXPECT_THAT(text(), HasSubstr("mtls_certificate_not_before_timestamp_seconds{source=\"file\""));
  EXPECT_THAT(text(), HasSubstr("mtls_source_up{source=\"file\",name=\"web\",owner=\"web\"} 0\n")) << "of b.jks nothing is known";
}

TEST_F(Resting, TwoSetsOverOneFileAreOneSeriesAndTheOtherIsCounted) {
  for (const char* name : {"one", "other"}) {
    read[name].certificates = {stored("/a.pem", a_certificate("a"))};
    settings.files[name] = {.name = name, .paths = {"/"}};
  }
  watch();
  ASSERT_TRUE(soon([&] { return at_rest.scanned_once(); }));
  const std::string all = text();
  const auto first = all.find("mtls_certificate_expiry_days{source=\"file\"");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(all.find("mtls_certificate_expiry_days{source=\"file\"", first + 1), std::string::npos);
  const auto dropped = [&](const std::string& name) {
    return all.find("mtls_source_series_dropped{source=\"file\",name=\"" + name + "\"} 1\n") != std::string::npos;
  };
  EXPECT_NE(dropped("one"), dropped("other"));
}

TEST_F(Resting, AReloadLeavesAloneWhatStays) {
  settings.files["stays"] = {.name = "stays", .paths = {"/"}, .interval = 1h};
  settings.files["goes"] = {.name = "goes", .paths = {"/"}, .interval = 1h};
  EXPECT_TRUE(at_rest.scanned_once()) << "nothing to scan";
  watch();
  ASSERT_TRUE(soon([&] { return at_rest.scanned_once(); }));
  ASSERT_TRUE(soon([&] { return estate.sources().size() == 2; }));
  settings.files.erase("goes");
  settings.files["comes"] = {.name = "comes", .paths = {"/"}, .interval = 1h};
  read["stays"].certificates = {stored("/a.pem", a_certificate("seen anew"))};
  watch();
  ASSERT_TRUE(soon([&] { return at_rest.scanned_once() && estate.sources().size() == 2; }));
  EXPECT_THAT(text(), Not(HasSubstr("name=\"goes\"")));
  settings.files["stays"].labels = {{"owner", "a"}};
  watch();
  EXPECT_TRUE(shows("seen anew")) << "another label is another source";
}

TEST_F(Resting, AChangedTrustStoreHasItsSetsJudgedAgain) {
  settings.files["web"] = {.name = "web", .paths = {"/"}, .trust = "internal", .interval = 1h};
  static const MaterialsPtr none = materials();
  watch();
  ASSERT_TRUE(soon([&] { return at_rest.scanned_once(); }));
  const int before = scans;
  at_rest.trust_changed("other");
  at_rest.trust_changed("internal");
  EXPECT_TRUE(soon([&] { return scans > before; }));
}

TEST_F(Resting, NothingIsPublishedAfterTheEnd) {
  vpn(index_rows).interval = 1h;
  watch();
  at_rest.stop();
  const std::size_t sources = estate.sources().size();
  folder.write("index.txt", "");
  EXPECT_EQ(estate.sources().size(), sources);
}

}  // namespace
}  // namespace exporter
