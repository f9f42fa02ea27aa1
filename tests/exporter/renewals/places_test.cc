// Certificates that come and go, and what is a habit of them.
#include "exporter/renewals/places.h"

#include <gtest/gtest.h>

#include "exporter/renewals/habit.h"

namespace exporter::renewals {
namespace {

using namespace std::chrono_literals;
using namespace probes::observations;
using std::chrono::days;
using storage::PlaceKey;

const std::chrono::sys_seconds new_year = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

class APlace : public testing::Test {
 protected:
  static CertificatePtr certificate(const std::string& name, std::chrono::sys_seconds begins,
                                    std::chrono::seconds lifetime = days(90)) {
    CertificateDraft draft;
    draft.subject = "CN=" + name;
    draft.fingerprint_sha256 = std::string(64 - name.size(), '0') + name;
    draft.not_before = begins;
    draft.not_after = begins + lifetime;
    return packed(draft);
  }
  // Seen each hour, as a place that is watched is.
  void show(const CertificatePtr& one, std::chrono::hours time) {
    for (const WallTime end = now + time; now < end; now += 1h) places.see(key, one, now);
  }
  // Each is replaced when so much of its 90 days is left.
  void renew(int times, std::chrono::hours left) {
    for (int time = 0; time < times; ++time) {
      last = certificate("r" + std::to_string(++issued), std::chrono::floor<std::chrono::seconds>(now));
      show(last, days(90) - left);
    }
  }
  void restart(std::chrono::hours down = 0h) {
    storage::Changes changes;
    places.save(changes, true);
    places = Places();
    places.restore({.sightings = changes.sightings, .replacements = changes.replacements});
    now += down;
  }

  const PlaceKey key{"server", "payments", "", ""};
  Places places;
  WallTime now = new_year;
  CertificatePtr last;
  int issued = 0;
};

TEST_F(APlace, HasNoHabitBeforeThreeReplacements) {
  renew(3, days(30));
  EXPECT_FALSE(places.late_from(key));  // two were replaced
  renew(1, days(30));
  EXPECT_TRUE(places.late_from(key));
}

// 30 of 90 days were left, a third: a quarter of the lifetime later there are 7.5 days left.
TEST_F(APlace, IsLateAQuarterOfALifetimePastItsHabit) {
  renew(4, days(30));
  ASSERT_TRUE(places.late_from(key));
  EXPECT_NEAR(std::chrono::duration<double>(*last->not_after() - *places.late_from(key)).count(), 7.5 * 86400, 3600);
}

TEST_F(APlace, OneThatWasForgottenOnceIsNoHabit) {
  renew(2, days(30));
  renew(1, days(1));
  renew(2, days(30));
  EXPECT_NEAR(std::chrono::duration<double>(*last->not_after() - *places.late_from(key)).count(), 7.5 * 86400, 3600);
}

TEST_F(APlace, KnowsItsHabitAfterARestart) {
  renew(4, days(30));
  const auto late = places.late_from(key);
  restart();
  EXPECT_FALSE(places.late_from(key));  // it was not seen yet
  places.see(key, last, now);
  EXPECT_EQ(places.late_from(key), late);
}

// When it was replaced while nobody looked is not known.
TEST_F(APlace, WhatNobodyLookedAtIsNoHabit) {
  renew(3, days(60));
  restart(days(40));
  renew(1, days(30));
  EXPECT_FALSE(places.late_from(key));
  storage::Changes changes;
  places.save(changes, true);
  ASSERT_EQ(changes.replacements.size(), 3u);
  EXPECT_FALSE(changes.replacements.back().timely);
}

TEST_F(APlace, WhatTakesTurnsReplacesNothing) {
  const CertificatePtr rsa = certificate("rsa", new_year), ecdsa = certificate("ecdsa", new_year + 1h);
  renew(4, days(30));
  ASSERT_TRUE(places.late_from(key));
  for (int turn = 0; turn < 100; ++turn) show(turn % 2 == 0 ? rsa : ecdsa, 1h);
  EXPECT_FALSE(places.late_from(key));
}

TEST_F(APlace, AnOlderOneReplacesNothing) {
  show(certificate("new", new_year), 24h);
  show(certificate("old", new_year - days(1)), 24h);
  storage::Changes changes;
  places.save(changes, false);
  EXPECT_EQ(changes.sightings.size(), 2u);
  EXPECT_TRUE(changes.replacements.empty());
}

TEST_F(APlace, SavesWhatChangedAndWhatIsTooMuch) {
  renew(18, days(80));
  storage::Changes first, second, third;
  places.save(first, false);
  EXPECT_EQ(first.sightings.size(), 16u);
  EXPECT_EQ(first.gone_sightings.size(), 2u);
  EXPECT_EQ(first.replacements.size(), 16u);
  places.see(key, last, now - 30min);
  places.save(second, false);
  EXPECT_TRUE(second.sightings.empty());  // a few minutes later is not worth it
  renew(1, days(80));
  places.save(third, false);
  EXPECT_EQ(third.replacements.size(), 1u);
  EXPECT_EQ(third.replacements.front().id.replaced, first.sightings.back().id.fingerprint);
}

TEST_F(APlace, OneWithoutReadableDatesIsPassedOver) {
  CertificateDraft draft;
  draft.subject = "CN=undated";
  draft.fingerprint_sha256 = "00";
  places.see(key, packed(draft), now);
  storage::Changes changes;
  places.save(changes, true);
  EXPECT_TRUE(changes.sightings.empty());
}

}  // namespace
}  // namespace exporter::renewals
