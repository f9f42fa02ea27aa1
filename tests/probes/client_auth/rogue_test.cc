#include "probes/client_auth/rogue.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "tests/support/test_ca.h"

namespace probes::client_auth {
namespace {

using tests::support::issue;
using tests::support::Issued;
using tls::Ptr;

std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// OpenSSL's answer as a server would get it: X509_V_OK or the reason.
int verify(const tls::Identity& client, X509* anchor) {
  const Ptr<X509_STORE> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), anchor);
  STACK_OF(X509)* sent = sk_X509_new_null();
  for (const Ptr<X509>& certificate : client.chain()) sk_X509_push(sent, certificate.get());
  const Ptr<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), client.chain().front().get(), sent);
  X509_STORE_CTX_set_default(context.get(), "ssl_client");
  X509_verify_cert(context.get());
  const int answer = X509_STORE_CTX_get_error(context.get());
  sk_X509_free(sent);
  return answer;
}

// The DER of an extension's value; empty: absent.
std::string extension(X509* certificate, int nid) {
  const int index = X509_get_ext_by_NID(certificate, nid, -1);
  if (index < 0) return "";
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, index));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

class Rogue : public testing::Test {
 protected:
  X509* twin(const tls::IdentityPtr& lookalike) { return lookalike->chain().front().get(); }

  Issued root = tests::support::root("Corporate Root");
  Issued leaf = issue({.common_name = "payments",
                       .names = {"DNS:payments.internal", "URI:spiffe://estate/payments"},
                       .extended_key_usage = "clientAuth"},
                      &root);
  tls::IdentityPtr original = tls::Identity::of("payments", {leaf.certificate.get()}, leaf.key.get());
};

TEST_F(Rogue, LooksLikeItsOriginal) {
  const tls::IdentityPtr lookalike = rogue(*original, now());
  ASSERT_TRUE(lookalike);
  EXPECT_EQ(lookalike->name(), "rogue");
  EXPECT_TRUE(lookalike->usable());
  EXPECT_TRUE(lookalike->problems().empty());
  X509* copy = twin(lookalike);
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(copy), X509_get_subject_name(leaf.certificate.get())), 0);
  EXPECT_EQ(X509_NAME_cmp(X509_get_issuer_name(copy), X509_get_issuer_name(leaf.certificate.get())), 0);
  for (const int nid : {NID_subject_alt_name, NID_ext_key_usage, NID_key_usage, NID_basic_constraints}) {
    EXPECT_FALSE(extension(copy, nid).empty()) << OBJ_nid2sn(nid);
    EXPECT_EQ(extension(copy, nid), extension(leaf.certificate.get(), nid)) << OBJ_nid2sn(nid);
  }
}

TEST_F(Rogue, HasItsOwnKeysAndKeyIdentifiers) {
  const tls::IdentityPtr lookalike = rogue(*original, now());
  ASSERT_EQ(lookalike->chain().size(), 2u);
  X509* authority = lookalike->chain()[1].get();
  EXPECT_EQ(EVP_PKEY_eq(lookalike->key(), leaf.key.get()), 0);
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(authority), root.key.get()), 0);
  EXPECT_NE(extension(twin(lookalike), NID_subject_key_identifier),
            extension(leaf.certificate.get(), NID_subject_key_identifier));
  EXPECT_EQ(X509_check_issued(authority, twin(lookalike)), X509_V_OK) << "the AKI points to the rogue's own authority";
  EXPECT_NE(X509_check_issued(root.certificate.get(), twin(lookalike)), X509_V_OK) << "and not to the real one";
}

TEST_F(Rogue, IsRefusedByTheRealAuthorityAndAcceptedByItsOwn) {
  EXPECT_EQ(verify(*original, root.certificate.get()), X509_V_OK);
  const tls::IdentityPtr lookalike = rogue(*original, now());
  EXPECT_EQ(verify(*lookalike, root.certificate.get()), X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
  EXPECT_EQ(verify(*lookalike, lookalike->chain()[1].get()), X509_V_OK) << "nothing but its authority is wrong with it";
}

TEST_F(Rogue, WithoutAnAuthorityKeyIdentifierItsSignatureIsWhatFails) {
  const tls::IdentityPtr lookalike = rogue(*original, now(), false);
  EXPECT_TRUE(extension(twin(lookalike), NID_authority_key_identifier).empty());
  EXPECT_EQ(verify(*lookalike, root.certificate.get()), X509_V_ERR_CERT_SIGNATURE_FAILURE);
}

TEST_F(Rogue, AnIdentityWithoutACertificateHasNoLookalike) {
  EXPECT_FALSE(rogue(*tls::Identity::of("none", {}, nullptr), now()));
}

TEST_F(Rogue, NobodyBearsItsOwnNameAndFitsNoAuthority) {
  const tls::IdentityPtr stranger = nobody(now());
  ASSERT_TRUE(stranger);
  EXPECT_TRUE(stranger->usable());
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(twin(stranger)), X509_get_issuer_name(twin(stranger))), 0);
  EXPECT_NE(verify(*stranger, root.certificate.get()), X509_V_OK);
  EXPECT_EQ(verify(*stranger, stranger->chain()[1].get()), X509_V_OK);
}

}  // namespace
}  // namespace probes::client_auth
