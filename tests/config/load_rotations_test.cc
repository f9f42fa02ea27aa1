#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/config/mistake_in.h"

namespace config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const Vocabulary vocabulary{.protocols = {"tls"}, .findings = {}, .reserved_labels = {"target", "name"}};

Settings read(const std::string& entries) {
  return load_text(
      "trust: {estate: {system: true}, taken.to: {system: true}}\nauthorities: [{name: vpn, openssl_index: i}]\nrotations:\n" +
          entries,
      "/etc/x/estate.yml", vocabulary);
}

std::string mistake(const std::string& entry) { return mistake_in(read, entry); }

TEST(LoadRotations, ReadsTheFilesAsTrustStoresOfTheirOwn) {
  const Settings settings =
      read("- {name: clients, from: [old.pem], to: [/pki/new.pem], quiet: 3d}\n- {name: b, from: [c], to: [d]}\n");
  const Rotation& rotation = settings.rotations.at("clients");
  EXPECT_THAT(rotation.from, ElementsAre("/etc/x/old.pem"));
  EXPECT_EQ(rotation.quiet, 72h);
  EXPECT_EQ(settings.rotations.at("b").quiet, 14 * 24h);
  EXPECT_THAT(settings.trust.at("clients.from").ca_files, ElementsAre("/etc/x/old.pem"));
  EXPECT_THAT(settings.trust.at("clients.to").ca_files, ElementsAre("/pki/new.pem"));
  EXPECT_TRUE(settings.authorities.at("vpn").ledger);
}

TEST(LoadRotations, NamesWhatIsMissingOrTaken) {
  EXPECT_THAT(mistake("- {from: [a], to: [b]}\n"), HasSubstr("without a `name`"));
  EXPECT_THAT(mistake("- {name: r, to: [b]}\n"), HasSubstr("has no `from`"));
  EXPECT_THAT(mistake("- {name: r, from: [b]}\n"), HasSubstr("has no `to`"));
  EXPECT_THAT(mistake("- {name: r, from: [a], to: [b]}\n- {name: r, from: [a], to: [b]}\n"), HasSubstr("`r`"));
  EXPECT_THAT(mistake("- {name: taken, from: [a], to: [b]}\n"), HasSubstr("there is a trust store `taken.to` already"));
}

}  // namespace
}  // namespace config
