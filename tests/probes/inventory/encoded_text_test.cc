// Files that are another format in an encoding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pkcs12.h>

#include "tests/probes/inventory/reading.h"
#include "tests/probes/inventory/samples.h"
#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace tests::inventory;
using namespace tests::support;

class EncodedText : public testing::Test {
 protected:
  static std::string wide(const std::string& text, bool big, const std::string& mark) {
    std::string bytes = mark;
    for (const char letter : text) bytes += big ? std::string{'\0', letter} : std::string{letter, '\0'};
    return bytes;
  }
  std::string keystore(const char* passphrase) const {
    const tls::Ptr<PKCS12> made(
        PKCS12_create(passphrase, "web", leaf_.key.get(), leaf_.certificate.get(), nullptr, 0, 0, 0, 0, 0));
    return der(made.get());
  }

  const Issued ca_ = root("CA");
  const Issued leaf_ = issue({.common_name = "leaf"}, &ca_);
  const std::string text_ = pem(leaf_.certificate.get()) + pem(ca_.certificate.get());
};

// PowerShell's `>` writes it.
TEST_F(EncodedText, Utf16IsReadWithAMarkAndWithout) {
  for (const std::string& bytes : {wide(text_, false, "\xff\xfe"), wide(text_, true, "\xfe\xff"), wide(text_, false, ""),
                                   wide(text_, true, ""), wide("Subject: leaf\r\n" + text_, false, "\xff\xfe")}) {
    const auto found = read(bytes);
    EXPECT_THAT(names(found), ElementsAre(":0 leaf", ":1 CA"));
    EXPECT_THAT(reasons(found), IsEmpty());
  }
  EXPECT_THAT(reasons(read(wide("a list of primes", false, "\xff\xfe"))), ElementsAre("no_certificates"));
}

TEST_F(EncodedText, Base64AloneIsReadAsWhatItIs) {
  // 1, 2 and 0 bytes of padding: zero bytes behind a DER are bytes that do not belong to it.
  for (int padding = 0; padding < 3; ++padding) {
    Issued issued = issue({.common_name = "leaf"}, &ca_);
    while (der(issued.certificate.get()).size() % 3 != static_cast<std::size_t>(padding))
      issued = issue({.common_name = "leaf"}, &ca_);
    const auto found = read(base64(der(issued.certificate.get())) + "\n");
    EXPECT_THAT(names(found), ElementsAre(":0 leaf"));
    EXPECT_THAT(reasons(found), IsEmpty()) << padding;
  }
  EXPECT_THAT(names(read(base64(keystore("p")), {"p"})), ElementsAre("web:0 leaf"));
  EXPECT_THAT(names(read(base64(text_))), ElementsAre(":0 leaf", ":1 CA"));
  EXPECT_THAT(reasons(read("MINIMUM\n")), ElementsAre("no_certificates"));
}

// Traefik's acme.json, Helm's values: base64 of PEM within other text, the key beside it.
TEST_F(EncodedText, Base64OfPemIsReadWhereverItStands) {
  const auto found = read("{\"domain\": {\"main\": \"leaf\"}, \"certificate\": \"" + base64(text_) + "\", \"key\": \"" +
                          base64(pem(leaf_.key.get())) + "\"}");
  EXPECT_THAT(names(found), ElementsAre(":0 leaf", ":1 CA"));
  EXPECT_THAT(reasons(found), IsEmpty());
}

TEST_F(EncodedText, AnOpenVpnProfileMayHoldAKeystore) {
  const std::string profile = "client\nremote vpn.example 1194\n<ca>\n" + pem(ca_.certificate.get()) + "</ca>\n<pkcs12>\n" +
                              base64(keystore("p")) + "\n</pkcs12>\n";
  EXPECT_THAT(names(read(profile, {"p"})), ElementsAre(":0 CA", "pkcs12/web:0 leaf"));
  const auto shut = read(profile);
  EXPECT_THAT(names(shut), ElementsAre(":0 CA"));
  EXPECT_THAT(reasons(shut), ElementsAre("bad_passphrase"));
  EXPECT_THAT(reasons(read("<pkcs12>\n!\n</pkcs12>")), ElementsAre("bad_pkcs12"));
  EXPECT_THAT(read("<pkcs12>\nMII=\n</pkcs12>").troubles.at(0).detail, HasSubstr("pkcs12: no"));
}

}  // namespace
}  // namespace probes::inventory
