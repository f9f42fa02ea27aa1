#include "exporter/inventory/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/an_estate.h"

namespace exporter::inventory {
namespace {

using namespace ::tests::support;
using probes::observations::CertificateDraft;
using probes::observations::CertificatePtr;
using probes::observations::packed;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

CertificatePtr of_key(const std::string& subject, std::uint64_t key, const std::string& fingerprint, bool authority = false,
                      int days_left = 10) {
  CertificateDraft draft{.subject = "CN=" + subject, .subject_common_name = subject, .fingerprint_sha256 = fingerprint};
  draft.not_after = std::chrono::floor<std::chrono::seconds>(today) + std::chrono::days(days_left);
  draft.key_type = "ec";
  draft.key_curve = "P-256";
  draft.key_digest = key;
  draft.authority = authority;
  return packed(draft);
}

Place file(const std::string& path, const std::string& owner = "") {
  Place place{.source = "file", .target = path, .name = "web"};
  if (!owner.empty()) place.labels["owner"] = owner;
  return place;
}

TEST(Holdings, ACertificateIsOneHoweverManyPlacesItHas) {
  Holdings holdings;
  const auto certificate = of_key("a", 1, "aa");
  holdings.add(certificate, file("/b.pem", "payments"));
  holdings.add(certificate, file("/a.pem", "web"));
  holdings.add(certificate, file("/a.pem", "web"));
  holdings.add(certificate, {.source = "server", .target = "payments", .identity = "service-a"});
  ASSERT_THAT(holdings.all(), SizeIs(1));
  const Holding one = holdings.all().front();
  EXPECT_THAT(one.places, SizeIs(3));
  EXPECT_EQ(one.places.front().target, "/a.pem");
  EXPECT_THAT(owners_of(one), ElementsAre("payments", "web"));
  EXPECT_EQ(one.key_places, 0u) << "two copies of one certificate share nothing";
}

TEST(Holdings, AKeyOfTwoSubjectsIsTold) {
  Holdings holdings;
  holdings.add(of_key("a", 1, "aa"), file("/a.pem"));
  holdings.add(of_key("b", 1, "bb"), file("/b.pem"));
  holdings.add(of_key("c", 2, "cc"), file("/c.pem"));
  for (const Holding& one : holdings.all())
    EXPECT_EQ(one.key_places, one.certificate->subject() == "CN=c" ? 0u : 2u) << one.certificate->subject();
}

TEST(Holdings, AKeyOfTwoOwnersIsTold) {
  Holdings holdings;
  holdings.add(of_key("a", 1, "aa"), file("/a.pem", "payments"));
  holdings.add(of_key("a", 1, "ab"), file("/b.pem", "web"));
  for (const Holding& one : holdings.all()) EXPECT_EQ(one.key_places, 2u);
}

TEST(Holdings, ARenewalThatKeepsItsKeySharesNothing) {
  Holdings holdings;
  holdings.add(of_key("a", 1, "aa"), file("/a.pem", "payments"));
  holdings.add(of_key("a", 1, "ab"), file("/b.pem"));
  for (const Holding& one : holdings.all()) EXPECT_EQ(one.key_places, 0u);
}

TEST(Holdings, ACaUnderTwoNamesAndAKeyThatIsNotKnownAreNoSharing) {
  Holdings holdings;
  holdings.add(of_key("root", 1, "aa", true), file("/a.pem"));
  holdings.add(of_key("root 2", 1, "ab", true), file("/b.pem"));
  holdings.add(of_key("unknown", 0, "ac"), file("/c.pem"));
  holdings.add(of_key("unknown 2", 0, "ad"), file("/d.pem"));
  for (const Holding& one : holdings.all()) EXPECT_EQ(one.key_places, 0u);
}

TEST(Holdings, ThoseThatEndFirstStandInFront) {
  Holdings holdings;
  holdings.add(of_key("later", 1, "aa", false, 90), file("/a.pem"));
  holdings.add(of_key("sooner", 2, "bb", false, 3), file("/b.pem"));
  EXPECT_THAT(holdings.all().front().certificate->subject(), HasSubstr("sooner"));
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find("\r\n", from);
    found.push_back(text.substr(from, end - from));
    from = end + 2;
  }
  return found;
}

Document of(const Holdings& holdings) { return {.holdings = holdings.all(), .left_out = {}, .at = today}; }

TEST(Csv, NoCellBeginsAsAFormula) {
  for (const std::string start : {"=", "+", "-", "@", "\t", "\r", "\n"}) {
    CertificateDraft draft{.subject = start + "cmd|' /C calc'!A0", .subject_common_name = start + "2,3", .serial = "-01"};
    draft.fingerprint_sha256 = "aa";
    draft.not_after = std::chrono::floor<std::chrono::seconds>(today) - std::chrono::days(3);
    Holdings holdings;
    holdings.add(packed(draft), file("/a.pem", start + "HYPERLINK(\"x\")"));
    const auto found = lines(csv(of(holdings)));
    ASSERT_THAT(found, SizeIs(2)) << "a line end in a name makes no line";
    EXPECT_THAT(found[0], StartsWith("fingerprint_sha256,subject_cn,"));
    bool begins = true, quoted = false;
    for (const char character : found[1]) {
      if (begins && character != '"') {
        EXPECT_EQ(std::string("=+-@\t\r\n").find(character), std::string::npos) << found[1];
      }
      if (character == '"') quoted = !quoted;
      begins = (begins && character == '"') || (!quoted && character == ',');
    }
    EXPECT_THAT(found[1], HasSubstr(",,3.0,")) << "expired three days ago, and no minus";
    EXPECT_THAT(found[1], HasSubstr("'-01"));
  }
}

TEST(Csv, ACellWithQuotesOrCommasIsQuoted) {
  Holdings holdings;
  holdings.add(of_key("a, \"b\"", 1, "aa"), file("/a.pem"));
  EXPECT_THAT(csv(of(holdings)), AllOf(HasSubstr("\"a, \"\"b\"\"\""), HasSubstr(",10.0,,"), HasSubstr("file /a.pem\r\n")));
}

TEST(InventoryJson, SaysEverythingOfACertificateAndItsPlaces) {
  Holdings holdings;
  holdings.add(of_key("a\x1b[31m\xff", 1, "aa"), file("/a.pem", "web"));
  Document document = of(holdings);
  document.left_out = {"files web: /b.pem: permission denied"};
  const auto root = nlohmann::json::parse(json(document));
  EXPECT_EQ(root["left_out"], nlohmann::json({"files web: /b.pem: permission denied"}));
  const auto& one = root["certificates"][0];
  EXPECT_EQ(one["fingerprint_sha256"], "aa");
  EXPECT_EQ(one["key"], "ec:P-256");
  EXPECT_EQ(one["owners"], nlohmann::json({"web"}));
  EXPECT_NEAR(one["days_to_expiry"].get<double>(), 10, 0.001);
  EXPECT_TRUE(one["key_places"].is_null());
  EXPECT_EQ(one["places"][0]["target"], "/a.pem");
  EXPECT_EQ(one["places"][0]["labels"]["owner"], "web");
  EXPECT_THAT(one["subject_common_name"].get<std::string>(), AllOf(StartsWith("a"), Not(HasSubstr("\x1b"))));
}

TEST(InventoryJson, ALongNameIsNotCut) {
  std::string name;
  while (name.size() < 5000) name += "\xC3\xBC.example";
  EXPECT_EQ(clean(name), name);
}

// tests/deploy/inventory_test.py asks the published schema.
TEST(CycloneDx, EveryReferenceExistsAndEveryComponentOnce) {
  Holdings holdings;
  holdings.add(of_key("a", 1, "aa"), file("/a.pem"));
  holdings.add(of_key("b", 1, "bb"), file("/b.pem"));
  const auto root = nlohmann::json::parse(cyclonedx(of(holdings)));
  EXPECT_EQ(root["bomFormat"], "CycloneDX");
  EXPECT_EQ(root["specVersion"], "1.6");
  std::set<std::string> known, wanted;
  std::size_t certificates = 0;
  for (const auto& component : root["components"]) {
    EXPECT_EQ(component["type"], "cryptographic-asset");
    EXPECT_TRUE(known.insert(component["bom-ref"].get<std::string>()).second) << component["bom-ref"];
    const auto& properties = component["cryptoProperties"];
    if (properties["assetType"] == "certificate") {
      ++certificates;
      wanted.insert(properties["certificateProperties"]["subjectPublicKeyRef"].get<std::string>());
      EXPECT_EQ(component["hashes"][0]["alg"], "SHA-256");
      EXPECT_THAT(component["evidence"]["occurrences"], SizeIs(1));
    }
    if (properties["assetType"] == "related-crypto-material")
      wanted.insert(properties["relatedCryptoMaterialProperties"]["algorithmRef"].get<std::string>());
  }
  EXPECT_EQ(certificates, 2u);
  EXPECT_THAT(wanted, SizeIs(2)) << "one key and its algorithm";
  for (const std::string& reference : wanted) EXPECT_TRUE(known.contains(reference)) << reference;
}

TEST(CycloneDx, WhatAListAloneNamesHasNoHash) {
  Holdings holdings;
  holdings.add(of_key("a", 0, ""), {.source = "authority", .target = "vpn"}, true);
  const auto root = nlohmann::json::parse(cyclonedx(of(holdings)));
  ASSERT_THAT(root["components"], SizeIs(1));
  EXPECT_FALSE(root["components"][0].contains("hashes"));
}

}  // namespace
}  // namespace exporter::inventory
