#include "exporter/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The lines of info and worse, without time and level.
class JournalOfChanges : public testing::Test {
 protected:
  std::vector<std::string> lines;
  Journal journal{[this](LogLevel level, std::string_view message, const LogFields& fields) {
    if (level != LogLevel::debug) lines.push_back(log_line(LogFormat::logfmt, message, fields));
  }};

  static State a_watch(std::string name, bool good, std::string reason = "connect/refused") {
    return {.kind = "watch",
            .name = std::move(name),
            .identity = "service-a",
            .word = good ? "good" : "failed",
            .reason = good ? "" : std::move(reason),
            .detail = {},
            .bad = !good};
  }
};

TEST_F(JournalOfChanges, AChangeIsOneLineWithWhatItWasAndForHowLong) {
  journal.note(a_watch("payments", true), today);
  EXPECT_THAT(lines, IsEmpty()) << "in order from the start: nothing to tell";
  journal.note(a_watch("payments", false), today + 90s);
  journal.note(a_watch("payments", false, "connect/connect_timeout"), today + 120s);
  journal.note(a_watch("payments", true), today + 150s);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0],
              AllOf(HasSubstr("kind=watch target=payments identity=service-a from=good to=failed reason=connect/refused"),
                    HasSubstr("lasted_seconds=90")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("from=failed to=good"), HasSubstr("lasted_seconds=60")));
}

TEST_F(JournalOfChanges, WhatFailsFromTheStartIsTold) {
  journal.note(a_watch("payments", false), today);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("from=unknown to=failed"));
}

TEST_F(JournalOfChanges, AFailingNetworkIsSummedUp) {
  const int targets = 10'000;
  for (int i = 0; i < targets; ++i) journal.note(a_watch("t" + std::to_string(i), true), today);
  for (int i = 0; i < targets; ++i) journal.note(a_watch("t" + std::to_string(i), false), today + 60s);
  EXPECT_THAT(lines, SizeIs(Journal::lines_in_a_window));
  journal.turn(today + 60s + Journal::window);
  ASSERT_THAT(lines, SizeIs(Journal::lines_in_a_window + 1));
  EXPECT_THAT(lines.back(), AllOf(HasSubstr("to=failed reason=connect/refused count=9970"), HasSubstr("t30, t31")));
  journal.turn(today + 120s);
  EXPECT_THAT(lines, SizeIs(Journal::lines_in_a_window + 1)) << "once";
}

TEST_F(JournalOfChanges, TargetsThatAreGoneAreForgotten) {
  journal.note(a_watch("payments", false), today);
  journal.keep({"orders"});
  journal.note(a_watch("payments", true), today + 60s);
  EXPECT_THAT(lines, SizeIs(1)) << "a target of that name that comes later is a new one";
}

TEST(States, SayWhatIsWrong) {
  EXPECT_EQ(watch_state(a_slot(a_good_probe())).word, "good");
  const State failed = watch_state(a_slot(a_failed_probe(Stage::connect, Reason::refused)));
  EXPECT_EQ(failed.word, "failed");
  EXPECT_EQ(failed.reason, "connect/refused");
  IdentitySlot identity{.name = "service-a", .usable = false};
  identity.problems = {{.finding = Finding::key_mismatch, .severity = Severity::critical, .detail = "/etc/a.key"}};
  EXPECT_EQ(state_of(identity).word, "unusable");
  EXPECT_EQ(state_of(identity).reason, "key_mismatch");
  EXPECT_EQ(state_of(TrustSlot{.name = "internal", .errors = {{SourceReason::bad_pem, 1}}}).reason, "bad_pem");
  EXPECT_FALSE(state_of(TrustSlot{.name = "internal", .up = true}).bad);
}

}  // namespace
}  // namespace exporter
