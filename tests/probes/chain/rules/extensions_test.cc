// The forms of extensions and names: each rule one certificate that passes and one that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "probes/chain/certificate_findings.h"
#include "probes/tls/certificate_facts.h"
#include "tests/support/judged.h"

namespace probes::chain {
namespace {

using namespace std::string_literals;
using tests::support::issue;
using tests::support::Issued;
using tests::support::Wanted;
using Role = Examined::Role;
using testing::Contains;
using testing::IsEmpty;

std::vector<std::string> found(X509* certificate, Role role = Role::leaf) {
  const JudgeOptions options{.purpose = Purpose::server, .at = tests::support::now()};
  const observations::CertificatePtr facts = tls::remembered_facts(certificate);
  return tests::support::words(certificate_problems({certificate, *facts, role, options}, 0));
}

// A good leaf, or CA, with the extension `nid` replaced by these octets. Read anew: what OpenSSL remembers of it is of before.
std::vector<std::string> with(int nid, const std::string& value, bool critical,
                              const Wanted& wanted = {.common_name = "localhost"}, Role role = Role::leaf) {
  const Issued issued = issue(wanted);
  X509* certificate = issued.certificate.get();
  if (const int at = X509_get_ext_by_NID(certificate, nid, -1); at >= 0) X509_EXTENSION_free(X509_delete_ext(certificate, at));
  ASN1_OCTET_STRING* octets = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(octets, reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()));
  X509_EXTENSION* extension = X509_EXTENSION_create_by_NID(nullptr, nid, critical ? 1 : 0, octets);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(octets);
  X509_sign(certificate, issued.key.get(), EVP_sha256());
  const std::string der = tests::support::der(certificate);
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const tls::Ptr<X509> read(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return found(read.get(), role);
}

const Wanted authority{.common_name = "CA", .names = {}, .extended_key_usage = "", .authority = true};

TEST(ExtensionRules, AnExtensionHoldsSomething) {
  EXPECT_THAT(with(NID_certificate_policies, "\x30\0"s, false), Contains("empty_extension"));
  EXPECT_THAT(with(NID_subject_alt_name, "\x30\0"s, false), Contains("empty_extension"));
  EXPECT_THAT(with(NID_key_usage, "\x03\x02\x07\0"s, true), Contains("empty_extension"));
  EXPECT_THAT(with(NID_key_usage, "\x03\x02\x07\x80", true), IsEmpty());
  EXPECT_THAT(with(NID_basic_constraints, "\x30\0"s, true), IsEmpty()) << "that is how CA:FALSE is written";
}

TEST(ExtensionRules, CriticalityIsAsTheStandardDemands) {
  const std::string constraints = "\x30\x03\x80\x01\0"s, any_policy = "\x02\x01\0"s;
  const std::string access = "\x30\x18\x30\x16\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x0ahttp://a.b"s;
  EXPECT_THAT(with(NID_policy_constraints, constraints, false, authority, Role::authority), Contains("wrong_criticality"));
  EXPECT_THAT(with(NID_policy_constraints, constraints, true, authority, Role::authority), IsEmpty());
  EXPECT_THAT(with(NID_inhibit_any_policy, any_policy, false, authority, Role::authority), Contains("wrong_criticality"));
  EXPECT_THAT(with(NID_info_access, access, true), Contains("wrong_criticality"));
  EXPECT_THAT(with(NID_info_access, access, false), IsEmpty());
}

TEST(ExtensionRules, OnlyACaHasAPathLength) {
  EXPECT_THAT(with(NID_basic_constraints, "\x30\x03\x02\x01\0"s, true), Contains("path_length_without_ca"));
  EXPECT_THAT(with(NID_basic_constraints, "\x30\x06\x01\x01\xff\x02\x01\0"s, true, authority, Role::authority), IsEmpty());
}

TEST(ExtensionRules, AnIssuerAndItsSerialGoTogether) {
  const std::string key = "\x80\x04"s + "abcd", serial = "\x82\x01\x05", issuer = "\xa1\x06\x82\x04host";
  EXPECT_THAT(with(NID_authority_key_identifier, "\x30\x09" + key + serial, false), Contains("half_authority_key_identifier"));
  EXPECT_THAT(with(NID_authority_key_identifier, "\x30\x0e" + key + issuer, false), Contains("half_authority_key_identifier"));
  EXPECT_THAT(with(NID_authority_key_identifier, "\x30\x11" + key + issuer + serial, false), IsEmpty());
}

TEST(ExtensionRules, APolicyStandsOnce) {
  Wanted wanted{.common_name = "localhost"};
  wanted.extensions = {{"certificatePolicies", "1.2.3.4,1.2.3.5"}};
  EXPECT_THAT(found(issue(wanted).certificate.get()), IsEmpty());
  const std::string policy = "\x30\x05\x06\x03\x2a\x03\x04";
  EXPECT_THAT(with(NID_certificate_policies, "\x30\x0e" + policy + policy, false), Contains("duplicate_policy"));
}

TEST(ExtensionRules, AListOfTimestampsIsWhole) {
  const std::string entry = "\0\x03"s + "abc";
  EXPECT_THAT(with(NID_ct_precert_scts, "\x04\x07\0\x05"s + entry, false), testing::Not(Contains("malformed_sct_list")));
  EXPECT_THAT(with(NID_ct_precert_scts, "\x04\x08\0\x05"s + entry + "x", false), Contains("malformed_sct_list"));
  EXPECT_THAT(with(NID_ct_precert_scts, "\x04\x07\0\x05"s + entry + "x", false), Contains("malformed_sct_list"));
  EXPECT_THAT(with(NID_ct_precert_scts, "\x04\x06\0\x04\0\x03"s + "ab", false), Contains("malformed_sct_list"));
}

TEST(ExtensionRules, NamesHaveTheirForms) {
  const std::string dns = "\x82\x09localhost";
  EXPECT_THAT(with(NID_subject_alt_name, "\x30\x10" + dns + "\x87\x03\x0a\x01\x02", false), Contains("malformed_ip_name"));
  EXPECT_THAT(with(NID_subject_alt_name, "\x30\x11" + dns + "\x87\x04\x0a\x01\x02\x03", false), IsEmpty());
  for (const auto& [uri, odd] : std::vector<std::pair<std::string, bool>>{{"spiffe://a/b", false},
                                                                          {"urn:uuid:1", false},
                                                                          {"https://a:8443/", false},
                                                                          {"example.com/a", true},
                                                                          {"/relative", true},
                                                                          {"https:///path", true},
                                                                          {"https://:443/", true}}) {
    const std::string name = dns + "\x86" + static_cast<char>(uri.size()) + uri;
    const auto words = with(NID_subject_alt_name, "\x30"s + static_cast<char>(name.size()) + name, false);
    EXPECT_EQ(testing::Value(words, Contains("malformed_uri_name")), odd) << uri;
  }
  Wanted wanted{.common_name = "a_b.example", .names = {"DNS:a_b.example"}};
  EXPECT_THAT(found(issue(wanted).certificate.get()), testing::ElementsAre("underscore_in_name"));
}

TEST(ExtensionRules, NameConstraintsHaveTheirForms) {
  Wanted wanted = authority;
  for (const auto& [constraint, odd] :
       std::vector<std::pair<std::string, bool>>{{"critical,permitted;DNS:example.com", false},
                                                 {"critical,permitted;IP:10.0.0.0/255.0.0.0", false},
                                                 {"critical,excluded;DNS:.example.com", true}}) {
    wanted.extensions = {{"nameConstraints", constraint}};
    EXPECT_EQ(testing::Value(found(issue(wanted).certificate.get(), Role::authority), Contains("malformed_name_constraint")),
              odd);
  }
  EXPECT_THAT(with(NID_name_constraints, "\x30\x09\xa0\x07\x30\x05\x87\x03\x0a\0\0"s, true, authority, Role::authority),
              Contains("malformed_name_constraint"));
}

TEST(ExtensionRules, ASubjectHasTheLettersOfItsType) {
  for (const auto& [type, text, odd] :
       std::vector<std::tuple<int, std::string, bool>>{{V_ASN1_PRINTABLESTRING, "a-b (c)", false},
                                                       {V_ASN1_PRINTABLESTRING, "me@example", true},
                                                       {V_ASN1_PRINTABLESTRING, "*.example", true},
                                                       {V_ASN1_UTF8STRING, "*.example@", false}}) {
    const Issued issued = issue({.common_name = "localhost"});
    X509_NAME_add_entry_by_NID(X509_get_subject_name(issued.certificate.get()), NID_organizationName, type,
                               reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()), -1, 0);
    EXPECT_EQ(testing::Value(found(issued.certificate.get()), Contains("forbidden_letters")), odd) << text;
  }
}

TEST(ExtensionRules, AnRsaKeyIsEncodedAsItShouldBe) {
  const Wanted wanted{.common_name = "localhost", .key = "RSA:2048"};
  EXPECT_THAT(found(issue(wanted).certificate.get()), IsEmpty());
  const Issued issued = issue(wanted);
  std::string der = tests::support::der(issued.certificate.get());
  const auto spoilt = [&](const std::string& was, const std::string& becomes) {
    std::string other = der;
    other.replace(other.find(was), was.size(), becomes);
    const auto* at = reinterpret_cast<const unsigned char*>(other.data());
    const tls::Ptr<X509> read(d2i_X509(nullptr, &at, static_cast<long>(other.size())));
    return read ? found(read.get()) : std::vector<std::string>{"unread"};
  };
  // 2048 bits: the modulus takes 257 octets, of which the first is zero because the next has its highest bit set.
  EXPECT_THAT(spoilt("\x02\x82\x01\x01\0"s, "\x02\x82\x01\x01\x80"s), Contains("malformed_rsa_key")) << "negative";
  const std::string null = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\0"s;
  EXPECT_THAT(spoilt(null, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x04\0"s), Contains("malformed_rsa_key")) << "parameters";
}

}  // namespace
}  // namespace probes::chain
