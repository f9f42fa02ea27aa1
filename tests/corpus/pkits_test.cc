// NIST's Public Key Interoperability Test Suite: certificates, CRLs and policy settings, put to our judge.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <map>
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

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

Ptr<X509_CRL> revocation_list(const fs::path& file) {
  const Ptr<BIO> bio(BIO_new_file(file.c_str(), "rb"));
  return Ptr<X509_CRL>(d2i_X509_CRL_bio(bio.get(), nullptr));
}

// "NIST-test-policy-3" stands for 2.16.840.1.101.3.2.1.48.3.
std::string policy(const std::string& name) { return "2.16.840.1.101.3.2.1.48." + name.substr(name.rfind('-') + 1); }

void apply(const std::string& setting, JudgeOptions& options) {
  const std::string name = setting.substr(0, setting.find('='));
  const std::string value = setting.substr(setting.find('=') + 1);
  if (name == "SetInitialPolicySet")
    for (const std::string& one : split(value, ',')) options.policies.push_back(policy(one));
  else if (name == "SetInitialExplicitPolicy") options.flags |= X509_V_FLAG_EXPLICIT_POLICY;
  else if (name == "SetInitialPolicyMappingInhibit") options.flags |= X509_V_FLAG_INHIBIT_MAP;
  else if (name == "SetInitialInhibitAnyPolicy") options.flags |= X509_V_FLAG_INHIBIT_ANY;
  else EXPECT_EQ(name, "SetUserConstrainedPolicySet") << "an output of the test, no input";
}

// Who reads the lists: OpenSSL, or the trust store as in the exporter.
enum class Reader { openssl, ours };

// What `crl: require` asks for: everything below the anchor is good.
bool all_good(const probes::observations::ChainJudgement& judgement) {
  return std::ranges::all_of(judgement.revocation, [](const probes::observations::RevocationAnswer& answer) {
    return answer.status == probes::observations::RevocationStatus::good;
  });
}

probes::revocation::Lists lists_of(const std::vector<Ptr<X509_CRL>>& crls) {
  probes::revocation::Lists lists;
  for (const Ptr<X509_CRL>& crl : crls) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &der);
    if (const auto list = probes::revocation::List::read({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}))
      lists.add({list, "pkits"});
    OPENSSL_free(der);
  }
  return lists;
}

std::vector<Row> compared(const fs::path& folder, Reader reader) {
  std::vector<Row> rows;
  for (const auto& cells : table(folder / "expected.tsv", 6)) {
    std::vector<Ptr<X509>> path;  // root first, as PKITS lists it
    for (const std::string& name : split(cells[3], ','))
      path.push_back(std::move(certificates(folder / "certs" / (name + ".crt")).at(0)));
    std::vector<Ptr<X509_CRL>> crls;
    for (const std::string& name : split(cells[4], ',')) crls.push_back(revocation_list(folder / "crls" / (name + ".crl")));
    JudgeOptions options{
        .purpose = Purpose::any, .security_level = 0, .at = std::chrono::sys_days(std::chrono::year(2021) / 1 / 1)};
    if (reader == Reader::openssl)
      options.flags =
          X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS;
    for (const Ptr<X509_CRL>& crl : crls) options.crls.push_back(crl.get());
    for (const std::string& setting : split(cells[5], ';')) apply(setting, options);
    if (options.policies.empty()) options.policies = {"2.5.29.32.0"};  // PKITS: the initial policy set is any-policy by default
    const auto trust = probes::chain::TrustStore::of("pkits", {path.front().get()}, false,
                                                     reader == Reader::ours ? lists_of(crls) : probes::revocation::Lists());
    std::vector<X509*> received = borrowed(path);
    received.erase(received.begin());
    std::reverse(received.begin(), received.end());
    const auto judgement = probes::chain::judge(received, *trust, options);
    const bool valid = judgement->valid && (reader == Reader::openssl || all_good(*judgement));
    std::string why = judgement->verify_text;
    for (const auto& answer : judgement->revocation) why += "; " + described(answer);
    rows.push_back({cells[0] + " " + cells[1], cells[2], valid ? "VALID" : "INVALID (" + why + ")"});
    if (!valid && cells[2] == "INVALID") rows.back().actual = "INVALID";
  }
  ERR_clear_error();
  return rows;
}

void expect_all_but(const std::vector<std::string>& exceptions, Reader reader) {
  const auto folder = tests::support::corpus("nist-pkits");
  if (!folder) GTEST_SKIP() << "the corpus nist-pkits is absent";
  const std::vector<Row> rows = compared(*folder, reader);
  print("pkits", rows);
  EXPECT_EQ(rows.size(), 249u);
  EXPECT_TRUE(notices_a_flip(rows));
  std::vector<std::string> found;
  for (const Row& row : rows)
    if (row.expected != row.actual) found.push_back(row.id.substr(0, row.id.find(' ')));
  EXPECT_EQ(found, exceptions);
}

// What OpenSSL 3.0 cannot do: DSA parameters inherited from the issuer, and a CRL issuer certified by another root.
TEST(Pkits, EveryPathButTwoIsJudgedAsNistExpects) { expect_all_but({"4.1.5", "4.14.30"}, Reader::openssl); }

// Ours knows the issuer of a list by its own path to the same anchor.
TEST(Pkits, OurOwnReadingOfTheListsIsRightWhereOpensslIsNot) { expect_all_but({"4.1.5"}, Reader::ours); }

}  // namespace
}  // namespace tests::corpus
