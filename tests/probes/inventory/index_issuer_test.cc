#include "probes/inventory/index_issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <filesystem>
#include <fstream>

#include "probes/inventory/openssl_index.h"
#include "tests/support/test_list.h"

namespace probes::inventory {
namespace {

using namespace tests::support;
using testing::ElementsAre;

const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

class IssuerOfAnIndex : public testing::Test {
 protected:
  ~IssuerOfAnIndex() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  void put(const std::string& below, const std::string& serial, const Issued& issued, const std::string& ending = ".pem") {
    std::filesystem::create_directories(folder_.path() + "/" + below);
    folder_.write(below + "/" + serial + ending, pem(issued.certificate.get()));
  }
  static revocation::ListPtr list(const Issued& issuer, const WantedList& wanted = {}) {
    return revocation::List::read(list_of(issuer, wanted));
  }
  std::optional<IndexIssuer> beside(const std::vector<std::string_view>& serials) {
    return IndexIssuer::beside(folder_.path() + "/index.txt", serials);
  }

  const TemporaryFolder folder_;
  const Issued ours_ = root("Estate CA"), namesake_ = root("Estate CA"), other_ = root("Other CA");
  const Issued leaf_ = issue({.common_name = "leaf", .serial_hex = "0A"}, &ours_);
};

TEST_F(IssuerOfAnIndex, IsThatOfTheCertificatesBesideIt) {
  for (const char* below : {"newcerts", "certs_by_serial", "revoked/certs_by_serial", "."}) {
    SCOPED_TRACE(below);
    put(below, "0A", leaf_);
    const auto issuer = beside({"09", "0A"});
    ASSERT_TRUE(issuer);
    EXPECT_TRUE(issuer->issued(*list(ours_)));
    EXPECT_FALSE(issuer->issued(*list(other_)));
    EXPECT_FALSE(issuer->issued(*list(namesake_))) << "another key of the same name";
    EXPECT_TRUE(issuer->issued(*list(namesake_, {.key_identifier = false}))) << "which key is not said";
    std::filesystem::remove(folder_.path() + "/" + below + "/0A.pem");
  }
}

TEST_F(IssuerOfAnIndex, IsKnownAlsoWhereEasyRsaHasRevokedAllOfThem) {
  put("revoked/certs_by_serial", "0A", leaf_, ".crt");
  ASSERT_TRUE(beside({"0A"}));
  EXPECT_TRUE(beside({"0A"})->issued(*list(ours_)));
}

TEST_F(IssuerOfAnIndex, CannotBeToldWithoutThem) {
  EXPECT_FALSE(beside({}));
  EXPECT_FALSE(beside({"0A", "../../etc/passwd"}));
  folder_.write("0A.pem", "no certificate");
  EXPECT_FALSE(beside({"0A"}));
}

TEST_F(IssuerOfAnIndex, CannotBeToldOfTwo) {
  put("newcerts", "0A", leaf_);
  put("newcerts", "0B", issue({.common_name = "b"}, &other_));
  EXPECT_FALSE(beside({"0A", "0B"}));
}

TEST_F(IssuerOfAnIndex, AuthoritiesThatItIssuedTellNothing) {
  put("newcerts", "0B", issue({.common_name = "Issuing", .extended_key_usage = "", .authority = true}, &other_));
  put("newcerts", "0A", leaf_);
  const auto issuer = beside({"0A", "0B"});
  ASSERT_TRUE(issuer);
  EXPECT_TRUE(issuer->issued(*list(ours_)));
}

TEST_F(IssuerOfAnIndex, AnIndexIsComparedWithTheListsOfItsIssuerAlone) {
  put("newcerts", "0A", leaf_);
  config::Authority settings;
  settings.openssl_index = folder_.write("index.txt", "R\t20991231000000Z\t260101000000Z\t0A\tunknown\t/CN=leaf\n");
  const PublishedLists forgotten{.lists = {{list(ours_), "ours.crl"}, {list(other_), "other.crl"}}};
  const auto found = read_openssl_index(settings, now, forgotten).published_revocations;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->only_in_database, 1u);
  EXPECT_THAT(found->unlisted, ElementsAre("0A"));
  EXPECT_THAT(found->lists, ElementsAre("ours.crl"));

  const PublishedLists made{.lists = {{list(ours_, {.revoked = {{&leaf_}}}), "ours.crl"}}};
  EXPECT_EQ(read_openssl_index(settings, now, made).published_revocations->only_in_database, 0u);
  const PublishedLists of_others{.lists = {{list(other_), "other.crl"}}};
  EXPECT_FALSE(read_openssl_index(settings, now, of_others).published_revocations);
  EXPECT_FALSE(read_openssl_index(settings, now).published_revocations);
}

TEST_F(IssuerOfAnIndex, ListsThatWereNamedForItAreTakenAtTheWord) {
  config::Authority settings;
  settings.openssl_index = folder_.write("index.txt", "R\t20991231000000Z\t260101000000Z\t0A\tunknown\t/CN=leaf\n");
  const PublishedLists named{.lists = {{list(ours_), "ours.crl"}}, .of_this_authority = true};
  EXPECT_EQ(read_openssl_index(settings, now, named).published_revocations->only_in_database, 1u);
}

}  // namespace
}  // namespace probes::inventory
