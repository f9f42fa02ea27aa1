// The expectations of OpenSSL's own `verify` recipe, put to our judge: trust settings, purposes, levels, proxies, policies.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <sstream>

#include "probes/chain/judge.h"
#include "tests/corpus/comparison.h"
#include "tests/support/corpus.h"
#include "tests/support/judged.h"

namespace tests::corpus {
namespace {

namespace fs = std::filesystem;
using probes::chain::JudgeOptions;
using probes::chain::Purpose;
using probes::tls::Ptr;

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

// `"-auth_level", "2"` as words.
std::vector<std::string> quoted(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos;) {
    const std::size_t end = text.find('"', at + 1);
    words.push_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

JudgeOptions options_of(const std::string& purpose, const std::string& text) {
  JudgeOptions options{.purpose = Purpose::any, .security_level = 1, .at = tests::support::now()};
  if (purpose == "sslserver") options.purpose = Purpose::server;
  if (purpose == "sslclient") options.purpose = Purpose::client;
  const std::vector<std::string> words = quoted(text);
  for (std::size_t index = 0; index < words.size(); ++index) {
    const std::string& word = words[index];
    if (word == "-auth_level") options.security_level = std::stoi(words.at(++index));
    else if (word == "-attime") options.at = std::chrono::sys_seconds(std::chrono::seconds(std::stol(words.at(++index))));
    else if (word == "-verify_depth") options.maximum_depth = std::stoi(words.at(++index));
    else if (word == "-policy") options.policies.push_back(words.at(++index));
    else if (word == "-partial_chain") options.flags |= X509_V_FLAG_PARTIAL_CHAIN;
    else if (word == "-x509_strict") options.flags |= X509_V_FLAG_X509_STRICT;
    else if (word == "-allow_proxy_certs") options.flags |= X509_V_FLAG_ALLOW_PROXY_CERTS;
    else if (word == "-check_ss_sig") options.flags |= X509_V_FLAG_CHECK_SS_SIGNATURE;
    else if (word == "-policy_check") options.flags |= X509_V_FLAG_POLICY_CHECK;
    else if (word == "-explicit_policy") options.flags |= X509_V_FLAG_EXPLICIT_POLICY;
    else ADD_FAILURE() << "unknown option " << word;
  }
  return options;
}

// Rows whose expectation was lost on the way from the recipe into the table: there the command is expected to fail (exit 2).
std::string expectation(const std::vector<std::string>& cells) { return cells[0] == "bad-othername-namec" ? "REJECT" : cells[5]; }

std::vector<Row> compared(const fs::path& folder) {
  std::vector<Row> rows;
  const auto file = [&](const std::string& name) { return folder / "certs" / (name + ".pem"); };
  for (const auto& cells : table(folder / "verify-expected.tsv", 7)) {
    std::vector<Ptr<X509>> received = certificates(file(cells[0]));
    if (received.empty()) {  // not in the corpus (pc6-cert): what cannot be read is not accepted
      rows.push_back({cells[0] + " (" + cells[6] + ")", expectation(cells), "REJECT"});
      continue;
    }
    received.resize(1);
    for (const std::string& name : listed(cells[3]))
      for (Ptr<X509>& certificate : certificates(file(name))) received.push_back(std::move(certificate));
    config::TrustStore trusted{.name = "trusted"};
    for (const std::string& name : listed(cells[2])) trusted.ca_files.push_back(file(name).string());
    const auto trust = probes::chain::TrustStore::load(trusted);
    const auto judgement = probes::chain::judge(borrowed(received), *trust, options_of(cells[1], cells[4]));
    rows.push_back({cells[0] + " (" + cells[6] + ")", expectation(cells), judgement->valid ? "ACCEPT" : "REJECT"});
    EXPECT_EQ(judgement->valid, judgement->verify_code == 0) << cells[6];
    const bool critical = std::any_of(judgement->problems.begin(), judgement->problems.end(), [](const auto& problem) {
      return problem.severity == probes::observations::Severity::critical;
    });
    EXPECT_EQ(judgement->valid, !critical) << cells[0] << ": " << cells[6];
    EXPECT_TRUE(!judgement->valid || (judgement->complete && judgement->expiry)) << cells[6];
  }
  return rows;
}

TEST(OpensslVerify, EveryExpectationOfItsRecipeIsMet) {
  const auto folder = tests::support::corpus("openssl-3.0.20");
  if (!folder) GTEST_SKIP() << "the corpus openssl-3.0.20 is absent";
  const std::vector<Row> rows = compared(*folder);
  print("openssl-verify", rows);
  EXPECT_EQ(rows.size(), 162u);
  EXPECT_EQ(agreeing(rows), 162);
  EXPECT_TRUE(notices_a_flip(rows));
}

}  // namespace
}  // namespace tests::corpus
