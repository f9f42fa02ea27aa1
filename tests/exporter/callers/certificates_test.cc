#include "exporter/callers/certificates.h"

#include <gtest/gtest.h>

#include "probes/bytes/base64.h"
#include "tests/support/test_ca.h"

namespace exporter::callers {
namespace {

using namespace ::tests::support;
using namespace std::chrono_literals;

const Issued& leaf() {
  static const Issued issued = issue({.common_name = "billing"});
  return issued;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

// $ssl_client_raw_cert, $ssl_client_cert, $ssl_client_escaped_cert; ssl_c_der,base64.
TEST(LoggedCertificate, IsReadInEveryForm) {
  const std::string raw = pem(leaf().certificate.get()), bytes = der(leaf().certificate.get());
  std::string escaped;
  for (const char c : raw) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-') escaped += c;
    else escaped.append(1, '%').append(1, digits[static_cast<unsigned char>(c) >> 4]).append(1, digits[c & 15]);
  }
  const std::string base64 = probes::bytes::base64(bytes);
  for (const std::string& text :
       {raw, replaced(raw, "\n", "\n\t"), replaced(raw, "\n", " "), escaped, base64, base64.substr(0, base64.find('='))}) {
    EXPECT_EQ(der_of(text), bytes) << text;
    const auto read = read_certificate(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->facts->subject_common_name(), "billing");
  }
}

TEST(LoggedCertificate, AnythingElseIsNone) {
  const std::string bytes = der(leaf().certificate.get());
  for (const std::string& text : {std::string(), std::string("-"), std::string("AAAA"), probes::bytes::base64(bytes + "x"),
                                  probes::bytes::base64(bytes.substr(1)), std::string("-----BEGIN CERTIFICATE-----"),
                                  std::string("%"), std::string("%2"), std::string(5000, 'A'), std::string("\xff\xfe")})
    EXPECT_EQ(read_certificate(text), nullptr) << text;
}

TEST(SeenCertificates, EachIsReadOnceAndSoManyInASecond) {
  SeenCertificates seen(8, 2);
  const auto now = std::chrono::steady_clock::now();
  const std::string one = probes::bytes::base64(der(leaf().certificate.get()));
  const auto first = seen.of(one, now).certificate;
  ASSERT_TRUE(first);
  EXPECT_EQ(seen.of(one, now).certificate, first);
  EXPECT_FALSE(seen.of("none", now).put_off);
  EXPECT_TRUE(seen.of("another", now).put_off);
  EXPECT_EQ(seen.of(one, now).certificate, first);
  EXPECT_FALSE(seen.of("another", now + 1s).put_off);
}

TEST(SeenCertificates, ThoseNotSeenForLongAreForgotten) {
  SeenCertificates seen(8, 1000);
  const auto now = std::chrono::steady_clock::now();
  const std::string one = probes::bytes::base64(der(leaf().certificate.get()));
  std::weak_ptr<const SeenCertificate> first = seen.of(one, now).certificate;
  for (int other = 0; other < 3; ++other) (void)seen.of(std::to_string(other), now);
  EXPECT_FALSE(first.expired());
  for (int other = 10; other < 20; ++other) (void)seen.of(std::to_string(other), now);
  EXPECT_TRUE(first.expired());
}

}  // namespace
}  // namespace exporter::callers
