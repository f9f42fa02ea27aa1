#include "probes/tls/known_certificate.h"

#include <gtest/gtest.h>

#include "probes/tls/certificate_facts.h"
#include "probes/tls/slim_library.h"
#include "tests/support/test_ca.h"

namespace probes::tls {
namespace {

using namespace tests::support;

// As a handshake receives it.
Ptr<X509> received(const Issued& issued) {
  const std::string bytes = der(issued.certificate.get());
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  X509* certificate = X509_new_ex(handshake_library(), nullptr);
  return Ptr<X509>(d2i_X509(&certificate, &at, static_cast<long>(bytes.size())));
}

TEST(KnownCertificate, HasTheKeyThatAHandshakeCannotRead) {
  const Issued issued = issue({});
  const Ptr<X509> sent = received(issued);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(X509_get0_pubkey(sent.get()), nullptr);
  const KnownCertificatePtr known = known_certificate(sent.get());
  EXPECT_EQ(X509_cmp(known->certificate.get(), issued.certificate.get()), 0);
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(known->certificate.get()), issued.key.get()), 1);
  EXPECT_EQ(known->facts, remembered_facts(issued.certificate.get()));
}

TEST(KnownCertificate, IsReadOnceHoweverOftenItIsReceived) {
  const Issued issued = issue({});
  const KnownCertificatePtr first = known_certificate(received(issued).get());
  EXPECT_EQ(known_certificate(received(issued).get()), first);
  EXPECT_NE(known_certificate(received(issue({})).get()), first);
}

// A key that neither handshakes nor the slim library can read, of an intermediate, say.
TEST(KnownCertificate, AnOddKeyIsReadInTheDefaultLibrary) {
  const Issued authority = root(), odd = issue({.common_name = "odd", .key = "X25519"}, &authority);
  EXPECT_EQ(known_certificate(received(odd).get())->facts->key_type(), "x25519");
}

// A server that sends another certificate each time fills no memory: the first is forgotten.
TEST(KnownCertificate, IsForgottenWhenThousandsCameAfterIt) {
  const Issued authority = root(), issued = issue({}, &authority);
  const std::weak_ptr<const KnownCertificate> first = known_certificate(received(issued).get());
  ASSERT_FALSE(first.expired());
  std::string names;
  for (int name = 0; name < 200; ++name) names += (name == 0 ? "DNS:" : ",DNS:") + std::string(50, 'x') + std::to_string(name);
  for (int other = 0; other < 1000 && !first.expired(); ++other)
    (void)known_certificate(received(issue({.names = {names}}, &authority)).get());
  EXPECT_TRUE(first.expired());
}

}  // namespace
}  // namespace probes::tls
