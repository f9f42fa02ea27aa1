#include "probes/observations/finding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace probes::observations {
namespace {

TEST(Finding, TheTableStandsInTheOrderOfTheEnumeration) {
  for (std::size_t index = 0; index < all_findings().size(); ++index)
    EXPECT_EQ(static_cast<std::size_t>(all_findings()[index].finding), index) << all_findings()[index].word;
  EXPECT_EQ(all_findings().back().finding, Finding::token_unavailable);
}

TEST(Finding, EveryFindingHasItsOwnWordARuleAndASentence) {
  std::set<std::string_view> words;
  for (const FindingRow& row : all_findings()) {
    EXPECT_TRUE(words.insert(row.word).second) << row.word;
    EXPECT_TRUE(std::all_of(row.word.begin(), row.word.end(),
                            [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }));
    EXPECT_FALSE(row.rule.empty()) << row.word;
    EXPECT_FALSE(row.meaning.empty() || row.meaning.ends_with('.')) << row.word;
  }
}

TEST(Finding, TheContractsWordsAreKept) {
  std::set<std::string_view> words;
  for (const FindingRow& row : all_findings())
    if (row.subject == Subject::chain) words.insert(row.word);
  for (const char* word : {"expired", "not_yet_valid", "untrusted_root", "missing_intermediate", "anchor_not_root", "self_signed",
                           "misordered", "root_served", "superfluous", "duplicate", "revoked", "wrong_purpose", "weak_signature",
                           "weak_key", "constraint_violation"})
    EXPECT_TRUE(words.contains(word)) << word;
}

}  // namespace
}  // namespace probes::observations
