#include "probes/tls/certificate_facts.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <thread>

#include "probes/observations/unreadable.h"
#include "tests/support/test_ca.h"

namespace probes::tls {
namespace {

using observations::CertificateDraft;
using observations::SubjectAlternativeName;
using tests::support::issue;
using tests::support::Issued;
using tests::support::root;

TEST(CertificateFacts, NamesSerialAndDatesAreRead) {
  const Issued authority = root("Root Ä");
  const Issued leaf = issue({.common_name = "pay, ments", .serial_hex = "0A1B"}, &authority);
  const CertificateDraft read = facts(leaf.certificate.get());
  EXPECT_EQ(read.subject, "CN=pay\\, ments");
  EXPECT_EQ(read.subject_common_name, "pay, ments");
  EXPECT_EQ(read.issuer, "CN=Root Ä");
  EXPECT_EQ(read.issuer_common_name, "Root Ä");
  EXPECT_EQ(read.serial, "0a1b");
  EXPECT_EQ(*read.not_after - *read.not_before, std::chrono::hours(24 * 90 + 1));
  EXPECT_EQ(read.version, 3);
  EXPECT_EQ(read.signature_algorithm, "ecdsa-with-SHA256");
  EXPECT_EQ(read.fingerprint_sha256.size(), 64u);
  EXPECT_FALSE(read.authority);
  EXPECT_FALSE(read.self_issued);
  EXPECT_TRUE(facts(authority.certificate.get()).authority);
  EXPECT_TRUE(facts(authority.certificate.get()).self_issued);
}

TEST(CertificateFacts, OddSerialsArePrintedAsOpensslDoes) {
  EXPECT_EQ(facts(issue({.serial_hex = "0"}).certificate.get()).serial, "00");
  EXPECT_EQ(facts(issue({.serial_hex = "-1F"}).certificate.get()).serial, "-1f");
  EXPECT_EQ(facts(issue({.serial_hex = std::string(80, 'A')}).certificate.get()).serial, std::string(80, 'a'));
}

TEST(CertificateFacts, DatesReachTheEndOf9999) {
  const Issued leaf = issue({});
  ASN1_TIME_set_string(X509_getm_notAfter(leaf.certificate.get()), "99991231235959Z");
  ASN1_TIME_set_string(X509_getm_notBefore(leaf.certificate.get()), "500101000000Z");  // UTCTime: 1950
  const CertificateDraft read = facts(leaf.certificate.get());
  EXPECT_EQ((*read.not_after).time_since_epoch().count(), 253402300799);
  EXPECT_EQ((*read.not_before).time_since_epoch().count(), -631152000);
}

TEST(CertificateFacts, DatesBeginWithTheCalendar) {
  const Issued leaf = issue({});
  tests::support::write_date(X509_getm_notBefore(leaf.certificate.get()), "00010101000000Z");
  EXPECT_EQ(facts(leaf.certificate.get()).not_before,
            observations::Date(std::chrono::sys_seconds(std::chrono::seconds(-62135596800))));
}

TEST(CertificateFacts, ADateThatCannotBeReadIsAbsentAndSaid) {
  for (const char* text : {"20261399000000Z", "", "never", "20260230000000Z", "2026", "20260101000000"}) {
    const Issued leaf = issue({});
    tests::support::write_date(X509_getm_notAfter(leaf.certificate.get()), text);
    const auto read = packed(facts(leaf.certificate.get()));
    EXPECT_FALSE(read->not_after()) << text;
    EXPECT_TRUE(read->not_before());
    const auto problems = observations::unreadable_facts(*read, 2);
    ASSERT_EQ(problems.size(), 1u) << text;
    EXPECT_EQ(problems[0].finding, observations::Finding::unreadable_date);
    EXPECT_EQ(problems[0].position, 2);
    EXPECT_EQ(problems[0].detail, "notAfter");
    EXPECT_EQ(ERR_peek_error(), 0u);
  }
  EXPECT_TRUE(observations::unreadable_facts(*packed(facts(issue({}).certificate.get())), 0).empty());
}

// "00" is a serial number: that of many a root.
TEST(CertificateFacts, ASerialWithoutOctetsIsAbsentAndSaid) {
  const Issued leaf = issue({});
  ASN1_STRING_set(X509_get_serialNumber(leaf.certificate.get()), "", 0);
  const auto read = packed(facts(leaf.certificate.get()));
  EXPECT_EQ(read->serial(), "");
  const auto problems = observations::unreadable_facts(*read, 0);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].finding, observations::Finding::unreadable_serial);
  EXPECT_TRUE(observations::unreadable_facts(*packed(facts(issue({.serial_hex = "0"}).certificate.get())), 0).empty());
}

TEST(CertificateFacts, AVersionIsNotTakenForAnother) {
  for (const long claimed : {65538L, 2147483647L, -1L}) {  // the first would be version 3 in 16 bits
    const Issued leaf = issue({});
    X509_set_version(leaf.certificate.get(), claimed);
    EXPECT_NE(packed(facts(leaf.certificate.get()))->version(), 3) << claimed;
  }
}

TEST(CertificateFacts, EveryKindOfAlternativeNameIsKept) {
  using Kind = SubjectAlternativeName::Kind;
  const Issued leaf = issue({.names = {"DNS:a.example", "IP:192.0.2.1", "IP:2001:db8::1", "URI:spiffe://b/c", "email:d@e.example",
                                       "RID:1.2.3.4", "otherName:1.2.3.5;UTF8:x"}});
  const std::vector<CertificateDraft::Name> expected = {
      {Kind::dns, "a.example"},     {Kind::ip, "192.0.2.1"},      {Kind::ip, "2001:db8::1"},         {Kind::uri, "spiffe://b/c"},
      {Kind::email, "d@e.example"}, {Kind::other, "rid:1.2.3.4"}, {Kind::other, "othername:1.2.3.5"}};
  EXPECT_EQ(facts(leaf.certificate.get()).subject_alternative_names, expected);
}

TEST(CertificateFacts, ANameWithANulIsNotCutShort) {
  const Issued leaf = issue({.names = {}});
  GENERAL_NAMES* names = GENERAL_NAMES_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  ASN1_STRING_set(value, "a.example\0.evil", 15);
  GENERAL_NAME_set0_value(name, GEN_DNS, value);
  sk_GENERAL_NAME_push(names, name);
  X509_add1_ext_i2d(leaf.certificate.get(), NID_subject_alt_name, names, 0, 0);
  GENERAL_NAMES_free(names);
  EXPECT_EQ(facts(leaf.certificate.get()).subject_alternative_names.at(0).value, std::string("a.example\0.evil", 15));
}

TEST(CertificateFacts, AlternativeNamesAreKeptUpToALimit) {
  constexpr int limit = 10'000;
  for (const int count : {limit, limit + 1}) {
    const Issued leaf = issue({.names = {}});
    GENERAL_NAMES* names = GENERAL_NAMES_new();
    for (int index = 0; index < count; ++index) {
      GENERAL_NAME* name = GENERAL_NAME_new();
      GENERAL_NAME_set0_value(name, GEN_DNS, ASN1_IA5STRING_new());
      sk_GENERAL_NAME_push(names, name);
    }
    X509_add1_ext_i2d(leaf.certificate.get(), NID_subject_alt_name, names, 0, 0);
    GENERAL_NAMES_free(names);
    EXPECT_EQ(facts(leaf.certificate.get()).subject_alternative_names.size(), 10'000u);
  }
}

TEST(CertificateFacts, KeysOfEveryKindAreNamed) {
  const auto word = [](const char* key, const char* digest) {
    return key_word(*packed(facts(issue({.key = key, .digest = digest}).certificate.get())));
  };
  EXPECT_EQ(word("EC:P-256", "SHA256"), "ec:P-256");
  EXPECT_EQ(word("EC:brainpoolP256r1", "SHA256"), "ec:brainpoolP256r1");
  EXPECT_EQ(word("RSA:2048", "SHA256"), "rsa:2048");
  EXPECT_EQ(word("RSA-PSS:2048", "SHA256"), "rsa-pss:2048");
  EXPECT_EQ(word("ED25519", ""), "ed25519");
  EXPECT_EQ(word("ED448", ""), "ed448");
}

// id-ml-dsa-65 of FIPS 204, which OpenSSL 3.0 does not know: the key and the signature stay closed, the rest is read.
TEST(CertificateFacts, AnUnknownKeyLeavesTheOtherFactsReadable) {
  const Issued leaf = issue({.common_name = "post-quantum"});
  X509_PUBKEY* key = X509_get_X509_PUBKEY(leaf.certificate.get());
  auto* octets = static_cast<unsigned char*>(OPENSSL_malloc(64));
  std::fill(octets, octets + 64, static_cast<unsigned char>(7));
  X509_PUBKEY_set0_param(key, OBJ_txt2obj("2.16.840.1.101.3.4.3.18", 1), V_ASN1_UNDEF, nullptr, octets, 64);
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_tbs(leaf.certificate.get(), nullptr) > 0 ? i2d_X509(leaf.certificate.get(), &der) : 0;
  ASSERT_GT(size, 0);
  const unsigned char* input = der;
  const Ptr<X509> parsed(d2i_X509(nullptr, &input, size));
  OPENSSL_free(der);
  ASSERT_TRUE(parsed);
  const CertificateDraft read = facts(parsed.get());
  EXPECT_EQ(read.key_type, "unknown");
  EXPECT_EQ(read.key_bits, 0);
  ASSERT_EQ(observations::unreadable_facts(*packed(read), 0).size(), 1u);
  EXPECT_EQ(observations::unreadable_facts(*packed(read), 0)[0].finding, observations::Finding::unparsable_key);
  EXPECT_EQ(read.subject_common_name, "post-quantum");
  EXPECT_GT(*read.not_after, *read.not_before);
}

TEST(CertificateFacts, UsagesPoliciesAndIdentifiersAreListed) {
  const Issued authority = root();
  const Issued leaf = issue(
      {.extended_key_usage = "serverAuth,1.2.3.4", .extensions = {{"certificatePolicies", "1.2.3.5,2.5.29.32.0"}}}, &authority);
  const CertificateDraft read = facts(leaf.certificate.get());
  EXPECT_EQ(read.extended_key_usages, (std::vector<std::string>{"serverAuth", "1.2.3.4"}));
  EXPECT_EQ(read.policies, (std::vector<std::string>{"1.2.3.5", "2.5.29.32.0"}));
  EXPECT_EQ(read.authority_key_identifier, facts(authority.certificate.get()).subject_key_identifier);
  EXPECT_EQ(read.subject_key_identifier.size(), 40u);
}

TEST(CertificateFacts, LeavesTheErrorQueueClear) {
  (void)facts(issue({.names = {}, .extended_key_usage = ""}).certificate.get());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(RememberedFacts, RacingThreadsReadACertificateOnce) {
  const Issued leaf = issue({});
  const std::uint64_t before = facts_extracted();
  std::vector<std::thread> threads;
  std::vector<observations::CertificatePtr> seen(4);
  for (std::size_t index = 0; index < seen.size(); ++index)
    threads.emplace_back([&, index] { seen[index] = remembered_facts(leaf.certificate.get()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(facts_extracted() - before, 1u);
  for (const auto& one : seen) EXPECT_EQ(one, seen[0]);
}

TEST(RememberedFacts, TwoParsesOfOneCertificateShareTheirFacts) {
  const Issued leaf = issue({});
  const Ptr<X509> copy(X509_dup(leaf.certificate.get()));
  EXPECT_EQ(remembered_facts(leaf.certificate.get()), remembered_facts(copy.get()));
}

}  // namespace
}  // namespace probes::tls
