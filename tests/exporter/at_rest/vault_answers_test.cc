#include "exporter/at_rest/vault_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter::vault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(VaultAnswers, KeysThatCannotStandInAPathAreLeftOut) {
  EXPECT_THAT(keys_in(R"({"data": {"keys": ["17:67:16", "1a-2b", "../sys", "a b", "", 7]}, "lease_id": ""})"),
              Optional(ElementsAre("17:67:16", "1a-2b")));
  EXPECT_THAT(keys_in(R"({"data": {"keys": []}})"), Optional(IsEmpty()));
  EXPECT_EQ(keys_in(R"({"data": {"keys": "x"}})"), std::nullopt);
  EXPECT_EQ(keys_in(R"({"errors": []})"), std::nullopt);
  EXPECT_EQ(keys_in("<html>"), std::nullopt);
}

TEST(VaultAnswers, AnEmptyListIsNotWhatIsNotThere) {
  EXPECT_TRUE(is_nothing(404, R"({"errors":[]})"));
  EXPECT_FALSE(is_nothing(404, R"({"errors":["no handler for route \"pki/certs\". route entry not found."]})"));
  EXPECT_FALSE(is_nothing(404, "not found"));
  EXPECT_FALSE(is_nothing(200, R"({"errors":[]})"));
}

TEST(VaultAnswers, AnOlderVersionIsNotAMountThatIsMissing) {
  EXPECT_TRUE(is_unsupported(404, R"({"errors":["1 error occurred:\n\t* unsupported path\n\n"]})"));
  EXPECT_TRUE(is_unsupported(405, R"({"errors":["1 error occurred:\n\t* unsupported operation\n\n"]})"));
  EXPECT_FALSE(is_unsupported(404, R"({"errors":["no handler for route \"pki/certs\". route entry not found."]})"));
  EXPECT_FALSE(is_unsupported(404, R"({"errors":[]})"));
}

TEST(VaultAnswers, ARevocationHasATime) {
  const auto revoked = [](const std::string& time) {
    const auto read = certificate_in(R"({"data": {"certificate": "PEM", "revocation_time": )" + time + "}}");
    return read && read->pem == "PEM" && read->revoked;
  };
  EXPECT_TRUE(revoked("1667400107"));
  EXPECT_TRUE(revoked("\"1667400107\""));
  EXPECT_FALSE(revoked("0"));
  EXPECT_FALSE(revoked("\"0\""));
  EXPECT_FALSE(revoked("null"));
  EXPECT_EQ(certificate_in(R"({"data": {"revocation_time": 0}})"), std::nullopt);
}

TEST(VaultAnswers, ARoleKeepsWhatItIssuesUnlessItSaysOtherwise) {
  EXPECT_EQ(keeps_in(R"({"data": {"no_store": true}})"), false);
  EXPECT_EQ(keeps_in(R"({"data": {"no_store": false}})"), true);
  EXPECT_EQ(keeps_in(R"({"data": {}})"), true);
  EXPECT_EQ(keeps_in(R"({"errors": ["x"]})"), std::nullopt);
}

TEST(VaultAnswers, ErrorsAreOneShortLine) {
  EXPECT_EQ(errors_in(R"({"errors": ["1 error occurred:\n\t* permission denied", "and more"]})"),
            "1 error occurred:  * permission denied; and more");
  EXPECT_EQ(errors_in(R"({"errors": []})"), "");
  EXPECT_EQ(errors_in("x"), "");
  EXPECT_EQ(errors_in(R"({"errors": [")" + std::string(5000, 'x') + R"("]})").size(), 300u);
}

TEST(VaultAnswers, ASerialIsTheSameHoweverItIsWritten) {
  EXPECT_EQ(serial_of("0a:0B:00"), "a0b00");
  EXPECT_EQ(serial_of("0a-0b-00"), "a0b00");
  EXPECT_EQ(serial_of("0A0B00"), "a0b00");
  EXPECT_EQ(serial_of("00"), "0");
  EXPECT_EQ(serial_of("ca"), "ca");
  EXPECT_EQ(serial_of("xyz"), "");
  EXPECT_EQ(serial_of(""), "");
}

}  // namespace
}  // namespace exporter::vault
