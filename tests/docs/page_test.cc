// The README's page is one that the code makes: the golden page of an unknown CA. With UPDATE_README set the test writes it
// instead.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace exporter::explain {
namespace {

const std::string folder = std::string(MTLS_SOURCE_DIR) + "/";

std::string content(const std::string& path) {
  std::ifstream stream(folder + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Readme, ShowsAPageAsItIsPrinted) {
  const std::string page =
      "```\n$ mtls_exporter probe payments-api\n" + content("tests/golden/pages/client_certificate_unknown_ca.txt") + "```\n";
  const std::string begin = "<!-- probe:begin -->\n", end = "<!-- probe:end -->";
  std::string readme = content("README.md");
  const auto start = readme.find(begin);
  ASSERT_NE(start, std::string::npos) << "README.md lacks " << begin;
  const auto from = start + begin.size(), to = readme.find(end, from);
  ASSERT_NE(to, std::string::npos) << "README.md lacks " << end;
  if (std::getenv("UPDATE_README") != nullptr) {
    std::ofstream(folder + "README.md") << readme.replace(from, to - from, page);
    return;
  }
  EXPECT_EQ(readme.substr(from, to - from), page) << "run this test with UPDATE_README=1";
}

}  // namespace
}  // namespace exporter::explain
