// badssl.com's pregenerated chains: each carries the finding, or shows the fact, that its name announces.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "probes/chain/judge.h"
#include "probes/tls/certificate_facts.h"
#include "tests/corpus/comparison.h"
#include "tests/support/corpus.h"
#include "tests/support/judged.h"

namespace tests::corpus {
namespace {

namespace fs = std::filesystem;

struct Announced {
  std::string chain;  // below sets/prod/pregen/chain
  std::string what;   // the word of a finding, or "fact=value"
  std::string root;   // below src/crt: sent along, as software with a root of its own would
};

const std::vector<Announced>& announced() {
  static const std::vector<Announced> table = {
      {"subdomain-1000-sans.pem", "names=1000", ""},
      {"subdomain-10000-sans.pem", "names=10000", ""},
      {"subdomain-no-subject.pem", "subject=", ""},
      {"subdomain-no-common-name.pem", "common_name=", ""},
      {"subdomain-xn--n1aae7f7o.pem", "cn_not_in_san", ""},  // written in Cyrillic in the subject, as A-label in the SAN
      {"wildcard-expired.pem", "expired", ""},
      {"wildcard-self-signed.pem", "self_signed", ""},
      {"wildcard-incomplete-chain.pem", "missing_intermediate", ""},
      {"old/wildcard-incomplete-chain.pem", "missing_intermediate", ""},
      {"wildcard-sha1-2016.pem", "sha1_or_md5_signature", ""},
      {"wildcard-sha1-2017.pem", "sha1_or_md5_signature", ""},
      {"wildcard-sha1-2017.pem", "weak_signature", ""},
      {"wildcard-sha1-intermediate.pem", "sha1_or_md5_signature", ""},
      {"wildcard-sha384.pem", "signature=sha384WithRSAEncryption", ""},
      {"wildcard-sha512.pem", "signature=sha512WithRSAEncryption", ""},
      {"wildcard-rsa2048.pem", "key=rsa:2048", ""},
      {"wildcard-rsa4096.pem", "key=rsa:4096", ""},
      {"wildcard-rsa8192.pem", "key=rsa:8192", ""},
      {"wildcard-rsa8192.pem", "wildcard", ""},
      {"wildcard-ecc256.pem", "key=ec:P-256", ""},
      {"wildcard-ecc384.pem", "key=ec:P-384", ""},
      {"subdomain-superfish.pem", "untrusted_root", "ca-superfish.crt"},
      {"subdomain-edellroot.pem", "untrusted_root", "ca-edellroot.crt"},
      {"subdomain-dsdtestprovider.pem", "untrusted_root", "ca-dsdtestprovider.crt"},
  };
  return table;
}

// The words of all findings, and the facts of the leaf in the notation of the table.
std::set<std::string> shown(const fs::path& folder, const Announced& row, const probes::chain::TrustStore& trust) {
  auto received = certificates(folder / "sets/prod/pregen/chain" / row.chain);
  if (received.empty()) return {};
  if (!row.root.empty())
    for (auto& authority : certificates(folder / "src/crt" / row.root)) received.push_back(std::move(authority));
  const auto facts = probes::tls::facts(received.front().get());
  const auto at = row.what == "expired" ? tests::support::now() : *facts.not_before + std::chrono::hours(24);
  const auto found = tests::support::words(probes::chain::judge(borrowed(received), trust, {.at = at})->problems);
  std::set<std::string> all(found.begin(), found.end());
  all.insert({"names=" + std::to_string(facts.subject_alternative_names.size()), "subject=" + facts.subject,
              "common_name=" + facts.subject_common_name, "signature=" + facts.signature_algorithm,
              "key=" + probes::observations::key_word(*packed(facts))});
  return all;
}

TEST(Badssl, EveryChainShowsWhatItsNameAnnounces) {
  const auto folder = tests::support::corpus("badssl");
  if (!folder) GTEST_SKIP() << "the corpus badssl is absent";
  const auto trust = probes::chain::TrustStore::load({.name = "public", .system = true});
  std::vector<Row> rows;
  for (const Announced& row : announced()) {
    const std::set<std::string> all = shown(*folder, row, *trust);
    std::string others;
    for (const std::string& one : all) others += one + " ";
    rows.push_back({row.chain, row.what, all.contains(row.what) ? row.what : others});
  }
  print("badssl", rows);
  EXPECT_EQ(agreeing(rows), static_cast<int>(announced().size()));
  EXPECT_TRUE(notices_a_flip(rows));
}

}  // namespace
}  // namespace tests::corpus
