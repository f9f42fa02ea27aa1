#include "probes/revocation/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "probes/tls/certificate_facts.h"
#include "tests/support/test_list.h"

namespace probes::revocation {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::PublishedRevocations;
using testing::ElementsAre;
using testing::IsEmpty;

const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

class Database : public testing::Test {
 protected:
  ~Database() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  static NamedList named(const std::string& der, std::string source = "a.crl") { return {List::read(der), std::move(source)}; }
  // What the database says is revoked, each until `ends`.
  PublishedRevocations beside(const std::vector<NamedList>& lists, const std::vector<const Issued*>& revoked,
                              std::chrono::seconds ends = 24h) {
    serials_.clear();
    for (const Issued* one : revoked) serials_.emplace_back(tls::remembered_facts(one->certificate.get())->serial());
    std::vector<DatabaseEntry> entries;
    for (const std::string& serial : serials_) entries.push_back({serial, now + ends});
    return compared(entries, latest(lists), now);
  }

  const Issued root_ = root("Internal");
  const Issued one_ = issue({.common_name = "one", .serial_hex = "0A"}, &root_);
  const Issued two_ = issue({.common_name = "two", .serial_hex = "F00D"}, &root_);
  std::vector<std::string> serials_;
};

TEST_F(Database, AgreesWithTheListThatWasMadeOfIt) {
  const auto found = beside({named(list_of(root_, {.revoked = {{&one_}, {&two_, 6}}}))}, {&one_, &two_});
  EXPECT_EQ(found.only_in_database, 0u);
  EXPECT_EQ(found.only_in_lists, 0u);
  EXPECT_THAT(found.unlisted, IsEmpty());
  EXPECT_THAT(found.lists, ElementsAre("a.crl"));
}

TEST_F(Database, WhatItRevokedAndNoListSaysIsCountedAndNamed) {
  const auto found = beside({named(list_of(root_, {.revoked = {{&one_}}}))}, {&one_, &two_});
  EXPECT_EQ(found.only_in_database, 1u);
  EXPECT_EQ(found.only_in_lists, 0u);
  EXPECT_THAT(found.unlisted, ElementsAre("f00d"));
}

// RFC 5280 3.3: a list may leave out what has ended.
TEST_F(Database, WhatHasEndedNeedNotBeListed) {
  const auto found = beside({named(list_of(root_))}, {&one_}, -1h);
  EXPECT_EQ(found.only_in_database, 0u);
}

TEST_F(Database, WhatAListSaysAndItDoesNotKnowIsCounted) {
  const auto found = beside({named(list_of(root_, {.revoked = {{&one_}, {&two_}}}))}, {&two_});
  EXPECT_EQ(found.only_in_database, 0u);
  EXPECT_EQ(found.only_in_lists, 1u);
}

TEST_F(Database, TheNewestOfItsListsCounts) {
  const std::string before = list_of(root_, {.revoked = {{&one_}}, .starts = -3h});
  const std::string after = list_of(root_, {.revoked = {{&one_}, {&two_}}, .starts = -2h, .number = 2});
  for (const auto& lists :
       {std::vector{named(before, "old"), named(after, "new")}, std::vector{named(after, "new"), named(before, "old")}}) {
    const auto found = beside(lists, {&one_, &two_});
    EXPECT_EQ(found.only_in_database, 0u);
    EXPECT_THAT(found.lists, ElementsAre("new"));
  }
}

TEST_F(Database, ADeltaPublishesWhatItsBaseDoesNot) {
  const std::string base = list_of(root_, {.revoked = {{&one_}}, .number = 1});
  const std::string delta = list_of(root_, {.revoked = {{&two_}}, .number = 2, .base = 1});
  EXPECT_EQ(beside({named(base), named(delta)}, {&one_, &two_}).only_in_database, 0u);
  EXPECT_EQ(beside({named(base)}, {&one_, &two_}).only_in_database, 1u);
}

TEST_F(Database, PartsOfAListAreTakenTogether) {
  const std::string one =
      list_of(root_, {.revoked = {{&one_}}, .extensions = {{"issuingDistributionPoint", "fullname:URI:http://a/1"}}});
  const std::string two =
      list_of(root_, {.revoked = {{&two_}}, .extensions = {{"issuingDistributionPoint", "fullname:URI:http://a/2"}}});
  const auto found = beside({named(one, "1"), named(two, "2")}, {&one_, &two_});
  EXPECT_EQ(found.only_in_database, 0u);
  EXPECT_EQ(found.only_in_lists, 0u);
}

}  // namespace
}  // namespace probes::revocation
