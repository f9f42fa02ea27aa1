// A hundred odd certificates of zlint's: every fact equals what the installed openssl prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <sstream>

#include "probes/tls/certificate_facts.h"
#include "tests/corpus/comparison.h"
#include "tests/support/corpus.h"

namespace tests::corpus {
namespace {

namespace fs = std::filesystem;
using probes::observations::CertificateDraft;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

// What stands in `text` between `after` and the end of the line; "-" where `after` is missing.
std::string rest_of_line(const std::string& text, const std::string& after) {
  const std::size_t at = text.find(after);
  if (at == std::string::npos) return "-";
  const std::size_t from = at + after.size();
  return text.substr(from, text.find('\n', from) - from);
}

std::string printed(probes::observations::Date date) {
  if (!date) return "-";
  const std::chrono::sys_seconds instant = *date;
  const std::time_t seconds = instant.time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts);
  return text;
}

// OpenSSL's list of names: as many as there are ", " between them, and one. It prints none of a list with a NUL in it.
std::string names_in(const std::string& text) {
  const std::size_t heading = text.find("X509v3 Subject Alternative Name:");
  if (heading == std::string::npos) return "0";
  const std::string line = rest_of_line(text.substr(text.find('\n', heading) + 1), "");
  if (line.find(':') == std::string::npos) return "unprinted";
  int names = 1;
  for (std::size_t at = 0; (at = line.find(", ", at)) != std::string::npos; ++at) ++names;
  return std::to_string(names);
}

std::string key_bits_in(const std::string& text) {
  if (text.find("ED25519 Public-Key:") != std::string::npos) return "256";  // printed without its one possible size
  const std::string bits = rest_of_line(text, "Public-Key: (");
  return bits == "-" ? "0" : bits.substr(0, bits.find(' '));
}

std::string openssls_reading(const fs::path& file) {
  const std::string text = output_of("openssl x509 -in '" + file.string() +
                                     "' -noout -serial -startdate -enddate -dateopt iso_8601 -subject -issuer -nameopt "
                                     "RFC2253,-esc_msb -fingerprint -sha256 -text");
  if (text.find("Could not read certificate") != std::string::npos ||
      text.find("Unable to load certificate") != std::string::npos)
    return "no certificate";
  std::string signature = rest_of_line(text, "Signature Algorithm: ");
  std::erase(signature, ' ');  // printed with blanks behind it when parameters follow
  std::string fingerprint = lower(rest_of_line(text, "Fingerprint="));
  std::erase(fingerprint, ':');
  std::ostringstream line;
  line << lower(rest_of_line(text, "serial=")) << " | " << rest_of_line(text, "notBefore=") << " | "
       << rest_of_line(text, "notAfter=") << " | " << rest_of_line(text, "subject=") << " | " << rest_of_line(text, "issuer=")
       << " | " << fingerprint << " | " << key_bits_in(text) << " bits | " << names_in(text) << " names | " << signature;
  return line.str();
}

std::string names_of(X509* certificate, const CertificateDraft& facts) {
  const auto& names = facts.subject_alternative_names;
  const bool with_nul =
      std::any_of(names.begin(), names.end(), [](const auto& name) { return name.value.find('\0') != std::string::npos; });
  const bool unread = names.empty() && X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0;
  return with_nul || unread ? "unprinted" : std::to_string(names.size());
}

std::string our_reading(X509* certificate) {
  const CertificateDraft facts = probes::tls::facts(certificate);
  std::ostringstream line;
  line << facts.serial << " | " << printed(facts.not_before) << " | " << printed(facts.not_after) << " | " << facts.subject
       << " | " << facts.issuer << " | " << facts.fingerprint_sha256 << " | " << facts.key_bits << " bits | "
       << names_of(certificate, facts) << " names | " << facts.signature_algorithm;
  return line.str();
}

TEST(Zlint, FactsEqualOpensslsReading) {
  const auto folder = tests::support::corpus("zlint");
  if (!folder) GTEST_SKIP() << "the corpus zlint is absent";
  if (!output_of("openssl version").starts_with("OpenSSL")) GTEST_SKIP() << "the openssl command is absent";
  std::vector<Row> rows;
  for (const auto& entry : fs::directory_iterator(*folder)) {
    if (entry.path().extension() != ".pem") continue;
    const auto certificate = certificates(entry.path());
    rows.push_back({entry.path().stem().string(), openssls_reading(entry.path()),
                    certificate.empty() ? "no certificate" : our_reading(certificate[0].get())});
  }
  print("zlint-facts", rows);
  EXPECT_EQ(rows.size(), 100u);
  EXPECT_EQ(agreeing(rows), static_cast<int>(rows.size()));
  EXPECT_TRUE(notices_a_flip(rows));
}

}  // namespace
}  // namespace tests::corpus
