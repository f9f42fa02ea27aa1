// The README's table of findings is the code's. With UPDATE_README set the test writes it instead.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "probes/observations/finding.h"

namespace probes::observations {
namespace {

const std::string begin = "<!-- findings:begin -->\n";
const std::string end = "<!-- findings:end -->";

std::string_view word(Subject subject) {
  switch (subject) {
    case Subject::chain: return "chain";
    case Subject::certificate: return "certificate";
    case Subject::identity: return "identity";
  }
  return "chain";
}

std::string findings_table() {
  std::string table = "| finding | about | severity | meaning | rule |\n|---|---|---|---|---|\n";
  for (const FindingRow& row : all_findings())
    table.append("| `").append(row.word).append("` | ").append(word(row.subject)).append(" | ").append(word(row.severity)).append(" | ")
        .append(row.meaning).append(" | ").append(row.rule).append(" |\n");
  return table;
}

TEST(Readme, HasTheTableOfFindings) {
  const std::string path = std::string(MTLS_SOURCE_DIR) + "/README.md";
  std::ifstream stream(path);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  ASSERT_NE(text.find(begin), std::string::npos);
  const auto from = text.find(begin) + begin.size();
  const auto to = text.find(end, from);
  ASSERT_NE(to, std::string::npos);
  if (std::getenv("UPDATE_README") != nullptr) std::ofstream(path) << text.replace(from, to - from, findings_table());
  else EXPECT_EQ(text.substr(from, to - from), findings_table()) << "run this test with UPDATE_README=1";
}

}  // namespace
}  // namespace probes::observations
