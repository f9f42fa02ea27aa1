// Revocation lists beside the anchors of a trust store.
#include "probes/chain/trust_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <functional>

#include "tests/support/test_ca.h"

namespace probes::chain {
namespace {

using namespace tests::support;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// A list of `issuer`, signed with `key`, made an hour ago and due tomorrow, with one entry.
std::string list_of(
    const Issued& issuer, const Issued& signer, long number = 7, const std::function<void(X509_CRL*)>& spoil = [](X509_CRL*) {}) {
  const tls::Ptr<X509_CRL> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  ASN1_TIME* time = X509_time_adj_ex(nullptr, 0, -3600, nullptr);
  X509_CRL_set1_lastUpdate(list.get(), time);
  X509_REVOKED* entry = X509_REVOKED_new();
  X509_REVOKED_set_revocationDate(entry, time);
  ASN1_INTEGER* integer = ASN1_INTEGER_new();
  ASN1_INTEGER_set(integer, 99);
  X509_REVOKED_set_serialNumber(entry, integer);
  X509_CRL_add0_revoked(list.get(), entry);
  X509_time_adj_ex(time, 1, 0, nullptr);
  X509_CRL_set1_nextUpdate(list.get(), time);
  ASN1_INTEGER_set(integer, number);
  X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, integer, 0, 0);
  ASN1_INTEGER_free(integer);
  ASN1_TIME_free(time);
  spoil(list.get());
  X509_CRL_sign(list.get(), signer.key.get(), EVP_sha256());
  const tls::Ptr<BIO> text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(text.get(), list.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TrustStorePtr loaded(const std::vector<std::string>& anchors, const std::vector<std::string>& lists) {
  return TrustStore::load({.name = "t", .ca_files = anchors, .crl_files = lists});
}

std::vector<std::string> reasons(const TrustStore& store) {
  std::vector<std::string> found;
  for (const auto& error : store.errors()) found.emplace_back(word(error.reason));
  return found;
}

TEST(RevocationLists, SayWhenTheyAreDueAndWhoMadeThem) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal");
  const auto store = loaded({folder.write("root.pem", pem(authority.certificate.get()))},
                            {folder.write("a.crl", list_of(authority, authority))});
  EXPECT_THAT(reasons(*store), IsEmpty());
  ASSERT_THAT(store->revocation_lists(), SizeIs(1));
  const observations::RevocationList& list = store->revocation_lists().front();
  EXPECT_EQ(list.issuer, "CN=Internal");
  EXPECT_EQ(list.number, "7");
  EXPECT_EQ(list.revoked, 1u);
  EXPECT_EQ(list.next_update.value() - list.this_update, std::chrono::hours(25));
  EXPECT_EQ(list.genuine, true);
}

TEST(RevocationLists, AListThatItsIssuerDidNotSignIsNotGenuine) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal"), impostor = root("Internal");
  const auto store =
      loaded({folder.write("root.pem", pem(authority.certificate.get()))}, {folder.write("a.crl", list_of(impostor, impostor))});
  EXPECT_THAT(reasons(*store), ElementsAre("bad_crl"));
  EXPECT_EQ(store->revocation_lists().at(0).genuine, false);
}

// Without its nextUpdate it would pass for a list that has none and holds for ever.
TEST(RevocationLists, AListWhoseDatesCannotBeReadIsNone) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal");
  const std::string anchor = folder.write("root.pem", pem(authority.certificate.get()));
  const auto made = [](X509_CRL* list) { write_date(const_cast<ASN1_TIME*>(X509_CRL_get0_lastUpdate(list)), "20260230000000Z"); };
  const auto due = [](X509_CRL* list) { write_date(const_cast<ASN1_TIME*>(X509_CRL_get0_nextUpdate(list)), "20261399000000Z"); };
  for (const std::function<void(X509_CRL*)>& spoil :
       {std::function<void(X509_CRL*)>(made), std::function<void(X509_CRL*)>(due)}) {
    const auto store = loaded({anchor}, {folder.write("ca.crl", list_of(authority, authority, 7, spoil))});
    EXPECT_THAT(store->revocation_lists(), IsEmpty());
    EXPECT_THAT(reasons(*store), testing::AllOf(Not(IsEmpty()), testing::Each("bad_crl")));
    EXPECT_THAT(store->errors().at(0).detail, HasSubstr("holds no revocation list"));
  }
}

TEST(RevocationLists, ADateBeyondTheNanosecondsIsExact) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal");
  const auto last = [](X509_CRL* list) { write_date(const_cast<ASN1_TIME*>(X509_CRL_get0_nextUpdate(list)), "99991231235959Z"); };
  const auto store = loaded({folder.write("root.pem", pem(authority.certificate.get()))},
                            {folder.write("ca.crl", list_of(authority, authority, 7, last))});
  ASSERT_THAT(store->revocation_lists(), SizeIs(1));
  EXPECT_EQ(store->revocation_lists()[0].next_update, std::chrono::sys_seconds(std::chrono::seconds(253402300799)));
}

TEST(RevocationLists, OfAnUnknownIssuerNothingIsClaimed) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal"), stranger = root("Stranger");
  const auto store =
      loaded({folder.write("root.pem", pem(authority.certificate.get()))}, {folder.write("a.crl", list_of(stranger, stranger))});
  EXPECT_THAT(reasons(*store), IsEmpty());
  EXPECT_EQ(store->revocation_lists().at(0).genuine, std::nullopt);
}

TEST(RevocationLists, OneOfSeveralAnchorsOfTheNameSuffices) {
  const TemporaryFolder folder;
  const Issued old = root("Internal"), renewed = root("Internal");
  const auto store = loaded({folder.write("root.pem", pem(renewed.certificate.get()) + pem(old.certificate.get()))},
                            {folder.write("a.crl", list_of(renewed, renewed))});
  EXPECT_EQ(store->revocation_lists().at(0).genuine, true);
}

TEST(RevocationLists, AFileThatIsHalfWrittenOrGoneStaysAsItWasRead) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal");
  const std::string good = list_of(authority, authority);
  const config::TrustStore settings{
      .name = "t",
      .ca_files = {folder.write("root.pem", pem(authority.certificate.get()))},
      .crl_files = {folder.write("a.crl", good), folder.write("b.crl", list_of(authority, authority, 8))}};
  const TrustStorePtr before = TrustStore::load(settings);
  folder.write("a.crl", good.substr(0, good.size() / 2));
  const TrustStorePtr after = TrustStore::load(settings, before.get());
  EXPECT_THAT(reasons(*after), ElementsAre("bad_pem", "bad_crl"));
  ASSERT_THAT(after->revocation_lists(), SizeIs(2));
  EXPECT_THAT(after->lists().all(), SizeIs(2));
  std::filesystem::remove(folder.path() + "/a.crl");
  const TrustStorePtr gone = TrustStore::load(settings, after.get());
  EXPECT_THAT(reasons(*gone), ElementsAre("not_found"));
  EXPECT_THAT(gone->lists().all(), SizeIs(2));
  folder.write("a.crl", list_of(authority, authority, 9));
  const TrustStorePtr renewed = TrustStore::load(settings, gone.get());
  EXPECT_THAT(reasons(*renewed), IsEmpty());
  EXPECT_EQ(renewed->revocation_lists().front().number, "9");
}

TEST(RevocationLists, EveryTroubleHasItsWordAndTheRestIsRead) {
  const TemporaryFolder folder;
  const Issued authority = root("Internal");
  const std::string good = list_of(authority, authority);
  std::string broken = good;
  broken.replace(80, 10, "**********");
  const auto store =
      loaded({folder.write("root.pem", pem(authority.certificate.get()))},
             {folder.write("half.crl", good + broken), folder.write("junk.crl", "nothing"), folder.path() + "/absent.crl"});
  EXPECT_THAT(reasons(*store), ElementsAre("bad_pem", "bad_crl", "not_found"));
  EXPECT_THAT(store->revocation_lists(), SizeIs(1));
  EXPECT_THAT(store->anchors(), SizeIs(1));
}

}  // namespace
}  // namespace probes::chain
