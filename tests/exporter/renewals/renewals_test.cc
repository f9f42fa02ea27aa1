// The whole way: certificates of the estate that are replaced, the storage, and the scrape.
#include "exporter/renewals/renewals.h"

#include <gtest/gtest.h>

#include <thread>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/family.h"
#include "exporter/metrics/rows.h"
#include "tests/support/an_estate.h"
#include "tests/support/test_ca.h"

namespace exporter::renewals {
namespace {

using namespace ::tests::support;
using namespace std::chrono_literals;
using namespace probes::observations;
using std::chrono::days;

class TheRenewals : public testing::Test {
 protected:
  void run() {
    renewals.reset();
    storage.reset();
    storage = std::make_unique<storage::Storage>(
        folder.path() + "/state.sqlite", days(1095), [this] { return clock.load(); },
        storage::Pace{.every = 20ms, .gather = 10ms});
    renewals = std::make_unique<Renewals>(
        estate, *storage,
        [] {
          return metrics::Scope{.detail = config::Detail::standard, .labels = {{"site", "a"}}};
        },
        [this] { return clock.load(); });
    look();
  }
  void look() {
    for (const std::uint64_t before = renewals->looks(); renewals->looks() < before + 2;) std::this_thread::sleep_for(5ms);
  }
  void pass(std::chrono::hours time) {
    clock = clock.load() + time;
    look();
  }
  void issue_anew() {
    const auto begins = std::chrono::floor<std::chrono::seconds>(clock.load());
    CertificateDraft draft;
    draft.subject = "CN=billing", draft.subject_common_name = "billing";
    draft.fingerprint_sha256 = std::string(63, '0') + std::to_string(++issued);
    draft.not_before = begins, draft.not_after = begins + days(90);
    estate.set_identity({.name = "billing", .certificates = {packed(draft)}, .problems = {}});
    look();
  }
  std::string text() const {
    return metrics::text_of({{renewals->text()}, metrics::families(), metrics::Format::text, clock.load()});
  }

  const TemporaryFolder folder;
  std::atomic<WallTime> clock = today;
  Estate estate;
  int issued = 0;
  std::unique_ptr<storage::Storage> storage;
  std::unique_ptr<Renewals> renewals;
};

TEST_F(TheRenewals, ACertificateIsLatePastItsPlacesHabit) {
  const std::string series =
      "mtls_certificate_renewal_late{source=\"identity\",target=\"billing\",identity=\"billing\",address=\"\",position=\"0\","
      "subject_cn=\"billing\",site=\"a\"} ";
  config::Settings settings = settings_of({});
  settings.identities["billing"].name = "billing";
  estate.adopt(settings);
  run();
  for (int time = 0; time < 4; ++time) {
    if (time == 2) run();  // a restart in between
    issue_anew();
    EXPECT_EQ(text().find(series) != std::string::npos, time == 3) << text();
    if (time < 3) pass(days(60));
  }
  EXPECT_NE(text().find(series + "0\n"), std::string::npos) << text();
  pass(days(80));
  EXPECT_NE(text().find(series + "0\n"), std::string::npos) << text();
  pass(days(3));
  EXPECT_NE(text().find(series + "1\n"), std::string::npos) << text();
}

}  // namespace
}  // namespace exporter::renewals
