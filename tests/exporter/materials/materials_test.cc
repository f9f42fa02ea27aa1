#include "exporter/materials/materials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "exporter/materials/file_sighting.h"
#include "exporter/materials/material_watch.h"
#include "tests/exporter/materials/material_files.h"

namespace exporter {
namespace {

using probes::observations::Finding;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using tests::support::pem;

class LoadedMaterials : public MaterialFiles {
 protected:
  IdentitySlot slot(const MaterialsPtr& materials) { return identity_slot(*materials, settings->identities.at("a")); }
  TrustSlot trust(const MaterialsPtr& materials) { return trust_slot(*materials, settings->trust.at("internal")); }
  MaterialsPtr load(const MaterialsPtr& previous = nullptr) {
    return load_materials(settings, MaterialWatch::system_time(), previous);
  }
};

TEST_F(LoadedMaterials, HoldEveryIdentityAndTrustStoreAndTheSystems) {
  write_pair(leaf("first"));
  const MaterialsPtr materials = load();
  EXPECT_THAT(materials->identities, ElementsAre(Pair("a", testing::NotNull())));
  EXPECT_THAT(materials->trust, UnorderedElementsAre(Pair("", testing::NotNull()), Pair("internal", testing::NotNull())));
  const IdentitySlot published = slot(materials);
  EXPECT_TRUE(published.usable);
  EXPECT_EQ(published.labels.at("owner"), "payments");
  EXPECT_EQ(published.certificates.at(0)->subject_common_name(), "first");
  ASSERT_TRUE(published.chain);
  EXPECT_TRUE(published.chain->valid);
  EXPECT_THAT(published.problems, IsEmpty());
}

TEST_F(LoadedMaterials, AMissingFileIsAProblemOfAnIdentityThatIsThere) {
  const IdentitySlot published = slot(load());
  EXPECT_FALSE(published.usable);
  EXPECT_THAT(published.problems, Contains(finding(Finding::certificate_missing)));
}

TEST_F(LoadedMaterials, AReloadKeepsTheLastGoodIdentityAndShowsWhatIsWrong) {
  write_pair(leaf("first"));
  const MaterialsPtr before = load();
  write_certificate(leaf("second"));
  const MaterialsPtr after = load(before);
  EXPECT_EQ(after->identities.at("a"), before->identities.at("a"));
  const IdentitySlot published = slot(after);
  EXPECT_TRUE(published.usable);
  EXPECT_EQ(published.certificates.at(0)->subject_common_name(), "first");
  EXPECT_THAT(published.problems, ElementsAre(finding(Finding::key_mismatch)));
}

TEST_F(LoadedMaterials, AReloadThatNamesOtherFilesKeepsNothing) {
  write_pair(leaf("first"));
  const MaterialsPtr before = load();
  settings = std::make_shared<config::Settings>(*settings);
  settings->identities["a"].certificate_file = path("elsewhere.crt");
  EXPECT_FALSE(slot(load(before)).usable);
}

TEST_F(LoadedMaterials, AReloadThatAllowsPartialChainsMakesAnotherStoreOfTheSameFiles) {
  const MaterialsPtr before = load();
  settings = std::make_shared<config::Settings>(*settings);
  settings->trust["internal"].partial_chain = true;
  std::filesystem::remove(path("anchors/root.pem"));
  const MaterialsPtr after = load(before);
  EXPECT_FALSE(before->trust.at("internal")->partial_chain());
  EXPECT_TRUE(after->trust.at("internal")->partial_chain());
}

TEST_F(LoadedMaterials, ATrustStoreThatLosesAnAnchorToAnErrorKeepsTheLastGoodOne) {
  const MaterialsPtr before = load();
  EXPECT_TRUE(trust(before).up);
  write("anchors/root.pem", "half");
  const MaterialsPtr after = load(before);
  EXPECT_EQ(after->trust.at("internal"), before->trust.at("internal"));
  EXPECT_FALSE(trust(after).up);
  EXPECT_THAT(trust(after).errors, ElementsAre(Pair(probes::observations::SourceReason::no_certificates, 1)));
  EXPECT_EQ(trust(after).certificates.size(), 1u);
}

TEST_F(LoadedMaterials, ATrustStoreThatOnlyGainsAnErrorIsTaken) {
  const MaterialsPtr before = load();
  write("anchors/broken.pem", "-----BEGIN CERTIFICATE-----\nhalf");
  const MaterialsPtr after = load(before);
  EXPECT_NE(after->trust.at("internal"), before->trust.at("internal"));
  EXPECT_FALSE(trust(after).up);
}

// Nobody mends a README.
TEST_F(LoadedMaterials, AReadmeBesideAnchorsIsNoError) {
  write("anchors/readme.txt", "hello");
  EXPECT_TRUE(trust(load()).up);
  EXPECT_THAT(trust(load()).errors, testing::IsEmpty());
}

TEST_F(LoadedMaterials, ATrustStoreWhoseAnchorIsTakenAwayIsTaken) {
  write("anchors/other.pem", pem(tests::support::root("Other").certificate.get()));
  const MaterialsPtr before = load();
  std::filesystem::remove(path("anchors/other.pem"));
  const MaterialsPtr after = load(before);
  EXPECT_EQ(trust(before).certificates.size(), 2u);
  EXPECT_EQ(trust(after).certificates.size(), 1u);
}

}  // namespace
}  // namespace exporter
