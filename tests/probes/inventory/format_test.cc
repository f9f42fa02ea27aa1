// Every format, recognised by its content: what it holds, and what is wrong with one that is broken.
#include "probes/inventory/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>

#include "tests/probes/inventory/reading.h"
#include "tests/probes/inventory/samples.h"
#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

using observations::Inventory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::inventory::base64;
using tests::inventory::names;
using tests::inventory::read;
using tests::inventory::reasons;
using tests::support::der;
using tests::support::issue;
using tests::support::Issued;
using tests::support::pem;
using tests::support::root;
using tests::support::TemporaryFolder;

std::string indented(std::string text, const std::string& by) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out += by + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

class Formats : public testing::Test {
 protected:
  std::string text(const Issued& issued) const { return pem(issued.certificate.get()); }

  std::string pkcs12(const char* passphrase, const char* name = "web") const {
    STACK_OF(X509)* others = sk_X509_new_null();
    sk_X509_push(others, ca_.certificate.get());
    const tls::Ptr<PKCS12> made(PKCS12_create(passphrase, name, leaf_.key.get(), leaf_.certificate.get(), others, 0, 0, 0, 0, 0));
    sk_X509_free(others);
    return der(made.get());
  }

  tls::Ptr<X509_CRL> list() const {
    tls::Ptr<X509_CRL> made(X509_CRL_new());
    X509_CRL_set_version(made.get(), 1);
    X509_CRL_set_issuer_name(made.get(), X509_get_subject_name(ca_.certificate.get()));
    ASN1_TIME* time = ASN1_TIME_new();
    ASN1_TIME_set_string(time, "20261124000000Z");
    X509_CRL_set1_lastUpdate(made.get(), time);
    ASN1_TIME_set_string(time, "20261201000000Z");
    X509_CRL_set1_nextUpdate(made.get(), time);
    ASN1_TIME_free(time);
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    BIGNUM* value = nullptr;
    BN_dec2bn(&value, crl_number_.c_str());
    BN_to_ASN1_INTEGER(value, number);
    BN_free(value);
    X509_CRL_add1_ext_i2d(made.get(), NID_crl_number, number, 0, 0);
    ASN1_INTEGER_free(number);
    X509_CRL_sign(made.get(), ca_.key.get(), EVP_sha256());
    return made;
  }
  std::string list_pem() const {
    const tls::Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(bio.get(), list().get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  std::string crl_number_ = "4711";
  Issued ca_ = root("CA");
  Issued leaf_ = issue({.common_name = "leaf"}, &ca_);
};

// --- PEM

TEST_F(Formats, PemIsReadInTheOrderWritten) {
  EXPECT_THAT(names(read(text(leaf_) + text(ca_))), ElementsAre(":0 leaf", ":1 CA"));
}

TEST_F(Formats, PemMayHaveTextAroundItsBlocks) {
  const Inventory found = read("Subject: leaf\n" + text(leaf_) + "some words -----\n" + text(ca_) + "the end");
  EXPECT_THAT(names(found), ElementsAre(":0 leaf", ":1 CA"));
  EXPECT_THAT(reasons(found), IsEmpty());
}

TEST_F(Formats, PemMayBeIndentedOrStandBetweenTags) {
  EXPECT_THAT(names(read("certificate: |\n" + indented(text(leaf_), "    "))), ElementsAre(":0 leaf"));
  EXPECT_THAT(names(read("client\nremote vpn.example 1194\n<ca>\n" + text(ca_) + "</ca>\n<cert>\n" + text(leaf_) + "</cert>\n")),
              ElementsAre(":0 CA", ":1 leaf"));
}

TEST_F(Formats, ABrokenBlockHidesNoneOfItsNeighbours) {
  std::string broken = text(leaf_);
  broken.replace(60, 4, "!!!!");
  const Inventory found = read(text(ca_) + broken + text(leaf_));
  EXPECT_THAT(names(found), ElementsAre(":0 CA", ":1 leaf"));
  EXPECT_THAT(reasons(found), ElementsAre("bad_pem"));
  EXPECT_THAT(found.troubles[0].detail, HasSubstr("block 2"));
}

TEST_F(Formats, ABlockThatDoesNotEndIsOneTroubleAndTheNextIsRead) {
  const Inventory found = read(text(ca_).substr(0, 200) + "\n" + text(leaf_));
  EXPECT_THAT(names(found), ElementsAre(":0 leaf"));
  EXPECT_THAT(reasons(found), ElementsAre("bad_pem"));
}

TEST_F(Formats, KeysBesideCertificatesArePassedOver) {
  EXPECT_THAT(names(read(pem(leaf_.key.get()) + text(leaf_))), ElementsAre(":0 leaf"));
  const Inventory key = read(pem(leaf_.key.get()));
  EXPECT_THAT(reasons(key), ElementsAre("no_certificates"));
  EXPECT_EQ(key.troubles[0].detail, "PEM without a certificate");
}

TEST_F(Formats, ARevocationListIsReadAndItsSignatureCheckedWhereTheIssuerIsKnown) {
  const Issued impostor = root("CA");
  const std::string text = list_pem(), path = "ca.crl";
  for (const auto& [issuer, genuine] :
       std::vector<std::pair<X509*, bool>>{{ca_.certificate.get(), true}, {impostor.certificate.get(), false}}) {
    Inventory found;
    X509* const issuers[] = {leaf_.certificate.get(), issuer};
    read_bytes(text, Reading(path, {}, found).with_issuers(issuers));
    ASSERT_EQ(found.revocation_lists.size(), 1u);
    EXPECT_EQ(found.revocation_lists[0].issuer, "CN=CA");
    EXPECT_EQ(found.revocation_lists[0].number, "4711");
    EXPECT_EQ(found.revocation_lists[0].next_update, std::chrono::sys_days(std::chrono::year(2026) / 12 / 1));
    EXPECT_EQ(found.revocation_lists[0].genuine, genuine);
  }
  EXPECT_EQ(read(text).revocation_lists.at(0).genuine, std::nullopt);
}

TEST_F(Formats, TheNumberOfARevocationListMayBeLongerThanTheStandardAllows) {
  crl_number_ = std::string(60, '7');  // 25 octets
  EXPECT_EQ(read(list_pem()).revocation_lists.at(0).number, crl_number_);
  crl_number_ = std::string(400, '7');  // beyond a double
  EXPECT_EQ(read(list_pem()).revocation_lists.at(0).number, "");
}

// --- DER and PKCS#7

TEST_F(Formats, DerCertificatesStandOneBehindTheOther) {
  EXPECT_THAT(names(read(der(leaf_.certificate.get()) + der(ca_.certificate.get()))), ElementsAre(":0 leaf", ":1 CA"));
  EXPECT_THAT(reasons(read(der(leaf_.certificate.get()).substr(0, 100))), ElementsAre("bad_der"));
  const Inventory tail = read(der(leaf_.certificate.get()) + "tail");
  EXPECT_THAT(names(tail), ElementsAre(":0 leaf"));
  EXPECT_THAT(reasons(tail), ElementsAre("bad_der"));
}

TEST_F(Formats, Pkcs7HoldsCertificatesWithoutASignature) {
  PKCS7* message = PKCS7_new();
  PKCS7_set_type(message, NID_pkcs7_signed);
  PKCS7_content_new(message, NID_pkcs7_data);
  PKCS7_add_certificate(message, leaf_.certificate.get());
  const std::string bytes = der(message);
  const tls::Ptr<BIO> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS7(bio.get(), message);
  PKCS7_free(message);
  EXPECT_THAT(names(read(bytes)), ElementsAre(":0 leaf"));
  EXPECT_THAT(reasons(read(bytes.substr(0, bytes.size() / 2))), ElementsAre("bad_pkcs7"));
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  EXPECT_THAT(names(read(std::string(text, static_cast<std::size_t>(length)))), ElementsAre(":0 leaf"));
}

// --- PKCS#12

TEST_F(Formats, Pkcs12IsOpenedWithTheFirstPassphraseThatFits) {
  EXPECT_THAT(names(read(pkcs12("second"), {"first", "second"})), ElementsAre("web:0 leaf", ":0 CA"));
  EXPECT_THAT(names(read(pkcs12(nullptr))), ElementsAre("web:0 leaf", ":0 CA"));
  EXPECT_THAT(names(read(pkcs12(""), {"useless"})), ElementsAre("web:0 leaf", ":0 CA"));
}

TEST_F(Formats, Pkcs12ThatNoPassphraseOpensSaysSo) {
  const Inventory wrong = read(pkcs12("right"), {"wrong"});
  EXPECT_THAT(reasons(wrong), ElementsAre("bad_passphrase"));
  EXPECT_THAT(wrong.troubles[0].detail, HasSubstr("none of the passphrases configured"));
  EXPECT_THAT(read(pkcs12("right")).troubles.at(0).detail, HasSubstr("needs a passphrase"));
  EXPECT_THAT(reasons(read(pkcs12("right").substr(0, 400), {"right"})), ElementsAre("bad_pkcs12"));
}

TEST_F(Formats, Pkcs12ThatWouldBeHashedForHoursIsRefused) {
  const std::string mine = pkcs12("x");
  const auto* at = reinterpret_cast<const unsigned char*>(mine.data());
  const tls::Ptr<PKCS12> file(d2i_PKCS12(nullptr, &at, static_cast<long>(mine.size())));
  const ASN1_INTEGER* count = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, file.get());
  ASN1_INTEGER_set(const_cast<ASN1_INTEGER*>(count), 2'000'000'000);
  EXPECT_THAT(reasons(read(der(file.get()), {"x"})), ElementsAre("bad_pkcs12"));
}

// Without a MAC nothing stops OpenSSL from deriving the keys, of the certificates and of the key, as often as the file asks for.
TEST_F(Formats, Pkcs12ThatWouldDeriveAKeyForHoursIsRefused) {
  constexpr int count = 0x010203;  // as DER 02 03 01 02 03
  const std::string written("\x02\x03\x01\x02\x03", 5), above_the_limit("\x02\x03\x7f\xff\xff", 5);
  for (const int cipher : {NID_aes_256_cbc, NID_pbe_WithSHA1And3_Key_TripleDES_CBC}) {
    const tls::Ptr<PKCS12> made(
        PKCS12_create(nullptr, nullptr, leaf_.key.get(), leaf_.certificate.get(), nullptr, cipher, cipher, count, -1, 0));
    const std::string fine = der(made.get());
    EXPECT_THAT(names(read(fine)), ElementsAre(":0 leaf"));
    int places = 0;
    for (std::size_t at = fine.find(written); at != std::string::npos; at = fine.find(written, at + 1), ++places) {
      std::string hostile = fine;
      hostile.replace(at, written.size(), above_the_limit);
      const Inventory found = read(hostile);
      EXPECT_THAT(reasons(found), ElementsAre("bad_pkcs12"));
      EXPECT_THAT(found.troubles.at(0).detail, HasSubstr("hashed more than"));
    }
    EXPECT_EQ(places, 2);
  }
}

// The MAC is optional (RFC 7292 4); OpenSSL's PKCS12_parse() insists on it where there is a passphrase.
TEST_F(Formats, Pkcs12WithoutAMacIsOpenedWithItsPassphrase) {
  STACK_OF(X509)* others = sk_X509_new_null();
  sk_X509_push(others, ca_.certificate.get());
  for (const int certificates : {NID_aes_256_cbc, NID_pbe_WithSHA1And40BitRC2_CBC, -1}) {
    const tls::Ptr<PKCS12> made(
        PKCS12_create("right", "web", leaf_.key.get(), leaf_.certificate.get(), others, NID_aes_256_cbc, certificates, 0, -1, 0));
    if (!made) continue;  // RC2 is of the legacy provider
    const Inventory found = read(der(made.get()), {"wrong", "right"});
    EXPECT_THAT(names(found), ElementsAre("web:0 leaf", ":0 CA"));
    EXPECT_THAT(reasons(found), IsEmpty());
    EXPECT_THAT(reasons(read(der(made.get()), {"wrong"})), ElementsAre("bad_passphrase"));
  }
  sk_X509_free(others);
}

TEST_F(Formats, Pkcs12WithAMacThatThisOpensslDoesNotKnowSaysSo) {
  const std::string mine = pkcs12("x");
  const auto* at = reinterpret_cast<const unsigned char*>(mine.data());
  const tls::Ptr<PKCS12> file(d2i_PKCS12(nullptr, &at, static_cast<long>(mine.size())));
  const X509_ALGOR* algorithm = nullptr;
  PKCS12_get0_mac(nullptr, &algorithm, nullptr, nullptr, file.get());
  X509_ALGOR_set0(const_cast<X509_ALGOR*>(algorithm), OBJ_txt2obj("1.2.840.113549.1.5.14", 1), V_ASN1_NULL, nullptr);
  const Inventory found = read(der(file.get()), {"x"});
  EXPECT_THAT(names(found), IsEmpty());
  if (OpenSSL_version_num() >= 0x30400000) return;
  EXPECT_THAT(reasons(found), ElementsAre("unsupported_format"));
  EXPECT_THAT(found.troubles[0].detail, HasSubstr("PBMAC1"));
}

TEST_F(Formats, AnEmptyKeystoreSaysThatItIsEmpty) {
  const tls::Ptr<PKCS12> none(PKCS12_create("x", nullptr, leaf_.key.get(), nullptr, nullptr, 0, 0, 0, 0, 0));
  const std::string java = std::string("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\0", 12) + std::string(20, '\0');
  for (const auto& [file, name] : std::vector<std::pair<std::string, std::string>>{
           {der(none.get()), "PKCS#12"}, {java, "Java keystore"}, {"apiVersion: v1\nkind: Secret\n", "Kubernetes manifest"}}) {
    const Inventory found = read(file, name == "PKCS#12" ? std::vector<std::string>{"x"} : std::vector<std::string>{});
    EXPECT_THAT(reasons(found), ElementsAre("no_certificates"));
    EXPECT_EQ(found.troubles.at(0).detail, name + " without a certificate");
  }
}

// --- kubeconfigs and manifests

TEST_F(Formats, AKubeconfigEmbedsItsCertificates) {
  const std::string config =
      "apiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster: {server: 'https://k', certificate-authority-data: " +
      base64(text(ca_)) + "}\nusers:\n- name: ops\n  user: {client-certificate-data: " + base64(text(leaf_)) + "}\n";
  EXPECT_THAT(names(read(config)), ElementsAre("cluster/prod:0 CA", "user/ops:0 leaf"));
}

TEST_F(Formats, AKubeconfigNamesFilesBesideIt) {
  const TemporaryFolder folder;
  folder.write("pki/ops.pem", text(leaf_));
  const std::string config =
      "kind: Config\nclusters: []\nusers:\n- {name: ops, user: {client-certificate: pki/ops.pem}}\n- {name: gone, user: "
      "{client-certificate: gone.pem}}\n";
  const Inventory found = read(config, {}, folder.path() + "/config");
  EXPECT_THAT(names(found), ElementsAre("user/ops:0 leaf"));
  EXPECT_THAT(reasons(found), ElementsAre("not_found"));
  EXPECT_THAT(found.troubles[0].detail, HasSubstr("user/gone"));
}

TEST_F(Formats, ManifestsHoldCertificatesInSecretsAndConfigMaps) {
  const std::string manifests =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: web-tls}\ntype: kubernetes.io/tls\ndata:\n  tls.crt: " +
      base64(text(leaf_)) + "\n  tls.key: " + base64(pem(leaf_.key.get())) +
      "\n  password: aHVudGVyMg==\n---\napiVersion: v1\nkind: ConfigMap\n" + "metadata: {name: trust}\ndata:\n  ca.crt: |\n" +
      indented(text(ca_), "    ");
  const Inventory found = read(manifests);
  EXPECT_THAT(names(found), ElementsAre("web-tls/tls.crt:0 leaf", "trust/ca.crt:0 CA"));
  EXPECT_THAT(reasons(found), IsEmpty());
}

TEST_F(Formats, AManifestMayBeAListInJsonWithAKeystoreInIt) {
  const std::string list =
      R"({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "store"},)"
      R"( "data": {"store.p12": ")" +
      base64(pkcs12("p")) + R"("}}]})";
  EXPECT_THAT(names(read(list, {"p"})), ElementsAre("store/store.p12/web:0 leaf", "store/store.p12:0 CA"));
}

TEST_F(Formats, ABrokenDocumentHidesNoneOfItsNeighbours) {
  const Inventory found = read(
      "apiVersion: v1\nkind: Secret\ndata: {a: [}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  ca: |\n" +
      indented(text(ca_), "    "));
  EXPECT_THAT(names(found), ElementsAre("m/ca:0 CA"));
  EXPECT_THAT(reasons(found), ElementsAre("bad_manifest"));
}

TEST_F(Formats, NothingIsOpenedInsideOfWhatWasOpenedInside) {
  std::string inner =
      "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {certificate-authority-data: " + base64(text(ca_)) + "}}]\n";
  for (int layer = 0; layer < 4; ++layer)
    inner = "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {certificate-authority-data: " + base64(inner) + "}}]\n";
  const Inventory found = read(inner);
  EXPECT_THAT(names(found), IsEmpty());
  EXPECT_THAT(reasons(found), ElementsAre("bad_kubeconfig"));
}

TEST_F(Formats, ValuesThatBeginWithTheDigitZeroAreNoDer) {
  const Inventory found = read(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {from: '08:00', share: '0.25', code: '000000', 'on': '0'}\n");
  EXPECT_THAT(reasons(found), ElementsAre("no_certificates"));
  EXPECT_THAT(reasons(read("0 1 2 3\n")), ElementsAre("no_certificates"));
}

// As `kubectl get secrets -o json` prints it, and the API: the items say no kind.
TEST_F(Formats, AListOfOneKindSaysWhatItsItemsAre) {
  const std::string secrets =
      R"({"kind":"SecretList","apiVersion":"v1","items":[{"metadata":{"name":"web"},"data":{"tls.crt":")" + base64(text(leaf_)) +
      R"(","empty":null,"word":"aHVudGVyMg=="}}]})";
  EXPECT_THAT(names(read(secrets)), ElementsAre("web/tls.crt:0 leaf"));
  EXPECT_THAT(reasons(read(secrets)), IsEmpty());
  const std::string maps = "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: trust}\n  data:\n    ca.crt: |\n" +
                           indented(text(ca_), "      ");
  EXPECT_THAT(names(read(maps)), ElementsAre("trust/ca.crt:0 CA"));
}

// A DER or a keystore in `data` or `binaryData`, of every length that base64 pads differently.
TEST_F(Formats, NoByteIsAddedToWhatASecretHolds) {
  for (std::size_t padding = 0; padding < 3; ++padding) {
    Issued issued = issue({.common_name = "leaf"}, &ca_);
    while (der(issued.certificate.get()).size() % 3 != padding) issued = issue({.common_name = "leaf"}, &ca_);
    const Inventory found = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\nbinaryData: {a.der: " +
                                 base64(der(issued.certificate.get())) + "}\n");
    EXPECT_THAT(names(found), ElementsAre("m/a.der:0 leaf"));
    EXPECT_THAT(reasons(found), IsEmpty()) << padding;
  }
}

TEST_F(Formats, WebhooksAndApiServicesHaveABundle) {
  const std::string objects =
      "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: policy}\nwebhooks:\n"
      "- name: a.policy.example\n  clientConfig:\n    caBundle: " +
      base64(text(ca_)) + "\n- name: b.policy.example\n  clientConfig: {caBundle: " + base64(text(leaf_)) +
      "}\n---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.metrics}\nspec: {caBundle: " +
      base64(text(ca_)) + "}\n";
  const Inventory found = read(objects);
  EXPECT_THAT(names(found), ElementsAre("policy/a.policy.example/caBundle:0 CA", "policy/b.policy.example/caBundle:0 leaf",
                                        "v1.metrics/caBundle:0 CA"));
  EXPECT_THAT(reasons(found), IsEmpty());
}

// A comment is no manifest.
TEST_F(Formats, PemWhoseCommentSpeaksOfASecretIsPem) {
  for (const char* const comment :
       {"# apiVersion: v1, kind: Secret\n", "apiVersion: v1\nkind: Secret\n\n", "kind: Config, of clusters\n"})
    EXPECT_THAT(names(read(comment + text(leaf_))), ElementsAre(":0 leaf")) << comment;
}

TEST_F(Formats, OtherKindsWhoseNamesBeginLikeASecretAreTextWithPemInIt) {
  EXPECT_THAT(names(read("apiVersion: x/v1\nkind: SecretStore\nspec:\n  caBundle: |\n" + indented(text(ca_), "    "))),
              ElementsAre(":0 CA"));
}

TEST_F(Formats, AKubeconfigThatNamesAFileOfTheKernelIsNotFollowed) {
  const Inventory found =
      read("kind: Config\nclusters: []\nusers: [{name: u, user: {client-certificate: /proc/self/environ}}]\n");
  EXPECT_THAT(reasons(found), ElementsAre("irregular_file"));
}

// --- keys

// Whole, cut short anywhere, and with a mistake in the middle: what is kept tells of certificates alone.
TEST_F(Formats, NoPartOfAKeyIsKept) {
  const std::string key = pem(leaf_.key.get());
  const std::string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\ndata:\n  tls.crt: " + base64(text(leaf_)) +
                             "\n  tls.key: " + base64(key) + "\n  store.p12: " + base64(pkcs12(nullptr)) +
                             "\nstringData:\n  plain: |\n" + indented(key, "    ") + "  quoted: \"" +
                             key.substr(0, key.size() - 1) + "\"\n";
  const std::string kubeconfig =
      "kind: Config\nclusters: []\nusers:\n- {name: ops, user: {client-certificate-data: " + base64(text(leaf_)) +
      ", client-key-data: " + base64(key) + "}}\n";
  const std::vector<std::string> pieces = tests::inventory::pieces_of(leaf_.key.get(), key, base64(key));
  const auto tells = [&](const Inventory& found) {
    const std::string all = tests::inventory::everything_in(found);
    return std::ranges::any_of(pieces, [&](const std::string& piece) { return all.find(piece) != std::string::npos; });
  };
  for (const std::string& file : {key + text(leaf_), pkcs12(nullptr), pkcs12("p"), secret, kubeconfig}) {
    const Inventory found = read(file, {"p"});
    EXPECT_THAT(reasons(found), IsEmpty());
    EXPECT_FALSE(found.certificates.empty());
    for (const auto& one : found.certificates) EXPECT_THAT(one.certificate->subject_common_name(), testing::AnyOf("leaf", "CA"));
    EXPECT_FALSE(tells(found));
    for (std::size_t size = 0; size < file.size(); size += 1 + file.size() / 200) {
      EXPECT_FALSE(tells(read(file.substr(0, size), {"p"}))) << size;
      std::string wrong = file;
      wrong[size] = wrong[size] == ':' ? '*' : ':';
      EXPECT_FALSE(tells(read(wrong, {"p"}))) << size << ": " << read(wrong, {"p"}).troubles.at(0).detail;
    }
  }
  EXPECT_TRUE(tells({.troubles = {{observations::SourceReason::bad_pem, "file", "in the way: " + key}}})) << "of what it should";
}

// --- the rest

TEST_F(Formats, WhatIsNoneOfThemHoldsNoCertificates) {
  for (const char* bytes : {"", "hello",
                            "\x7f"
                            "ELF",
                            "{}", "kind: Deployment"})
    EXPECT_THAT(reasons(read(bytes)), ElementsAre("no_certificates")) << bytes;
}

TEST_F(Formats, BouncyCastleIsRefusedByItsName) {
  const Inventory found = read(std::string("\0\0\0\2\0\0\0\x14", 8) + std::string(60, 'x'));
  EXPECT_THAT(reasons(found), ElementsAre("unsupported_format"));
  EXPECT_THAT(found.troubles[0].detail, HasSubstr("Bouncy Castle"));
}

// `small` beside a certificate that is too large, in every format.
TEST_F(Formats, ACertificateAboveTheLimitIsPassedOver) {
  const auto padded = [&](std::size_t padding) {
    Issued large = issue({.common_name = "large"}, &ca_);
    ASN1_IA5STRING* comment = ASN1_IA5STRING_new();
    ASN1_STRING_set(comment, std::string(padding, 'x').data(), static_cast<int>(padding));
    X509_add1_ext_i2d(large.certificate.get(), NID_netscape_comment, comment, 0, 0);
    ASN1_IA5STRING_free(comment);
    X509_sign(large.certificate.get(), ca_.key.get(), EVP_sha256());
    return large;
  };
  EXPECT_THAT(names(read(text(padded(largest_certificate - 1024)))), ElementsAre(":0 large"));
  const Issued large = padded(largest_certificate);
  PKCS7* message = PKCS7_new();
  PKCS7_set_type(message, NID_pkcs7_signed);
  PKCS7_content_new(message, NID_pkcs7_data);
  PKCS7_add_certificate(message, large.certificate.get());
  PKCS7_add_certificate(message, leaf_.certificate.get());
  STACK_OF(X509)* others = sk_X509_new_null();
  sk_X509_push(others, large.certificate.get());
  const tls::Ptr<PKCS12> store(PKCS12_create(nullptr, nullptr, leaf_.key.get(), leaf_.certificate.get(), others, 0, 0, 0, 0, 0));
  sk_X509_free(others);
  const std::string both = text(large) + text(leaf_);
  for (const std::string& file :
       {both, der(large.certificate.get()) + der(leaf_.certificate.get()), der(message), der(store.get()),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\nbinaryData: {ca: " + base64(both) + "}\n"}) {
    const Inventory found = read(file);
    ASSERT_EQ(found.certificates.size(), 1u) << format_of(file)->name;
    EXPECT_EQ(found.certificates[0].certificate->subject_common_name(), "leaf");
    EXPECT_THAT(reasons(found), ElementsAre("too_large"));
  }
  PKCS7_free(message);
}

// What is too large is not even looked into: nonsense of that size is not said to be nonsense.
TEST_F(Formats, ACertificateAboveTheLimitIsNotParsed) {
  const std::string nonsense = std::string("\x30\x84\x00\x20\x00\x00\x30\x00", 8) + std::string((2u << 20) - 2, 'x');
  const std::string java = std::string("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\2\0\0", 18) + std::string(8, '\0') +
                           std::string("\0\0\0\x20\0\6", 6) + nonsense + std::string(20, '\0');
  const tls::Ptr<BIO> armoured(BIO_new(BIO_s_mem()));
  PEM_write_bio(armoured.get(), PEM_STRING_X509, "", reinterpret_cast<const unsigned char*>(nonsense.data()),
                static_cast<long>(nonsense.size()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(armoured.get(), &data);
  for (const std::string& file : {nonsense, std::string(data, static_cast<std::size_t>(size)), java})
    EXPECT_THAT(reasons(read(file)), ElementsAre("too_large")) << format_of(file)->name;
}

TEST_F(Formats, AFileIsReadUpToALimitOfEntries) {
  std::string many;
  const std::string one = der(leaf_.certificate.get());
  for (std::size_t index = 0; index <= most_entries; ++index) many += one;
  const Inventory found = read(many);
  EXPECT_EQ(found.certificates.size(), most_entries);
  EXPECT_THAT(reasons(found), ElementsAre("too_large"));
}

}  // namespace
}  // namespace probes::inventory
