#include "exporter/estate/ends_soon.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;

CertificatePtr lasting(double days_left, int lifetime, bool authority = false) {
  CertificateDraft draft = draft_of(*a_certificate("a"));
  draft.not_after = std::chrono::floor<std::chrono::seconds>(today) + std::chrono::seconds(static_cast<long>(days_left * 86400));
  draft.not_before = *draft.not_after - std::chrono::days(lifetime);
  draft.authority = authority;
  return packed(draft);
}

ExpirySeverity severity(double days_left, int lifetime, bool authority = false) {
  return expiry_severity(*lasting(days_left, lifetime, authority), today);
}

TEST(ExpirySeverity, OfALeafGoesByDaysAndByShareOfItsLifetime) {
  EXPECT_EQ(severity(30.5, 365), ExpirySeverity::none);
  EXPECT_EQ(severity(29, 365), ExpirySeverity::warning);
  EXPECT_EQ(severity(6, 365), ExpirySeverity::critical);
  EXPECT_EQ(severity(12, 47), ExpirySeverity::none);
  EXPECT_EQ(severity(11, 47), ExpirySeverity::warning);
  EXPECT_EQ(severity(5, 47), ExpirySeverity::warning) << "a tenth of 47 days is 4.7";
  EXPECT_EQ(severity(4, 47), ExpirySeverity::critical);
  EXPECT_EQ(severity(0.3, 1), ExpirySeverity::none) << "a day's certificate with eight hours left is in its prime";
  EXPECT_EQ(severity(0.2, 1), ExpirySeverity::warning);
  EXPECT_EQ(severity(-1, 365), ExpirySeverity::critical);
}

TEST(ExpirySeverity, OfAnAuthorityBeginsAYearBefore) {
  EXPECT_EQ(severity(400, 3650, true), ExpirySeverity::none);
  EXPECT_EQ(severity(300, 3650, true), ExpirySeverity::warning);
  EXPECT_EQ(severity(89, 3650, true), ExpirySeverity::critical);
  EXPECT_EQ(severity(100, 365, true), ExpirySeverity::none) << "more than a quarter is left";
}

TEST(ExpirySeverity, OfATargetWithDaysOfItsOwnIsCriticalAtAThirdOfThem) {
  const auto with = [](double days_left) {
    const CertificatePtr leaf = lasting(days_left, 47);
    return expiry_severity(*leaf, *leaf->not_after(), today, 21);
  };
  EXPECT_EQ(with(21.5), ExpirySeverity::none);
  EXPECT_EQ(with(20), ExpirySeverity::warning);
  EXPECT_EQ(with(6.5), ExpirySeverity::critical);
}

std::string rules() {
  std::ifstream stream(std::string(MTLS_SOURCE_DIR) + "/deploy/prometheus/rules/certificates.yml");
  return {std::istreambuf_iterator<char>(stream), {}};
}

// `alert`'s first rule of this severity asks for less than `soon`.
void expect_rule(const std::string& alert, const char* severity, const Soon& soon) {
  const std::string text = rules();
  std::string found;
  for (std::size_t from = text.find("- alert: " + alert + "\n"); from != std::string::npos;
       from = text.find("- alert: " + alert + "\n", from + 1)) {
    const std::string rule = text.substr(from, text.find("annotations:", from) - from);
    if (rule.find(std::string("severity: ") + severity) != std::string::npos) found = rule;
  }
  std::smatch days, share;
  ASSERT_TRUE(std::regex_search(found, days, std::regex("< ([0-9]+) > 0"))) << alert << " " << severity;
  ASSERT_TRUE(std::regex_search(found, share, std::regex("ratio\\[10m\\]\\) >= ([0-9.]+)"))) << alert << " " << severity;
  EXPECT_EQ(std::stod(days[1]), soon.days) << alert << " " << severity;
  EXPECT_EQ(std::stod(share[1]), soon.share) << alert << " " << severity;
}

TEST(ExpirySeverity, HasTheNumbersOfTheAlerts) {
  expect_rule("MtlsCertificateExpiring", "warning", leaf_warning);
  expect_rule("MtlsCertificateExpiring", "critical", leaf_critical);
  expect_rule("MtlsIntermediateExpiring", "warning", authority_warning);
  expect_rule("MtlsIntermediateExpiring", "critical", authority_critical);
  expect_rule("MtlsRootExpiring", "warning", authority_warning);
  expect_rule("MtlsRootExpiring", "critical", authority_critical);
}

}  // namespace
}  // namespace exporter
