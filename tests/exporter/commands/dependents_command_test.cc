#include "exporter/commands/dependents_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace exporter {
namespace {

constexpr char answer[] = R"({"at":"2026-11-01T00:00:00Z","issuers":[{"issuer":"CN=Estate CA","issuer_key":"00000000000000a1",
  "subject_cn":"Estate CA","expiry":"2027-01-30T00:00:00Z","expiry_days":90.0,"dependents":3,"kinds":{
  "callers":{"count":2,"by_name":1,"first_expiry":"2026-11-13T00:00:00Z","first_expiry_days":12.0,
    "things":[{"name":"billing\u001b at gateway","expiry":"2026-11-13T00:00:00Z","expiry_days":12.0,"by":"key"}]},
  "doors":{"count":1,"by_name":1,"first_expiry":null,"first_expiry_days":null,"things":[{"name":"payments-api","expiry":null,
    "expiry_days":null,"by":"name"}]}}}],"near":[]})";

TEST(DependentsCommand, PrintsTheTreeOfAnIssuer) {
  EXPECT_EQ(listed(ListDependents{.issuer = "CN=Estate CA"}, answer),
            "CN=Estate CA, key 00000000000000a1, expires in 90.0 days (2027-01-30)\n"
            "  callers: 2, 1 of them by the CA's name alone; the first expires in 12.0 days (2026-11-13)\n"
            "    billing\xEF\xBF\xBD at gateway, expires in 12.0 days (2026-11-13)\n"
            "    and 1 more\n"
            "  doors: 1, by the CA's name alone\n"
            "    payments-api\n");
}

TEST(DependentsCommand, PrintsJson) {
  const std::string text = listed(ListDependents{.issuer = "x", .format = ListDependents::Format::json}, answer);
  EXPECT_THAT(text, testing::HasSubstr("\"issuer\": \"CN=Estate CA\""));
}

TEST(DependentsCommand, NamesWhatWasMeantForAnIssuerNobodyKnows) {
  try {
    (void)listed(ListDependents{.issuer = "CN=Estte CA"}, R"({"at":"","issuers":[],"near":["CN=Estate CA"]})");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "nobody knows the issuer `CN=Estte CA`; did you mean `CN=Estate CA`?");
  }
}

TEST(DependentsCommand, TakesNoOtherAnswer) {
  EXPECT_THROW((void)listed(ListDependents{.issuer = "x"}, "<html>"), std::runtime_error);
}

TEST(DependentsCommand, FailsWhereNobodyAnswers) {
  std::ostringstream out, err;
  EXPECT_EQ(dependents_command(ListDependents{.issuer = "x", .exporter = "http://127.0.0.1:1"}, out, err), 2);
  EXPECT_THAT(err.str(), testing::HasSubstr("http://127.0.0.1:1 cannot be asked"));
}

TEST(AskExporter, EncodesWhatIsNoPlainText) { EXPECT_EQ(percent_encoded("CN=a b/ö"), "CN%3Da%20b%2F%C3%B6"); }

}  // namespace
}  // namespace exporter
