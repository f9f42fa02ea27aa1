// Keystores that others wrote: the entries that keytool and openssl list in them, or the reason why there are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/corpus/comparison.h"
#include "tests/probes/inventory/reading.h"
#include "tests/support/corpus.h"

namespace tests::corpus {
namespace {

namespace fs = std::filesystem;
using inventory::reasons;
using probes::observations::Inventory;

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Inventory read(const fs::path& file, const std::string& passphrase) {
  return inventory::read(content(file), passphrase.empty() ? std::vector<std::string>{} : std::vector<std::string>{passphrase});
}

class Keystores : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = support::corpus("keystores");
    if (!folder_) GTEST_SKIP() << "the corpus is not here";
  }
  std::optional<fs::path> folder_;
};

// file, magic, password, trustedCertEntry, PrivateKeyEntry, SecretKeyEntry. An entry is an alias with at least one certificate.
TEST_F(Keystores, JavaKeystoresListWhatKeytoolLists) {
  std::vector<Row> rows;
  for (const auto& cells : table(*folder_ / "jks-keytool-17.tsv", 6)) {
    const Inventory found = read(*folder_ / cells[0], cells[2] == "?" ? "" : cells[2]);
    std::set<std::string> aliases;
    for (const auto& one : found.certificates) aliases.emplace(one.place.alias());
    const int entries = std::atoi(cells[3].c_str()) + std::atoi(cells[4].c_str());
    const std::string expected = entries == 0 ? "0 no_certificates" : std::to_string(entries);
    std::string said = std::to_string(aliases.size());
    for (const std::string& reason : reasons(found)) said += " " + reason;
    rows.push_back({cells[0], expected, said});
  }
  print("jks-keytool-17", rows);
  EXPECT_EQ(agreeing(rows), static_cast<int>(rows.size()));
  EXPECT_EQ(rows.size(), 10u);
  EXPECT_TRUE(notices_a_flip(rows));
}

// file, password, provider, certificates.
TEST_F(Keystores, Pkcs12HoldsWhatOpensslFinds) {
  std::vector<Row> rows;
  for (const auto& cells : table(*folder_ / "pkcs12-openssl-3.0.22.tsv", 4)) {
    const bool unknown = cells[1] == "?";
    const Inventory found = read(*folder_ / cells[0], unknown ? "" : cells[1]);
    const std::string expected = cells[2] == "FAILS" ? "bad" : cells[3] == "0" ? "0 no_certificates" : cells[3];
    std::string said = std::to_string(found.certificates.size());
    for (const std::string& reason : reasons(found)) said += " " + reason;
    if (said == "0 bad_passphrase" || said == "0 bad_pkcs12") said = "bad";
    rows.push_back({cells[0], expected, said});
  }
  print("pkcs12-openssl", rows);
  EXPECT_EQ(agreeing(rows), static_cast<int>(rows.size()));
  EXPECT_EQ(rows.size(), 16u);
}

// GnuTLS prints the certificates of each .p7b as PEM beside it.
TEST_F(Keystores, Pkcs7HoldsWhatGnutlsFinds) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(*folder_ / "gnutls")) {
    if (entry.path().extension() != ".p7b") continue;
    const std::string expected = content(entry.path().string() + ".out");
    std::size_t certificates = 0;
    for (std::size_t at = expected.find("BEGIN CERTIFICATE"); at != std::string::npos;
         at = expected.find("BEGIN CERTIFICATE", at + 1))
      ++certificates;
    const Inventory found = read(entry.path(), "");
    EXPECT_EQ(found.certificates.size(), certificates) << entry.path();
    EXPECT_THAT(reasons(found), testing::IsEmpty()) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);
}

}  // namespace
}  // namespace tests::corpus
