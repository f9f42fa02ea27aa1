#include "exporter/estate/stored_leaves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// For `names` in this order, beginning `day` days after an ordinary one.
CertificatePtr leaf(const std::string& subject, const std::vector<std::string>& names, int day = 0) {
  CertificateDraft made = draft_of(*a_certificate(subject));
  made.subject_alternative_names.clear();
  for (const std::string& name : names) made.subject_alternative_names.push_back({SubjectAlternativeName::Kind::dns, name});
  made.not_before = *made.not_before + std::chrono::days(day);
  return packed(made);
}

std::vector<std::string> paths(const std::vector<StoredLeaf>& leaves) {
  std::vector<std::string> found;
  for (const StoredLeaf& one : leaves) found.emplace_back(one.place.text());
  return found;
}

TEST(StoredLeaves, APurposeIsSubjectAndNamesInAnyOrder) {
  EXPECT_EQ(purpose_of(*leaf("a", {"x", "y"})), purpose_of(*leaf("a", {"y", "x"}, 3)));
  EXPECT_NE(purpose_of(*leaf("a", {"x", "y"})), purpose_of(*leaf("a", {"x"})));
  EXPECT_NE(purpose_of(*leaf("a", {"x"})), purpose_of(*leaf("b", {"x"})));
  EXPECT_EQ(purpose_of(*packed({})), "");
}

TEST(StoredLeaves, FindsTheCounterpartsOfWhatIsServed) {
  StoredLeaves leaves;
  leaves.replace("web", {{Location("/b.pem"), leaf("a", {"x"})},
                         {Location("/other.pem"), leaf("b", {"x"})},
                         {Location("/a.pem"), leaf("a", {"x"}, 1)}});
  EXPECT_THAT(paths(leaves.counterparts(*leaf("a", {"x"}), "")), ElementsAre("/a.pem", "/b.pem"));
  EXPECT_THAT(leaves.counterparts(*leaf("c", {"x"}), ""), IsEmpty());
}

TEST(StoredLeaves, WhatIsForNothingHasNoCounterparts) {
  StoredLeaves leaves;
  leaves.replace("web", {{Location("/a.pem"), packed({})}});
  EXPECT_THAT(leaves.counterparts(*packed({}), ""), IsEmpty());
}

TEST(StoredLeaves, TheFileThatATargetNamesIsItsCounterpartWhateverItIsFor) {
  StoredLeaves leaves;
  leaves.replace_named({{Location("/named.pem"), leaf("b", {"y"})}});
  EXPECT_THAT(paths(leaves.counterparts(*leaf("a", {"x"}), "/named.pem")), ElementsAre("/named.pem"));
  EXPECT_THAT(leaves.counterparts(*leaf("a", {"x"}), ""), IsEmpty());
  EXPECT_THAT(leaves.counterparts(*leaf("b", {"y"}), ""), IsEmpty());
}

TEST(StoredLeaves, APathIsOneCounterpartHoweverManySourcesHoldIt) {
  StoredLeaves leaves;
  leaves.replace("web", {{Location("/a.pem"), leaf("a", {"x"})}});
  leaves.replace("all", {{Location("/a.pem"), leaf("a", {"x"})}});
  leaves.replace_named({{Location("/a.pem"), leaf("a", {"x"})}});
  EXPECT_THAT(leaves.counterparts(*leaf("a", {"x"}), "/a.pem"), SizeIs(1));
}

TEST(StoredLeaves, ReplacingASourceSaysWhatChanged) {
  StoredLeaves leaves;
  const CertificatePtr kept = leaf("kept", {"x"}), old = leaf("a", {"x"}), renewed = leaf("a", {"x"}, 1);
  EXPECT_THAT(leaves.replace("web", {{Location("/a.pem"), old}, {Location("/k.pem"), kept}}).purposes, SizeIs(2));
  EXPECT_TRUE(leaves.replace("web", {{Location("/k.pem"), kept}, {Location("/a.pem"), old}}).empty());
  EXPECT_THAT(leaves.replace("web", {{Location("/a.pem"), renewed}, {Location("/k.pem"), kept}}).purposes,
              ElementsAre(digest_of_purpose(*old)));
  EXPECT_EQ(leaves.counterparts(*old, "").at(0).certificate, renewed);
  EXPECT_THAT(leaves.replace("web", {}).purposes, SizeIs(2));
  EXPECT_THAT(leaves.counterparts(*old, ""), IsEmpty());
  EXPECT_THAT(leaves.replace_named({{Location("/a.pem"), old}}).paths, ElementsAre("/a.pem"));
  EXPECT_TRUE(leaves.replace_named({{Location("/a.pem"), old}}).empty());
  EXPECT_THAT(leaves.replace_named({{Location("/a.pem"), renewed}}).paths, ElementsAre("/a.pem"));
  EXPECT_THAT(leaves.replace_named({}).paths, ElementsAre("/a.pem"));
}

TEST(StoredLeaves, OfALongHistoryTheLatestCount) {
  StoredLeaves leaves;
  std::vector<StoredLeaf> history;
  for (int day = 0; day < 30; ++day)
    history.push_back({Location("/history/" + std::to_string(100 + day)), leaf("a", {"x"}, day)});
  leaves.replace("history", history);
  leaves.replace_named({{Location("/a.pem"), leaf("a", {"x"}, -1)}});
  const auto found = paths(leaves.counterparts(*leaf("a", {"x"}), "/a.pem"));
  EXPECT_THAT(found, SizeIs(counterparts_limit + 1));
  EXPECT_EQ(found.front(), "/a.pem");
  EXPECT_EQ(found.back(), "/history/129");
}

}  // namespace
}  // namespace exporter
