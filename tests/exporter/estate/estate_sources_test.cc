// Sources of certificates at rest in the estate, and servers compared with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/estate/estate.h"
#include "exporter/estate/state.h"
#include "exporter/metrics/scrape.h"
#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::HasSubstr;
using testing::Not;

// The certificate that a_good_probe() is served, or one for the same purpose that begins `hours` later.
CertificatePtr served() { return a_good_probe().certificates.front(); }
CertificatePtr beginning(int hours) {
  CertificateDraft made = draft_of(*served());
  made.not_before = *made.not_before + std::chrono::hours(hours);
  made.fingerprint_sha256 = std::string(63, 'e') + std::to_string(hours < 0 ? 0 : 1);
  return packed(made);
}

class EstateAndFiles : public testing::Test {
 protected:
  EstateAndFiles() {
    auto target = *a_target("payments-api", a_module());
    target.certificate_file = "/etc/served.pem";
    settings = settings_of({std::make_shared<const config::Target>(target)});
    settings.files["web"] = {.name = "web"};
    settings.files["more"] = {.name = "more"};
    estate.adopt(settings);
  }

  void store(const std::string& source, std::vector<StoredLeaf> leaves) {
    estate.set_source({.key = {SourceKind::file, source}, .up = true, .leaves = std::move(leaves)});
  }

  std::string text() const { return metrics::text_of({estate.texts(today), metrics::families(), metrics::Format::text, today}); }

  // "1", "0", or "" when nothing is said about `path`.
  std::string stale(const std::string& path) const {
    const std::string all = text(),
                      labels =
                          "mtls_served_certificate_stale{target=\"payments-api\",identity=\"service-a\",address=\"\",path=\"" +
                          path + "\"} ";
    const auto at = all.find(labels);
    return at == std::string::npos ? "" : all.substr(at + labels.size(), 1);
  }

  const WatchKey key{"payments-api", "service-a"};
  config::Settings settings;
  Estate estate;
};

TEST_F(EstateAndFiles, AServerThatServesWhatIsOnDiskIsNotStale) {
  store("web", {{Location("/a.pem"), served()}});
  estate.record(key, a_good_probe());
  EXPECT_EQ(stale("/a.pem"), "0");
}

TEST_F(EstateAndFiles, AServerThatHasNotLoadedTheRenewalIsStale) {
  estate.record(key, a_good_probe());
  EXPECT_EQ(stale("/a.pem"), "");
  store("web", {{Location("/a.pem"), beginning(+1)}});
  EXPECT_EQ(stale("/a.pem"), "1") << "at once, without another probe";
  Handshake reloaded = a_good_probe();
  reloaded.certificates.front() = beginning(+1);
  estate.record(key, reloaded);
  EXPECT_EQ(stale("/a.pem"), "0");
}

TEST_F(EstateAndFiles, AnOlderCopyOnDiskIsNoRenewalHoweverLateItWasWritten) {
  estate.record(key, a_good_probe());
  store("web", {{Location("/backup.pem"), beginning(-1)}});
  EXPECT_EQ(stale("/backup.pem"), "0");
}

TEST_F(EstateAndFiles, AFileThatIsGoneSaysNothing) {
  estate.record(key, a_good_probe());
  store("web", {{Location("/a.pem"), beginning(+1)}});
  store("web", {});
  EXPECT_EQ(stale("/a.pem"), "");
}

TEST_F(EstateAndFiles, TheFileATargetNamesNeedsNotCarryTheSameNames) {
  estate.record(key, a_good_probe());
  CertificateDraft other = draft_of(*beginning(+1));
  other.subject_alternative_names.clear();
  store(std::string(config::served_files), {{Location("/etc/served.pem"), packed(other)}});
  EXPECT_EQ(stale("/etc/served.pem"), "1");
  store(std::string(config::served_files), {{Location("/etc/served.pem"), served()}});
  EXPECT_EQ(stale("/etc/served.pem"), "0");
}

TEST_F(EstateAndFiles, ASourceGoesWithItsSettings) {
  estate.record(key, a_good_probe());
  store("web", {{Location("/a.pem"), served()}});
  store("more", {});
  EXPECT_EQ(estate.sources().size(), 2u);
  settings.files.erase("web");
  estate.adopt(settings);
  EXPECT_EQ(estate.sources().size(), 1u);
  EXPECT_THAT(text(), Not(HasSubstr("name=\"web\"")));
  store("web", {{Location("/a.pem"), served()}});
  EXPECT_EQ(estate.sources().size(), 1u) << "a scan that ends late brings nothing back";
  estate.record(key, a_good_probe());
  EXPECT_EQ(stale("/a.pem"), "");
}

TEST_F(EstateAndFiles, ErrorsAddUpAndBeginAtZero) {
  store("web", {});
  EXPECT_THAT(text(), HasSubstr("mtls_source_errors_total{source=\"file\",name=\"web\",reason=\"bad_jks\"} 0\n"));
  for (int scan = 0; scan < 2; ++scan)
    estate.set_source({.key = {SourceKind::file, "web"}, .errors = {{SourceReason::bad_jks, 1}}});
  EXPECT_THAT(text(), HasSubstr("mtls_source_errors_total{source=\"file\",name=\"web\",reason=\"bad_jks\"} 2\n"));
  EXPECT_THAT(text(), Not(HasSubstr("name=\"web\",reason=\"bad_index\"")));
  EXPECT_THAT(text(), HasSubstr("mtls_source_up{source=\"file\",name=\"web\"} 0\n"));
}

TEST_F(EstateAndFiles, ScopeAndLevelReachSources) {
  estate.set_source({.key = {SourceKind::file, "web"}, .published = {{.place = Location("/a.pem"), .certificate = served()}}});
  EXPECT_THAT(text(), HasSubstr("mtls_certificate_info{source=\"file\",target=\"/a.pem\""));
  settings.detail = config::Detail::lean;
  settings.labels = {{"site", "north"}};
  estate.adopt(settings);
  EXPECT_THAT(text(), Not(HasSubstr("mtls_certificate_info{source=\"file\"")));
  EXPECT_THAT(
      text(),
      HasSubstr("mtls_certificate_expiry_days{source=\"file\",target=\"/a.pem\",identity=\"\",address=\"\",position=\"0\""));
  EXPECT_THAT(text(), HasSubstr("mtls_source_up{source=\"file\",name=\"web\",site=\"north\"} 0\n"));
}

// They come and go with the certificates that name them, and a reload does not know them.
TEST(EstateAndPlaces, WhatIsAskedOverHttpStaysUntilNobodyWantsIt) {
  Estate estate;
  const SourceKey key{SourceKind::responder, "http://o/"};
  const auto text = [&] { return metrics::text_of({estate.texts(today), metrics::families(), metrics::Format::text, today}); };
  estate.adopt(settings_of({}));
  estate.set_remote_source({.key = key, .errors = {{SourceReason::timeout, 1}}});
  estate.set_remote_source({.key = key, .up = true, .errors = {{SourceReason::timeout, 1}}});
  EXPECT_THAT(text(), HasSubstr("mtls_source_errors_total{source=\"responder\",name=\"http://o/\",reason=\"timeout\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_source_errors_total{source=\"responder\",name=\"http://o/\",reason=\"bad_ocsp\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("mtls_source_up{source=\"responder\",name=\"http://o/\"} 1\n"));
  estate.adopt(settings_of({}));
  EXPECT_THAT(text(), HasSubstr("mtls_source_up{source=\"responder\""));
  estate.remove_remote_source(key);
  EXPECT_THAT(text(), Not(HasSubstr("responder")));
}

// Neither up nor down: a log that says so at every start wakes somebody for nothing.
TEST(EstateOfDiscoveries, OneThatNobodyHasLookedAtYetHasNoState) {
  Estate estate;
  std::vector<std::string> told;
  estate.follow([&](const State& state, WallTime) { told.push_back(state.name + " " + std::string(state.word)); });
  estate.set_discovery({.name = "nginx", .awaited = true});
  EXPECT_THAT(told, testing::IsEmpty());
  estate.set_discovery({.name = "nginx", .up = false});
  estate.set_discovery({.name = "nginx", .up = true});
  EXPECT_THAT(told, testing::ElementsAre("nginx down", "nginx up"));
}

}  // namespace
}  // namespace exporter
