// The README's tables are the code's. With UPDATE_README set the test writes them instead.
#include "exporter/metrics/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace exporter::metrics {
namespace {

const std::string readme_path = std::string(MTLS_SOURCE_DIR) + "/README.md";

std::string readme() {
  std::ifstream stream(readme_path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Compares what stands between the markers of `name` with `table`, or replaces it.
void check(const std::string& name, const std::string& table) {
  std::string text = readme();
  const std::string begin = "<!-- " + name + ":begin -->\n", end = "<!-- " + name + ":end -->";
  const auto start = text.find(begin);
  ASSERT_NE(start, std::string::npos) << "README.md lacks " << begin;
  const auto from = start + begin.size();
  const auto to = text.find(end, from);
  ASSERT_NE(to, std::string::npos) << "README.md lacks " << end;
  if (std::getenv("UPDATE_README") != nullptr) {
    std::ofstream(readme_path) << text.replace(from, to - from, table);
    return;
  }
  EXPECT_EQ(text.substr(from, to - from), table) << "run this test with UPDATE_README=1";
}

TEST(Readme, HasTheTableOfMetrics) { check("metrics", metrics_table()); }

TEST(Readme, HasTheTableOfFailureReasons) { check("reasons", reasons_table()); }

}  // namespace
}  // namespace exporter::metrics
