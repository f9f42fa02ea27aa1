#include "probes/revocation/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "probes/observations/wall_time.h"
#include "tests/support/test_answer.h"
#include "tests/support/test_list.h"
#include "tests/support/web_peer.h"

namespace probes::revocation {
namespace {

using namespace std::chrono_literals;
using namespace tests::support;
using observations::RevocationMethod;
using observations::SourceReason;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Collects what is reported, and waits for it.
class Reports {
 public:
  Places::Report taking() {
    return [this](const PlaceReport& report) {
      const std::scoped_lock lock(mutex_);
      all_.push_back(report);
      came_.notify_all();
    };
  }
  // The report of this number, counted from 1.
  PlaceReport nth(std::size_t number) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(came_.wait_for(lock, 20s, [&] { return all_.size() >= number; })) << "of " << number << " came " << all_.size();
    return all_.size() >= number ? all_[number - 1] : PlaceReport{};
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return all_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<PlaceReport> all_;
};

// What an earlier run has kept.
class Kept final : public Keeper {
 public:
  void keep(const std::string& url, std::shared_ptr<const std::string> body) override {
    const std::scoped_lock lock(mutex_);
    all_[url] = std::move(body);
    ++times_;
  }
  std::shared_ptr<const std::string> kept(const std::string& url) override {
    const std::scoped_lock lock(mutex_);
    return all_[url];
  }
  int times() {
    const std::scoped_lock lock(mutex_);
    return times_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const std::string>> all_;
  int times_ = 0;
};

class AskedPlaces : public testing::Test {
 protected:
  Places places(Places::Limits limits = {.timeout = 2s, .first_retry = 10ms, .longest_retry = 20ms}) {
    return Places(reports_.taking(), limits, [] { return observations::wall_seconds(); });
  }
  Places places_with(Keeper& keeper) {
    return Places(
        reports_.taking(), {.timeout = 2s, .first_retry = 10ms, .longest_retry = 20ms},
        [] { return observations::wall_seconds(); }, &keeper);
  }
  Query query(const std::string& url, bool nonce = false) const {
    return {.url = url, .certificate = leaf_.certificate.get(), .issuer = root_.certificate.get(), .nonce = nonce};
  }
  X509* issuer() const { return root_.certificate.get(); }

  Reports reports_;
  const Issued root_ = root("Internal");
  const Issued leaf_ = issue({.common_name = "leaf"}, &root_), other_ = issue({.common_name = "other"}, &root_);
};

TEST_F(AskedPlaces, AListIsFetchedOnceForEverybody) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_, {.revoked = {{&leaf_}}, .number = 7})); });
  Places asked = places();
  const PlacePtr place = asked.list_at(peer.url("/a.crl"), 1h, issuer());
  ASSERT_TRUE(place);
  EXPECT_FALSE(place->told().asked);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(asked.list_at(peer.url("/a.crl"), 1h, issuer()), place);
  const PlaceReport report = reports_.nth(1);
  EXPECT_FALSE(report.trouble);
  EXPECT_EQ(report.method, RevocationMethod::crl);
  EXPECT_EQ(report.url, peer.url("/a.crl"));
  ASSERT_TRUE(report.list);
  EXPECT_EQ(report.list->number, "7");
  EXPECT_EQ(report.list->genuine, true);
  ASSERT_TRUE(place->told().list);
  EXPECT_EQ(place->told().list->entries(), 1u);
  EXPECT_THAT(peer.asked(), SizeIs(1));
}

TEST_F(AskedPlaces, AListInPemIsReadToo) {
  WebPeer peer([&](const WebRequest&) { return http_answer(pem_of_list(list_of(root_))); });
  Places asked = places();
  const PlacePtr place = asked.list_at(peer.url(), 1h, issuer());
  EXPECT_FALSE(reports_.nth(1).trouble);
  EXPECT_TRUE(place->told().list);
}

TEST_F(AskedPlaces, WhatFailsIsAskedAgainAndKeepsWhatItSaid) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_)); });
  Places asked = places();
  const PlacePtr place = asked.list_at(peer.url(), 1s, issuer());
  (void)reports_.nth(1);
  const ListPtr list = place->told().list;
  peer.answer_with([](const WebRequest&) { return http_answer("<html>no</html>"); });
  const PlaceReport failed = reports_.nth(2);
  ASSERT_TRUE(failed.trouble);
  EXPECT_EQ(failed.trouble->reason, SourceReason::bad_crl);
  ASSERT_TRUE(failed.list) << "the one in use";
  EXPECT_EQ(place->told().list, list);
  EXPECT_THAT(place->told().trouble, HasSubstr("no revocation list"));
  peer.answer_with([&](const WebRequest&) { return http_answer(list_of(root_, {.number = 2})); });
  std::size_t number = 3;
  while (reports_.nth(number).trouble) ++number;
  EXPECT_EQ(place->told().trouble, "");
  EXPECT_EQ(place->told().list->number(), "2");
}

TEST_F(AskedPlaces, AListOfAnEarlierRunIsInUseWhileItCannotBeFetched) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_, {.starts = -2h, .number = 1})); });
  Kept kept;
  {
    Places before = places_with(kept);
    (void)before.list_at(peer.url(), 1s, issuer());
    (void)reports_.nth(1);
  }
  peer.answer_with([](const WebRequest&) { return http_answer("<html>no</html>"); });
  Places asked = places_with(kept);
  const PlacePtr place = asked.list_at(peer.url(), 1s, issuer());
  const PlaceReport failed = reports_.nth(2);
  EXPECT_TRUE(failed.trouble) << "it is still said to be down";
  ASSERT_TRUE(failed.list);
  EXPECT_EQ(place->told().list->number(), "1");
  EXPECT_THAT(place->told().trouble, HasSubstr("no revocation list"));
  peer.answer_with([&](const WebRequest&) { return http_answer(list_of(root_, {.number = 2})); });
  std::size_t number = 3;
  while (reports_.nth(number).trouble) ++number;
  EXPECT_EQ(place->told().list->number(), "2");
}

TEST_F(AskedPlaces, AListThatIsTheSameIsKeptOnce) {
  const std::string list = list_of(root_);
  WebPeer peer([&](const WebRequest&) { return http_answer(list); });
  Kept kept;
  Places asked = places_with(kept);
  (void)asked.list_at(peer.url(), 1s, issuer());
  (void)reports_.nth(3);
  EXPECT_EQ(kept.times(), 1);
}

TEST_F(AskedPlaces, WhatWasKeptAndIsNoListIsNone) {
  WebPeer peer([&](const WebRequest&) { return http_answer("no", "503 Service Unavailable"); });
  Kept kept;
  kept.keep(peer.url(), std::make_shared<const std::string>("half a list"));
  Places asked = places_with(kept);
  const PlacePtr place = asked.list_at(peer.url(), 1s, issuer());
  EXPECT_FALSE(reports_.nth(1).list);
  EXPECT_FALSE(place->told().list);
}

TEST_F(AskedPlaces, AListThatWasMadeBeforeTakesNothingBack) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_, {.starts = -1h, .number = 2})); });
  Places asked = places();
  const PlacePtr place = asked.list_at(peer.url(), 1s, issuer());
  (void)reports_.nth(1);
  peer.answer_with([&](const WebRequest&) { return http_answer(list_of(root_, {.starts = -2h, .number = 1})); });
  (void)reports_.nth(2);
  EXPECT_EQ(place->told().list->number(), "2");
}

TEST_F(AskedPlaces, AServerMaySayThatNothingHasChanged) {
  WebPeer peer([&](const WebRequest& request) {
    if (request.head.find("If-None-Match: \"one\"") != std::string::npos) return http_answer("", "304 Not Modified");
    return http_answer(list_of(root_), "200 OK", "ETag: \"one\"\r\n");
  });
  Places asked = places();
  const PlacePtr place = asked.list_at(peer.url(), 1s, issuer());
  (void)reports_.nth(1);
  const auto version = place->version();
  EXPECT_FALSE(reports_.nth(2).trouble);
  EXPECT_TRUE(place->told().list);
  EXPECT_EQ(place->version(), version) << "nothing new was told";
}

TEST_F(AskedPlaces, ARefreshComesBeforeTheListLapses) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_, {.ends = 3s})); });
  Places asked = places();
  (void)asked.list_at(peer.url(), 24h, issuer());
  const auto began = std::chrono::steady_clock::now();
  (void)reports_.nth(2);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
}

TEST_F(AskedPlaces, RedirectsGoToTheSameHostAlone) {
  WebPeer peer([&](const WebRequest& request) {
    if (request.target == "/moved") return http_answer("", "302 Found", "Location: /list\r\n");
    if (request.target == "/loop") return http_answer("", "302 Found", "Location: /loop\r\n");
    if (request.target == "/metadata") return http_answer("", "302 Found", "Location: http://169.254.169.254/latest\r\n");
    if (request.target == "/elsewhere") return http_answer("", "301 Moved", "Location: http://localhost:1/\r\n");
    if (request.target == "/file") return http_answer("", "302 Found", "Location: file:///etc/passwd\r\n");
    return http_answer(list_of(root_));
  });
  Places asked = places({.workers = 1, .timeout = 2s});
  const PlacePtr moved = asked.list_at(peer.url("/moved"), 1h, issuer());
  EXPECT_FALSE(reports_.nth(1).trouble);
  EXPECT_TRUE(moved->told().list);
  std::size_t number = 1;
  for (const char* path : {"/loop", "/metadata", "/elsewhere", "/file"}) {
    SCOPED_TRACE(path);
    const PlacePtr place = asked.list_at(peer.url(path), 1h, issuer());
    const PlaceReport report = reports_.nth(++number);
    ASSERT_TRUE(report.trouble);
    EXPECT_EQ(report.trouble->reason, SourceReason::redirect_refused);
    EXPECT_FALSE(place->told().list);
  }
  EXPECT_THAT(peer.asked(), SizeIs(2 + (1 + most_redirects) + 3));
}

// In whatever notation it stands, and however it is looked up: what counts is the address that is connected to.
TEST_F(AskedPlaces, LinkLocalAddressesAndMetadataServicesAreNeverConnectedTo) {
  Places asked = places({.workers = 1, .timeout = 2s});
  std::size_t number = 0;
  for (const char* url : {"http://169.254.169.254/a.crl", "http://0xA9FEA9FE/", "http://2852039166/", "http://[fe80::1]/",
                          "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://0.0.0.0/"}) {
    SCOPED_TRACE(url);
    ASSERT_TRUE(asked.list_at(url, 1h, issuer()));
    const PlaceReport report = reports_.nth(++number);
    ASSERT_TRUE(report.trouble);
    EXPECT_EQ(report.trouble->reason, SourceReason::address_refused) << report.trouble->detail;
  }
}

TEST_F(AskedPlaces, OnlyHttpIsSpoken) {
  Places asked = places();
  for (const char* url : {"file:///etc/passwd", "ldap://a/cn=b", "ftp://a/", "http://", "http://a b/", "gopher://a/", ""})
    EXPECT_FALSE(asked.list_at(url, 1h, issuer())) << url;
}

TEST_F(AskedPlaces, SizeAndTimeAreBounded) {
  WebPeer large([&](const WebRequest&) { return http_answer(std::string(10u << 20, 'x')); });
  WebPeer silent([&](const WebRequest&) {
    std::this_thread::sleep_for(500ms);
    return std::string();
  });
  Places patient = places({.timeout = 20s, .first_retry = 10s});
  (void)patient.answer_about(query(large.url()), 1h);
  EXPECT_EQ(reports_.nth(1).trouble.value().reason, SourceReason::too_large);
  Places asked = places({.timeout = 200ms, .first_retry = 10s});
  (void)asked.answer_about(query(silent.url()), 1h);
  EXPECT_EQ(reports_.nth(2).trouble.value().reason, SourceReason::timeout);
}

TEST_F(AskedPlaces, AllListsTogetherAreBounded) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_)); });
  Places asked = places({.lists = 1, .timeout = 2s});
  EXPECT_TRUE(asked.list_at(peer.url("/1"), 1h, issuer()));
  EXPECT_FALSE(asked.list_at(peer.url("/2"), 1h, issuer()));
  Places small = places({.list_bytes = 10, .timeout = 2s});
  (void)reports_.nth(1);
  const PlacePtr place = small.list_at(peer.url("/1"), 1h, issuer());
  EXPECT_EQ(reports_.nth(2).trouble.value().reason, SourceReason::too_large);
  EXPECT_FALSE(place->told().list);
}

TEST_F(AskedPlaces, AResponderIsAskedWithGetAndItsAnswerKept) {
  WebPeer peer([&](const WebRequest&) { return http_answer(answer_about(leaf_, root_)); });
  Places asked = places();
  const PlacePtr place = asked.answer_about(query(peer.url()), 1h);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(asked.answer_about(query(peer.url()), 1h), place);
  EXPECT_NE(asked.answer_about({peer.url(), other_.certificate.get(), issuer()}, 1h), place) << "another certificate";
  EXPECT_FALSE(reports_.nth(1).trouble);
  EXPECT_TRUE(place->told().answer);
  ASSERT_FALSE(peer.asked().empty());
  EXPECT_EQ(peer.asked().front().method, "GET");
  EXPECT_GT(peer.asked().front().target.size(), 60u);
}

// It was issued a moment ago, and the responder's answers end tomorrow.
TEST_F(AskedPlaces, AResponderThatDoesNotKnowACertificateIsAskedAgainSoon) {
  WebPeer peer(
      [&](const WebRequest&) { return http_answer(answer_about(leaf_, root_, {.status = tests::support::Told::unknown})); });
  Places asked = places();
  const PlacePtr place = asked.answer_about(query(peer.url()), 1s);
  EXPECT_FALSE(reports_.nth(1).trouble);
  const auto before = place->told().answer;
  peer.answer_with([&](const WebRequest&) { return http_answer(answer_about(leaf_, root_)); });
  EXPECT_FALSE(reports_.nth(2).trouble);
  EXPECT_NE(*place->told().answer, *before);
}

TEST_F(AskedPlaces, ANonceOrAServerThatKnowsNoGetMakesItAPost) {
  WebPeer peer([&](const WebRequest& request) {
    return request.method == "GET" ? http_answer("no", "405 Method Not Allowed") : http_answer(answer_about(leaf_, root_));
  });
  Places asked = places();
  const PlacePtr place = asked.answer_about(query(peer.url()), 1h);
  EXPECT_FALSE(reports_.nth(1).trouble);
  EXPECT_TRUE(place->told().answer);
  EXPECT_THAT(peer.asked(), SizeIs(2));
  const PlacePtr fresh = asked.answer_about(query(peer.url(), true), 1h);
  EXPECT_NE(fresh, place);
  EXPECT_FALSE(reports_.nth(2).trouble) << "an answer without a nonce is an answer";
  ASSERT_THAT(peer.asked(), SizeIs(3));
  EXPECT_EQ(peer.asked().back().method, "POST");
  EXPECT_THAT(peer.asked().back().head, HasSubstr("application/ocsp-request"));
}

TEST_F(AskedPlaces, WhateverIsNoAnswerIsATroubleWithItsReason) {
  const std::vector<std::pair<std::string, SourceReason>> cases = {
      {http_answer("<html>It works!</html>"), SourceReason::bad_ocsp},
      {http_answer(refusal_to_answer(3)), SourceReason::bad_ocsp},
      {http_answer(refusal_to_answer(6)), SourceReason::bad_ocsp},
      {http_answer(answer_about(leaf_, root_, {.starts = -3h, .ends = -1h})), SourceReason::bad_ocsp},
      {http_answer(answer_about(leaf_, root_, {.signer = &other_})), SourceReason::bad_ocsp},
      {http_answer("", "500 Internal Server Error"), SourceReason::http_status},
      {"", SourceReason::unreachable},
  };
  for (const auto& [said, reason] : cases) {
    SCOPED_TRACE(said.substr(0, 60));
    Reports reports;
    WebPeer peer([&, said = said](const WebRequest&) { return said; });
    Places asked(reports.taking(), {.timeout = 2s, .first_retry = 10s}, [] { return observations::wall_seconds(); });
    const PlacePtr place = asked.answer_about(query(peer.url()), 1h);
    const PlaceReport report = reports.nth(1);
    ASSERT_TRUE(report.trouble);
    EXPECT_EQ(report.trouble->reason, reason) << report.trouble->detail;
    EXPECT_TRUE(place->told().asked);
    EXPECT_FALSE(place->told().answer);
    EXPECT_NE(place->told().trouble, "");
  }
}

// Ten thousand certificates of a responder that is down are not ten thousand time-outs.
TEST_F(AskedPlaces, WhatAHostFailsAtWaitsForNobodyElse) {
  WebPeer peer([&](const WebRequest&) {
    std::this_thread::sleep_for(400ms);
    return std::string();
  });
  Places asked = places({.timeout = 200ms, .first_retry = 10s, .longest_retry = 10s});
  const PlacePtr first = asked.answer_about(query(peer.url()), 1h);
  const PlacePtr second = asked.answer_about({peer.url(), other_.certificate.get(), issuer()}, 1h);
  (void)reports_.nth(1);
  EXPECT_TRUE(first->told().asked);
  EXPECT_TRUE(second->told().asked);
  EXPECT_EQ(first->told().trouble, second->told().trouble);
  const Issued third = issue({.common_name = "third"}, &root_);
  EXPECT_TRUE(asked.answer_about({peer.url(), third.certificate.get(), issuer()}, 1h)->told().asked);
  EXPECT_EQ(reports_.count(), 1u);
}

TEST_F(AskedPlaces, WhatNobodyWantsIsForgotten) {
  WebPeer peer([&](const WebRequest&) { return http_answer(list_of(root_)); });
  std::atomic<std::chrono::sys_seconds> now = observations::wall_seconds();
  Places asked(reports_.taking(), {.timeout = 2s, .kept = 1h}, [&] { return now.load(); });
  const PlacePtr place = asked.list_at(peer.url(), 1s, issuer());
  (void)reports_.nth(1);
  const Ticket ticket{place, place->version()};
  now = now.load() + 2h;
  std::size_t number = 2;
  while (!reports_.nth(number).forgotten && number < 10) ++number;
  EXPECT_TRUE(reports_.nth(number).forgotten);
  EXPECT_FALSE(ticket.holds()) << "whoever remembers it asks anew";
  EXPECT_NE(asked.list_at(peer.url(), 1s, issuer()), place);
}

TEST_F(AskedPlaces, EndsWhileAServerKeepsItWaiting) {
  WebPeer peer([&](const WebRequest&) {
    std::this_thread::sleep_for(3s);
    return std::string();
  });
  Places asked = places({.timeout = 60s});
  (void)asked.list_at(peer.url(), 1h, issuer());
  while (peer.asked().empty()) std::this_thread::sleep_for(1ms);
  const auto began = std::chrono::steady_clock::now();
  asked.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_EQ(reports_.count(), 0u);
}

}  // namespace
}  // namespace probes::revocation
