#include "probes/revocation/pointers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "probes/revocation/ocsp_request.h"
#include "tests/support/test_answer.h"

namespace probes::revocation {
namespace {

using namespace tests::support;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

Issued with(const std::string& extension, const std::string& value) {
  return issue({.common_name = "leaf", .extensions = {{extension, value}}});
}

TEST(Pointers, OfACertificateAreItsUrlsOfHttp) {
  const Issued leaf = with("crlDistributionPoints", "URI:http://a/1.crl,URI:ldap:///cn=a,URI:HTTPS://b/2.crl");
  EXPECT_THAT(list_urls(leaf.certificate.get()), ElementsAre(ElementsAre("http://a/1.crl"), ElementsAre("HTTPS://b/2.crl")));
  EXPECT_THAT(delta_urls(leaf.certificate.get()), IsEmpty());
  EXPECT_THAT(delta_urls(with("freshestCRL", "URI:http://a/d.crl").certificate.get()),
              ElementsAre(ElementsAre("http://a/d.crl")));
  const Issued asked = with("authorityInfoAccess", "OCSP;URI:http://o/,caIssuers;URI:http://ca/,OCSP;URI:file:///x");
  EXPECT_THAT(responder_urls(asked.certificate.get()), ElementsAre("http://o/"));
  EXPECT_THAT(responder_urls(leaf.certificate.get()), IsEmpty());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Pointers, AreBoundedInNumberAndLength) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += (i == 0 ? "URI:http://a/" : ",URI:http://a/") + std::to_string(i);
  EXPECT_THAT(list_urls(with("crlDistributionPoints", many).certificate.get()), SizeIs(most_pointers));
  EXPECT_THAT(list_urls(with("crlDistributionPoints", "URI:http://a/" + std::string(3000, 'x')).certificate.get()), IsEmpty());
}

TEST(Pointers, WhatHidesAHostOrAPasswordIsNotAsked) {
  EXPECT_TRUE(may_be_asked("http://crl.internal:8080/a?b#c"));
  EXPECT_TRUE(may_be_asked("http://[2001:db8::1]/"));
  for (const char* url :
       {"http://user:secret@a/", "http://a@169.254.169.254/", "http://a\\@b/", "http:///path", "http://a\n/", "a"})
    EXPECT_FALSE(may_be_asked(url)) << url;
}

TEST(OcspRequest, IsShortEnoughForAGetWhereTheResponderIs) {
  const Issued authority = root(), leaf = issue({.common_name = "leaf"}, &authority);
  const OcspRequest request = ocsp_request(leaf.certificate.get(), authority.certificate.get(), false);
  ASSERT_FALSE(request.der.empty());
  const auto url = get_url("http://ocsp.internal", request.der);
  ASSERT_TRUE(url);
  EXPECT_THAT(*url, StartsWith("http://ocsp.internal/M"));
  EXPECT_EQ(url->find_first_of("+=", 21), std::string::npos);
  EXPECT_EQ(url->find('/', 21), std::string::npos) << "a slash of base64 is no slash of the path";
  EXPECT_FALSE(get_url("http://" + std::string(200, 'a'), request.der));
}

TEST(OcspRequest, TellsCertificatesApart) {
  const Issued authority = root(), one = issue({.common_name = "one"}, &authority),
               two = issue({.common_name = "two"}, &authority);
  X509* issuer = authority.certificate.get();
  EXPECT_NE(ocsp_request(one.certificate.get(), issuer, false).id, ocsp_request(two.certificate.get(), issuer, false).id);
  EXPECT_EQ(ocsp_request(one.certificate.get(), issuer, false).id, ocsp_request(one.certificate.get(), issuer, true).id);
}

TEST(OcspRequest, ANonceIsNeverTheSameAndNeedNotBeAnswered) {
  const Issued authority = root(), leaf = issue({.common_name = "leaf"}, &authority);
  const OcspRequest one = ocsp_request(leaf.certificate.get(), authority.certificate.get(), true);
  EXPECT_NE(one.der, ocsp_request(leaf.certificate.get(), authority.certificate.get(), true).der);
  EXPECT_TRUE(nonce_fits(one.der, answer_about(leaf, authority)));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace probes::revocation
