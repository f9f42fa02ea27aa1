// OpenSSL's own expectations of OCSP answers: whose signature holds under which issuer.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "probes/inventory/reading.h"
#include "probes/revocation/ocsp.h"
#include "tests/corpus/comparison.h"
#include "tests/support/corpus.h"
#include "tests/support/judged.h"

namespace tests::corpus {
namespace {

namespace fs = std::filesystem;

// As the corpus says: these answers are of 2012.
constexpr std::chrono::sys_seconds then(std::chrono::seconds(1355875200));

std::string decoded(const fs::path& file) {
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  std::string der;
  EXPECT_TRUE(probes::inventory::decode_base64(text, der)) << file;
  return der;
}

TEST(OpensslOcsp, EveryAnswerIsBelievedOrNotAsExpected) {
  const auto folder = tests::support::corpus("openssl-3.0.20");
  if (!folder) GTEST_SKIP() << "the corpus openssl-3.0.20 is absent";
  std::vector<Row> rows;
  for (const auto& cells : table(*folder / "ocsp-expected.tsv", 5)) {
    const auto issuers = certificates(*folder / "ocsp-tests" / cells[2]);
    const auto others = certificates(*folder / "ocsp-tests" / (cells[3].empty() ? cells[2] : cells[3]));
    const bool believed =
        probes::revocation::is_signed(decoded(*folder / "ocsp-tests" / cells[1]), borrowed(issuers), borrowed(others), then);
    rows.push_back({cells[0] + " (" + cells[1] + ")", cells[4], believed ? "0" : "1"});
  }
  print("openssl ocsp", rows);
  EXPECT_EQ(rows.size(), 59u);
  EXPECT_TRUE(notices_a_flip(rows));
  for (const Row& row : rows) EXPECT_EQ(row.actual, row.expected) << row.id;
}

}  // namespace
}  // namespace tests::corpus
