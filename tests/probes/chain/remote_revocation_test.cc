// Chains judged with what distribution points and responders say.
#include "probes/chain/remote_revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <map>

#include "probes/tls/certificate_facts.h"
#include "tests/support/judged.h"
#include "tests/support/test_answer.h"
#include "tests/support/test_list.h"

namespace probes::chain {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::ChainJudgementPtr;
using observations::Finding;
using observations::RevocationMethod;
using observations::RevocationStatus;
using revocation::List;
using revocation::Place;
using revocation::PlacePtr;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Places that say what a test tells them.
class ToldPlaces : public revocation::Remote {
 public:
  PlacePtr list_at(const std::string& url, std::chrono::milliseconds, X509*) override { return asked_for(url); }
  PlacePtr answer_about(const revocation::Query& query, std::chrono::milliseconds) override { return asked_for(query.url); }

  void has(const std::string& url, const std::string& list) { place(url)->tell({.asked = true, .list = List::read(list)}); }
  void answers(const std::string& url, const std::string& answer) {
    place(url)->tell({.asked = true, .answer = std::make_shared<const std::string>(answer)});
  }
  void fails(const std::string& url) {
    revocation::Told told = place(url)->told();
    told.asked = true;
    told.trouble = "connection refused";
    place(url)->tell(told);
  }
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  PlacePtr place(const std::string& url) {
    PlacePtr& known = places_[url];
    if (!known) known = std::make_shared<Place>(url);
    return known;
  }
  PlacePtr asked_for(const std::string& url) {
    asked_.push_back(url);
    return place(url);
  }
  std::map<std::string, PlacePtr> places_;
  std::vector<std::string> asked_;
};

class AskedOverHttp : public testing::Test {
 protected:
  ~AskedOverHttp() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  JudgeOptions options(revocation::Wanted wanted) {
    wanted.refresh = 1h;
    return {.at = now(), .remote = &places_, .wanted = std::move(wanted)};
  }
  ChainJudgementPtr judged(const Issued& leaf, revocation::Wanted wanted, const std::vector<std::string>& stored = {}) {
    revocation::Lists lists;
    for (const std::string& der : stored) lists.add({List::read(der), "stored.crl"});
    const auto trust = TrustStore::of("internal", chain_of({&root_}), false, std::move(lists));
    return judge(chain_of({&leaf}), *trust, options(std::move(wanted)));
  }
  static RevocationStatus status(const ChainJudgementPtr& judgement, RevocationMethod method) {
    const auto found = status_of(judgement->revocation, method);
    EXPECT_TRUE(found);
    return found.value_or(RevocationStatus::unknown);
  }

  const Issued root_ = root();
  const Issued listed_ = issue({.common_name = "localhost", .extensions = {{"crlDistributionPoints", "URI:http://a/1"}}}, &root_);
  const Issued answered_ =
      issue({.common_name = "localhost", .extensions = {{"authorityInfoAccess", "OCSP;URI:http://o/"}}}, &root_);
  const Issued bare_ = issue({.common_name = "localhost"}, &root_);
  const revocation::Wanted lists_{.lists = true}, answers_{.answers = true};
  ToldPlaces places_;
};

TEST_F(AskedOverHttp, WhatWasNotAskedYetIsUnavailableAndPending) {
  const ChainJudgementPtr list = judged(listed_, lists_), answer = judged(answered_, answers_);
  EXPECT_TRUE(list->valid && answer->valid);
  EXPECT_TRUE(list->revocation_pending && answer->revocation_pending);
  EXPECT_EQ(status(list, RevocationMethod::crl), RevocationStatus::unavailable);
  EXPECT_EQ(status(answer, RevocationMethod::ocsp), RevocationStatus::unavailable);
  EXPECT_THAT(places_.asked(), ElementsAre("http://a/1", "http://o/"));
}

TEST_F(AskedOverHttp, TheListOfADistributionPointDecides) {
  places_.has("http://a/1", list_of(root_));
  const ChainJudgementPtr good = judged(listed_, lists_);
  EXPECT_EQ(status(good, RevocationMethod::crl), RevocationStatus::good);
  EXPECT_FALSE(good->revocation_pending);
  EXPECT_EQ(good->revocation.front().source, "http://a/1");
  places_.has("http://a/1", list_of(root_, {.revoked = {{&listed_, 1}}}));
  const ChainJudgementPtr revoked = judged(listed_, lists_);
  EXPECT_FALSE(revoked->valid);
  EXPECT_EQ(revoked->verify_code, 23);
  EXPECT_TRUE(found(revoked, Finding::revoked));
}

TEST_F(AskedOverHttp, AResponderDecides) {
  places_.answers("http://o/", answer_about(answered_, root_));
  EXPECT_EQ(status(judged(answered_, answers_), RevocationMethod::ocsp), RevocationStatus::good);
  places_.answers("http://o/", answer_about(answered_, root_, {.status = Told::revoked, .reason = 1}));
  const ChainJudgementPtr revoked = judged(answered_, answers_);
  EXPECT_FALSE(revoked->valid);
  EXPECT_EQ(status(revoked, RevocationMethod::ocsp), RevocationStatus::revoked);
  places_.answers("http://o/", answer_about(answered_, root_, {.status = Told::unknown}));
  EXPECT_EQ(status(judged(answered_, answers_), RevocationMethod::ocsp), RevocationStatus::unknown);
}

TEST_F(AskedOverHttp, WhatCannotBeHadIsNeverGoodAndChangesNothing) {
  places_.fails("http://a/1");
  places_.fails("http://o/");
  const ChainJudgementPtr list = judged(listed_, lists_), answer = judged(answered_, answers_);
  EXPECT_TRUE(list->valid && answer->valid);
  EXPECT_FALSE(list->revocation_pending || answer->revocation_pending);
  EXPECT_EQ(status(list, RevocationMethod::crl), RevocationStatus::unavailable);
  EXPECT_EQ(status(answer, RevocationMethod::ocsp), RevocationStatus::unavailable);
  EXPECT_THAT(list->revocation.front().detail, HasSubstr("connection refused"));
  EXPECT_EQ(answer->revocation.front().source, "http://o/");
}

TEST_F(AskedOverHttp, WhatWasHadHoldsWhileItsSourceIsDownAndNotLonger) {
  places_.has("http://a/1", list_of(root_, {.ends = 1h}));
  places_.fails("http://a/1");
  EXPECT_EQ(status(judged(listed_, lists_), RevocationMethod::crl), RevocationStatus::good);
  places_.has("http://a/1", list_of(root_, {.starts = -2h, .ends = -1h}));
  places_.fails("http://a/1");
  EXPECT_EQ(status(judged(listed_, lists_), RevocationMethod::crl), RevocationStatus::unavailable);
  places_.answers("http://o/", answer_about(answered_, root_, {.starts = -2h, .ends = -1h}));
  EXPECT_EQ(status(judged(answered_, answers_), RevocationMethod::ocsp), RevocationStatus::unavailable);
}

TEST_F(AskedOverHttp, NobodyIsAskedWhoWasNotMeant) {
  (void)judged(listed_, {});
  (void)judged(answered_, {});
  (void)judged(listed_, answers_);
  (void)judged(answered_, lists_);
  const Issued stranger = root("Stranger");
  const Issued untrusted =
      issue({.common_name = "localhost", .extensions = {{"crlDistributionPoints", "URI:http://evil/"}}}, &stranger);
  EXPECT_FALSE(judged(untrusted, {.lists = true, .answers = true})->valid);
  EXPECT_THAT(places_.asked(), IsEmpty());
}

TEST_F(AskedOverHttp, WhatTheTrustStoresListsSettleNeedsNobodyElse) {
  EXPECT_EQ(status(judged(listed_, lists_, {list_of(root_)}), RevocationMethod::crl), RevocationStatus::good);
  EXPECT_EQ(status(judged(listed_, lists_, {list_of(root_, {.revoked = {{&listed_}}})}), RevocationMethod::crl),
            RevocationStatus::revoked);
  EXPECT_THAT(places_.asked(), IsEmpty());
  places_.has("http://a/1", list_of(root_));
  EXPECT_EQ(status(judged(listed_, lists_, {list_of(root_, {.starts = -2h, .ends = -1h})}), RevocationMethod::crl),
            RevocationStatus::good)
      << "the stored one has lapsed";
}

TEST_F(AskedOverHttp, WithoutAPlaceToAskItIsUnknown) {
  EXPECT_EQ(status(judged(bare_, lists_), RevocationMethod::crl), RevocationStatus::unknown);
  EXPECT_EQ(status(judged(bare_, answers_), RevocationMethod::ocsp), RevocationStatus::unknown);
}

TEST_F(AskedOverHttp, AConfiguredResponderStandsForTheOneThatIsNamed) {
  places_.answers("http://ours/", answer_about(answered_, root_));
  EXPECT_EQ(status(judged(answered_, {.answers = true, .responder = "http://ours/"}), RevocationMethod::ocsp),
            RevocationStatus::good);
  EXPECT_THAT(places_.asked(), ElementsAre("http://ours/"));
}

TEST_F(AskedOverHttp, ASecondPlaceOfTheSameListIsAskedWhereTheFirstFails) {
  const Issued twice =
      issue({.common_name = "localhost", .extensions = {{"crlDistributionPoints", "URI:http://down/,URI:http://a/1"}}}, &root_);
  places_.fails("http://down/");
  places_.has("http://a/1", list_of(root_));
  EXPECT_EQ(status(judged(twice, lists_), RevocationMethod::crl), RevocationStatus::good);
}

TEST_F(AskedOverHttp, AListOfAnybodyRevokesNobody) {
  const Issued stranger = root();  // of the same name
  places_.has("http://a/1", list_of(stranger, {.revoked = {{&listed_}}, .key_identifier = false}));
  const ChainJudgementPtr judgement = judged(listed_, lists_);
  EXPECT_TRUE(judgement->valid);
  EXPECT_EQ(status(judgement, RevocationMethod::crl), RevocationStatus::unavailable);
}

// What is remembered holds until a place says something else, and no longer.
TEST_F(AskedOverHttp, AJudgementIsRememberedUntilSomethingElseIsTold) {
  const auto trust = TrustStore::of("internal", chain_of({&root_}));
  const std::vector<observations::CertificatePtr> facts = {tls::remembered_facts(listed_.certificate.get())};
  const auto remembered = [&] { return remembered_judgement(chain_of({&listed_}), facts, *trust, options(lists_)); };
  const ChainJudgementPtr before = remembered();
  EXPECT_EQ(remembered(), before);
  places_.has("http://a/1", list_of(root_, {.revoked = {{&listed_}}}));
  const ChainJudgementPtr after = remembered();
  EXPECT_NE(after, before);
  EXPECT_FALSE(after->valid);
  EXPECT_EQ(remembered(), after);
  JudgeOptions without = options(lists_);
  without.remote = nullptr;
  EXPECT_TRUE(remembered_judgement(chain_of({&listed_}), facts, *trust, without)->revocation.empty());
}

}  // namespace
}  // namespace probes::chain
