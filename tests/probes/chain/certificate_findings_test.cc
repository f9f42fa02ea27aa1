// Each rule one certificate that passes and one that fails.
#include "probes/chain/certificate_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/dsa.h>
#include <openssl/x509v3.h>

#include "probes/tls/certificate_facts.h"
#include "tests/support/judged.h"

namespace probes::chain {
namespace {

using tests::support::issue;
using tests::support::Issued;
using tests::support::root;
using tests::support::Wanted;
using Role = Examined::Role;

constexpr auto day = std::chrono::hours(24);

JudgeOptions options(Purpose purpose = Purpose::server) { return {.purpose = purpose, .at = tests::support::now()}; }

std::vector<std::string> found(const Issued& issued, Role role = Role::leaf, const JudgeOptions& judged = options()) {
  const observations::CertificatePtr facts = tls::remembered_facts(issued.certificate.get());
  return tests::support::words(certificate_problems({issued.certificate.get(), *facts, role, judged}, 0));
}

Wanted good() { return {.common_name = "localhost"}; }

testing::Matcher<std::vector<std::string>> only(const char* word) { return testing::ElementsAre(word); }

TEST(CertificateFindings, AGoodLeafHasNone) { EXPECT_THAT(found(issue(good())), testing::IsEmpty()); }

TEST(CertificateFindings, AServerNeedsASubjectAlternativeName) {
  Wanted wanted = good();
  wanted.names = {};
  EXPECT_THAT(found(issue(wanted)), only("no_san"));
  EXPECT_THAT(found(issue(wanted), Role::leaf, options(Purpose::client)), testing::IsEmpty());
}

TEST(CertificateFindings, TheCommonNameIsRepeatedAmongTheNames) {
  Wanted wanted = good();
  wanted.common_name = "elsewhere";
  EXPECT_THAT(found(issue(wanted)), only("cn_not_in_san"));
  wanted.common_name = "LOCALHOST";
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, ALeafIsNoAuthority) {
  Wanted wanted = good();
  wanted.authority = true;
  EXPECT_THAT(found(issue(wanted)), testing::Contains("ca_leaf"));
  EXPECT_THAT(found(issue(wanted), Role::authority), testing::Not(testing::Contains("ca_leaf")));
}

TEST(CertificateFindings, ALeafSaysWhatItIsFor) {
  Wanted wanted = good();
  wanted.extended_key_usage = "";
  EXPECT_THAT(found(issue(wanted)), only("missing_eku"));
  wanted.extended_key_usage = "serverAuth,anyExtendedKeyUsage";
  EXPECT_THAT(found(issue(wanted)), only("any_eku"));
}

TEST(CertificateFindings, AClientNeedsClientAuth) {
  Wanted wanted = good();
  wanted.extended_key_usage = "serverAuth";
  EXPECT_THAT(found(issue(wanted), Role::leaf, options(Purpose::client)), only("no_client_auth_eku"));
  EXPECT_THAT(found(issue(good()), Role::leaf, options(Purpose::client)), testing::IsEmpty());
}

TEST(CertificateFindings, RsaKeysHave2048Bits) {
  Wanted wanted = good();
  wanted.key = "RSA:1024";
  EXPECT_THAT(found(issue(wanted)), only("rsa_under_2048"));
  wanted.key = "RSA:2048";
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, Sha1AndMd5AreRemarkedOnExceptBelowARoot) {
  const Issued authority = root();
  Wanted wanted = good();
  wanted.digest = "SHA1";
  EXPECT_THAT(found(issue(wanted, &authority)), only("sha1_or_md5_signature"));
  EXPECT_THAT(found(issue(good(), &authority)), testing::IsEmpty());
  EXPECT_THAT(found(issue(wanted), Role::anchor), testing::Not(testing::Contains("sha1_or_md5_signature")));
}

TEST(CertificateFindings, SerialsArePositiveAndAtMostTwentyOctets) {
  Wanted wanted = good();
  for (const std::string& bad : {std::string("0"), std::string("-5"), std::string(42, '1'), "80" + std::string(38, '0')}) {
    wanted.serial_hex = bad;
    EXPECT_THAT(found(issue(wanted)), only("bad_serial")) << bad;
  }
  wanted.serial_hex = "7F" + std::string(38, '0');
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, NameConstraintsAreCritical) {
  Wanted wanted{.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true};
  wanted.extensions = {{"nameConstraints", "permitted;DNS:example.com"}};
  EXPECT_THAT(found(issue(wanted), Role::authority), testing::Contains("name_constraints_not_critical"));
  wanted.extensions = {{"nameConstraints", "critical,permitted;DNS:example.com"}};
  EXPECT_THAT(found(issue(wanted), Role::authority), testing::IsEmpty());
}

TEST(CertificateFindings, ValidityStaysUnderTheConfiguredMaximum) {
  Wanted wanted = good();
  wanted.starts = std::chrono::seconds(0);
  wanted.ends = 30 * day - std::chrono::seconds(1);  // both ends count
  JudgeOptions judged = options();
  judged.at += std::chrono::seconds(5);
  judged.maximum_validity_days = 30;
  EXPECT_THAT(found(issue(wanted), Role::leaf, judged), testing::IsEmpty());
  judged.maximum_validity_days = 29;
  EXPECT_THAT(found(issue(wanted), Role::leaf, judged), only("validity_too_long"));
}

TEST(CertificateFindings, ACertificateOfTheFutureIsRemarkedOn) {
  Wanted wanted = good();
  wanted.starts = day;
  EXPECT_THAT(found(issue(wanted)), only("not_before_in_future"));
}

TEST(CertificateFindings, AWildcardIsWorthKnowing) {
  Wanted wanted = good();
  wanted.names = {"DNS:localhost", "DNS:*.example.com"};
  EXPECT_THAT(found(issue(wanted)), only("wildcard"));
}

TEST(CertificateFindings, DnsNamesAreHostNames) {
  Wanted wanted = good();
  for (const char* bad :
       {"DNS:.example.com", "DNS:a..example.com", "DNS:-a.example.com", "DNS:a b.example.com", "DNS:f*.example.com", "DNS:*"}) {
    wanted.names = {"DNS:localhost", bad};
    EXPECT_THAT(found(issue(wanted)), only("malformed_dns_name")) << bad;
  }
  wanted.names = {"DNS:localhost", "DNS:_srv.a-1.example.com"};
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty());
}

TEST(CertificateFindings, AlternativeNamesAreCriticalExactlyWithoutASubject) {
  Wanted wanted = good();
  wanted.names = {};
  wanted.extensions = {{"subjectAltName", "critical,DNS:localhost"}};
  EXPECT_THAT(found(issue(wanted)), only("san_criticality"));
  wanted.common_name = "";
  const Issued authority = root();
  EXPECT_THAT(found(issue(wanted, &authority)), testing::IsEmpty());
  wanted.extensions = {{"subjectAltName", "DNS:localhost"}};
  EXPECT_THAT(found(issue(wanted, &authority)), only("san_criticality"));
}

TEST(CertificateFindings, ExtendedKeyUsageStandsWhereItBelongs) {
  Wanted wanted = good();
  wanted.extended_key_usage = "critical,serverAuth";
  EXPECT_THAT(found(issue(wanted)), only("critical_eku"));
  const Wanted limited{.common_name = "Root", .names = {}, .extended_key_usage = "serverAuth", .authority = true};
  EXPECT_THAT(found(issue(limited), Role::anchor), only("root_with_eku"));
  EXPECT_THAT(found(root(), Role::anchor), testing::IsEmpty());
}

// The certificate of `wanted` with `extension` written anew.
Issued with_extension(const Wanted& wanted, int nid, const char* value, const Issued* issuer = nullptr) {
  Issued issued = issue(wanted, issuer);
  X509* certificate = issued.certificate.get();
  X509_EXTENSION_free(X509_delete_ext(certificate, X509_get_ext_by_NID(certificate, nid, -1)));
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, (issuer ? issuer : &issued)->key.get(), EVP_sha256());
  return issued;
}

TEST(CertificateFindings, OnlyAuthoritiesSignCertificates) {
  EXPECT_THAT(found(with_extension(good(), NID_key_usage, "critical,keyCertSign")), only("cert_sign_without_ca"));
  EXPECT_THAT(found(with_extension(good(), NID_key_usage, "critical,digitalSignature")), testing::IsEmpty());
}

TEST(CertificateFindings, AuthoritiesHaveCriticalBasicConstraints) {
  const Wanted wanted{.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true};
  EXPECT_THAT(found(with_extension(wanted, NID_basic_constraints, "CA:TRUE"), Role::authority), only("bad_basic_constraints"));
  EXPECT_THAT(found(with_extension(wanted, NID_basic_constraints, "critical,CA:TRUE"), Role::authority), testing::IsEmpty());
}

TEST(CertificateFindings, DsaKeysAreRemarkedOn) {
  const auto dsa = tls::Ptr<EVP_PKEY_CTX>(EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr));
  EVP_PKEY *parameters = nullptr, *key = nullptr;
  EVP_PKEY_paramgen_init(dsa.get());
  EVP_PKEY_CTX_set_dsa_paramgen_bits(dsa.get(), 1024);
  ASSERT_EQ(EVP_PKEY_paramgen(dsa.get(), &parameters), 1);
  const tls::Ptr<EVP_PKEY> held_parameters(parameters);
  const auto generation = tls::Ptr<EVP_PKEY_CTX>(EVP_PKEY_CTX_new(parameters, nullptr));
  EVP_PKEY_keygen_init(generation.get());
  ASSERT_EQ(EVP_PKEY_keygen(generation.get(), &key), 1);
  const tls::Ptr<EVP_PKEY> held_key(key);
  const Issued issued = issue(good());
  X509_set_pubkey(issued.certificate.get(), key);
  EXPECT_THAT(found(issued), only("dsa_key"));
}

TEST(CertificateFindings, CertificatesAreOfVersion3) {
  const Issued issued = issue(good());
  X509_set_version(issued.certificate.get(), X509_VERSION_2);
  EXPECT_THAT(found(issued), only("not_version_3"));
}

TEST(CertificateFindings, ExtensionsOfKnownKindsDecode) {
  const Issued issued = issue(good());
  ASN1_OCTET_STRING* garbage = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(garbage, reinterpret_cast<const unsigned char*>("malformed"), 9);
  X509_EXTENSION* extension = X509_EXTENSION_create_by_NID(nullptr, NID_info_access, 0, garbage);
  X509_add_ext(issued.certificate.get(), extension, -1);
  EXPECT_THAT(found(issued), only("malformed_extension"));
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(garbage);
}

TEST(CertificateFindings, NameConstraintsBelongToAuthoritiesAndSaySomething) {
  Wanted wanted = good();
  wanted.extensions = {{"nameConstraints", "critical,permitted;DNS:localhost"}};
  EXPECT_THAT(found(issue(wanted)), only("name_constraints_in_leaf"));

  const Issued empty = issue({.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true});
  NAME_CONSTRAINTS* nothing = NAME_CONSTRAINTS_new();
  X509_add1_ext_i2d(empty.certificate.get(), NID_name_constraints, nothing, 1, 0);
  NAME_CONSTRAINTS_free(nothing);
  EXPECT_THAT(found(empty, Role::authority), only("empty_name_constraints"));
}

TEST(CertificateFindings, KeyIdentifiersArePresent) {
  const Issued authority = root();
  Wanted wanted = good();
  wanted.key_identifiers = false;
  EXPECT_THAT(found(issue(wanted, &authority)), only("no_authority_key_identifier"));
  EXPECT_THAT(found(issue(wanted)), testing::IsEmpty()) << "self-signed certificates need none";
  const Wanted bare{.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true, .key_identifiers = false};
  EXPECT_THAT(found(issue(bare), Role::authority), only("no_subject_key_identifier"));
}

TEST(CertificateFindings, AnUnknownKeyIsRemarkedOn) {
  const Issued issued = issue(good());
  auto* octets = static_cast<unsigned char*>(OPENSSL_zalloc(64));
  X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(issued.certificate.get()), OBJ_txt2obj("2.16.840.1.101.3.4.3.18", 1), V_ASN1_UNDEF,
                         nullptr, octets, 64);
  i2d_re_X509_tbs(issued.certificate.get(), nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_X509(issued.certificate.get(), &der);
  const unsigned char* input = der;
  const Issued parsed{tls::Ptr<X509>(d2i_X509(nullptr, &input, size)), nullptr};
  OPENSSL_free(der);
  EXPECT_THAT(found(parsed), only("unparsable_key"));
}

}  // namespace
}  // namespace probes::chain
