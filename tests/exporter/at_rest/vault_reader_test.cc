// A scripted Vault in the test's own process: what is asked of it, and what becomes of its answers.
#include "exporter/at_rest/vault_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "exporter/at_rest/vault_answers.h"
#include "exporter/at_rest/vault_scan.h"
#include "probes/observations/issued_ledger.h"
#include "probes/observations/wall_time.h"
#include "probes/tls/certificate_facts.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_list.h"
#include "tests/support/web_peer.h"

namespace exporter::vault {
namespace {

using namespace ::tests::support;
using probes::observations::IssuedState;
using probes::observations::SourceReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) json += c == '\n' ? std::string("\\n") : std::string(1, c);
  return json + "\"";
}

std::string keys(const std::vector<std::string>& keys) {
  std::string list;
  for (const std::string& key : keys) list += (list.empty() ? "\"" : ", \"") + key + "\"";
  return R"({"data": {"keys": [)" + list + "]}}";
}

std::string serial(const Issued& issued) {
  return std::string(probes::tls::remembered_facts(issued.certificate.get())->serial());
}

class AVault : public testing::Test {
 protected:
  AVault() : peer_([this](const WebRequest& request) { return answer(request); }) {
    authority.name = "vault";
    authority.ledger = true;
    authority.publish.within.reset();
    authority.vault_pki = config::VaultPki{.url = peer_.url("")};
    set("issuers?list=true", keys({"one"}));
    set("issuer/one/json", certificate(ca));
    set("roles?list=true", keys({"server"}));
    set("roles/server", R"({"data": {"no_store": false}})");
    hold({}, {});
  }

  static std::string certificate(const Issued& issued, bool revoked = false) {
    return R"({"data": {"certificate": )" + quoted(pem(issued.certificate.get())) + R"(, "revocation_time": )" +
           (revoked ? "1667400107" : "0") + "}}";
  }

  // The engine has issued these, and revoked some of them; the list has `listed`.
  void hold(const std::vector<const Issued*>& issued, const std::vector<const Issued*>& revoked,
            const std::vector<const Issued*>& listed = {}) {
    std::vector<std::string> all, gone;
    for (const Issued* one : issued) {
      all.push_back(serial(*one));
      set("cert/" + all.back(), certificate(*one, std::ranges::find(revoked, one) != revoked.end()));
    }
    for (const Issued* one : revoked) gone.push_back(serial(*one));
    set("certs?list=true", keys(all));
    set("certs/revoked?list=true", keys(gone));
    WantedList list;
    for (const Issued* one : listed) list.revoked.push_back({.certificate = one});
    set("issuer/one/crl/pem", pem_of_list(list_of(ca, list)));
  }

  void set(const std::string& path, const std::string& body, const std::string& status = "200 OK") {
    const std::lock_guard lock(mutex_);
    answers_["/v1/pki/" + path] = {body, status};
  }

  std::string answer(const WebRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(request.target);
    if (found == answers_.end()) return http_answer(R"({"errors": ["no handler for route"]})", "404 Not Found");
    return http_answer(found->second.first, found->second.second);
  }

  Reading read() { return reader.read({}); }
  Scanned scanned(const Reading& read) {
    const auto now = probes::observations::wall_seconds();
    return scanned_vault(authority, read, compared_with(read, {}, now), now);
  }
  std::uint64_t counted(const Scanned& scanned, IssuedState state) {
    return scanned.slot.states->at(static_cast<std::size_t>(state));
  }

  std::size_t asked(const std::string& path) const {
    const auto all = peer_.asked();
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [&](const WebRequest& one) { return one.target == "/v1/pki/" + path; }));
  }

  const Issued ca = root("Vault CA");
  const Issued web = issue({.common_name = "web"}, &ca), old = issue({.common_name = "old"}, &ca);
  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, std::string>> answers_;
  WebPeer peer_;
  config::Authority authority;
  Reader reader{config::VaultPki{.url = peer_.url("")}, true, [] { return std::make_shared<const Materials>(); }};
};

TEST_F(AVault, CertificatesAreFetchedOnceAndTheirRevocationEveryTime) {
  hold({&web, &old}, {}, {});
  EXPECT_THAT(read().certificates, SizeIs(3)) << "and the CA's own";
  hold({&web, &old}, {&old}, {&old});
  const Reading second = read();
  EXPECT_THAT(second.troubles, IsEmpty());
  EXPECT_EQ(asked("cert/" + serial(web)), 1u);
  EXPECT_EQ(asked("cert/" + serial(old)), 1u);
  const Scanned found = scanned(second);
  EXPECT_TRUE(found.slot.up);
  EXPECT_EQ(counted(found, IssuedState::valid), 2u);
  EXPECT_EQ(counted(found, IssuedState::revoked), 1u);
  ASSERT_TRUE(found.slot.published_revocations);
  EXPECT_EQ(found.slot.published_revocations->only_in_database, 0u);
  ASSERT_THAT(found.slot.revocation_lists, SizeIs(1));
  EXPECT_EQ(found.slot.revocation_lists[0].genuine, true);
  EXPECT_EQ(found.slot.revocation_lists[0].revoked, 1u);
}

TEST_F(AVault, WhatIsRevokedAndInNoListIsSaid) {
  hold({&web, &old}, {&old}, {});
  const Scanned found = scanned(read());
  ASSERT_TRUE(found.slot.published_revocations);
  EXPECT_EQ(found.slot.published_revocations->only_in_database, 1u);
  EXPECT_EQ(found.slot.published_revocations->only_in_lists, 0u);
}

TEST_F(AVault, WhatItDoesNotKnowWasNotIssuedUnlessARoleKeepsNothing) {
  hold({&web}, {});
  const auto never = probes::tls::remembered_facts(old.certificate.get());
  const Issued other = root("Another CA");
  const auto foreign = probes::tls::remembered_facts(issue({}, &other).certificate.get());
  const Scanned kept = scanned(read());
  EXPECT_TRUE(kept.slot.ledger->should_know(*never));
  EXPECT_FALSE(kept.slot.ledger->should_know(*foreign));
  EXPECT_EQ(kept.slot.ledger->state_of(*never), std::nullopt);
  EXPECT_EQ(kept.slot.ledger->state_of(*probes::tls::remembered_facts(web.certificate.get())), IssuedState::valid);
  set("roles/server", R"({"data": {"no_store": true}})");
  EXPECT_FALSE(scanned(read()).slot.ledger->should_know(*never));
  set("roles?list=true", R"({"errors": ["permission denied"]})", "403 Forbidden");
  const Reading unknown = read();
  EXPECT_FALSE(scanned(unknown).slot.ledger->should_know(*never));
  EXPECT_THAT(unknown.troubles, IsEmpty()) << "nobody has to grant it";
}

TEST_F(AVault, NothingIsNotIssuedWhileSomeHaveNotBeenRead) {
  hold({&web, &old}, {});
  set("cert/" + serial(old), "{}", "500 Internal Server Error");
  const Reading part = read();
  EXPECT_FALSE(part.whole);
  EXPECT_FALSE(scanned(part).slot.ledger->should_know(*probes::tls::remembered_facts(old.certificate.get())));
  EXPECT_FALSE(scanned(part).slot.up);
}

TEST_F(AVault, ARefusalNamesThePolicyAndLosesNothing) {
  hold({&web, &old}, {&old}, {&old});
  (void)read();
  for (const char* path : {"certs?list=true", "certs/revoked?list=true"})
    set(path, R"({"errors": ["1 error occurred:\n\t* permission denied\n\n"]})", "403 Forbidden");
  const Reading refused = read();
  const Scanned found = scanned(refused);
  EXPECT_EQ(counted(found, IssuedState::valid), 2u);
  EXPECT_EQ(counted(found, IssuedState::revoked), 1u);
  EXPECT_FALSE(found.slot.up);
  ASSERT_THAT(refused.troubles, SizeIs(2));
  EXPECT_EQ(refused.troubles[1].reason, SourceReason::permission_denied);
  EXPECT_THAT(refused.troubles[1].detail, HasSubstr(R"(path "pki/certs" { capabilities = ["list"] })"));
  EXPECT_TRUE(refused.refused);
}

TEST_F(AVault, ASealedOneIsAskedNothingMoreInTheRefresh) {
  hold({&web}, {});
  (void)read();
  const std::size_t before = peer_.asked().size();
  set("issuers?list=true", R"({"errors": ["Vault is sealed"]})", "503 Service Unavailable");
  const Reading sealed = read();
  EXPECT_EQ(peer_.asked().size(), before + 1);
  ASSERT_THAT(sealed.troubles, SizeIs(1));
  EXPECT_THAT(sealed.troubles[0].detail, HasSubstr("Vault is sealed"));
  EXPECT_THAT(sealed.certificates, SizeIs(2));
}

TEST_F(AVault, AMountThatIsNotThereIsNotAnEmptyOne) {
  set("certs?list=true", R"({"errors": []})", "404 Not Found");
  EXPECT_THAT(read().troubles, IsEmpty());
  set("certs?list=true", R"({"errors": ["no handler for route \"pki/certs/\". route entry not found."]})", "404 Not Found");
  const Reading missing = read();
  ASSERT_THAT(missing.troubles, SizeIs(1));
  EXPECT_EQ(missing.troubles[0].reason, SourceReason::not_found);
  EXPECT_THAT(missing.troubles[0].detail, HasSubstr("is a PKI engine mounted at pki?"));
}

TEST_F(AVault, AMountThatIsGoneTakesNothingAway) {
  hold({&web, &old}, {&old}, {&old});
  (void)read();
  const auto kept = answers_;
  for (auto& [path, answer] : answers_) answer = {R"({"errors": ["no handler for route"]})", "404 Not Found"};
  const Reading gone = read();
  EXPECT_EQ(counted(scanned(gone), IssuedState::valid), 2u);
  EXPECT_EQ(counted(scanned(gone), IssuedState::revoked), 1u);
  EXPECT_THAT(gone.issuers, SizeIs(1));
  EXPECT_THAT(gone.revocation_lists, SizeIs(1));
  EXPECT_THAT(gone.troubles, SizeIs(1));
  answers_ = kept;
  const Reading back = read();
  EXPECT_TRUE(back.comparable) << "and it is asked as before";
  EXPECT_THAT(back.troubles, IsEmpty());
}

TEST_F(AVault, AVaultBefore111HasOneIssuer) {
  hold({&web}, {}, {});
  set("issuers?list=true", R"({"errors": ["unsupported path"]})", "404 Not Found");
  set("cert/ca", certificate(ca));
  set("crl/pem", pem_of_list(list_of(ca)));
  const Reading old_one = read();
  EXPECT_THAT(old_one.troubles, IsEmpty());
  EXPECT_THAT(old_one.issuers, SizeIs(1));
  ASSERT_THAT(old_one.revocation_lists, SizeIs(1));
  EXPECT_EQ(old_one.revocation_lists[0].genuine, true);
}

TEST_F(AVault, ARefreshTakesSoManyRequestsAndTheRestFollows) {
  hold({&web, &old}, {});
  Reader bounded(config::VaultPki{.url = peer_.url("")}, false, [] { return std::make_shared<const Materials>(); },
                 {.requests = 7});  // issuers, one, revoked, list, delta, certs, and one certificate
  const Reading first = bounded.read({});
  EXPECT_FALSE(first.whole);
  EXPECT_THAT(first.certificates, SizeIs(2));
  ASSERT_THAT(first.troubles, SizeIs(1));
  EXPECT_THAT(first.troubles[0].detail, HasSubstr("1 of 2 certificates have not been read yet"));
  const Reading second = bounded.read({});
  EXPECT_TRUE(second.whole);
  EXPECT_THAT(second.certificates, SizeIs(3));
  EXPECT_THAT(second.troubles, IsEmpty());
}

TEST_F(AVault, AnOldOneWithoutAListOfTheRevokedIsAskedOneByOne) {
  hold({&web, &old}, {});
  set("certs/revoked?list=true", R"({"errors": ["unsupported path"]})", "404 Not Found");
  (void)read();
  set("cert/" + serial(old), certificate(old, true));
  const Reading later = read();
  EXPECT_EQ(counted(scanned(later), IssuedState::revoked), 1u);
  EXPECT_THAT(later.troubles, IsEmpty());
  EXPECT_FALSE(scanned(later).slot.published_revocations) << "the two are not of one moment";
}

TEST_F(AVault, AListThatItsIssuerDidNotSignIsTrouble) {
  const Issued other = root("Vault CA");
  set("issuer/one/crl/pem", pem_of_list(list_of(ca, {.key_identifier = false}, &other)));
  const Reading read_now = read();
  ASSERT_THAT(read_now.troubles, SizeIs(1));
  EXPECT_EQ(read_now.troubles[0].reason, SourceReason::bad_crl);
}

TEST_F(AVault, WhatIsTidiedAwayIsForgotten) {
  hold({&web, &old}, {});
  EXPECT_THAT(read().certificates, SizeIs(3));
  hold({&web}, {});
  EXPECT_THAT(read().certificates, SizeIs(2));
}

TEST_F(AVault, TheTokenIsInAHeaderAndInNothingElse) {
  const TemporaryFolder folder;
  const std::string file = folder.write("token", "hvs.secret\n");
  const config::VaultPki settings{.url = peer_.url(""), .vault_namespace = "team/a", .token_file = file};
  Reader with_token(settings, false, [] { return std::make_shared<const Materials>(); });
  set("certs?list=true", R"({"errors": ["permission denied"]})", "403 Forbidden");
  const Reading refused = with_token.read({});
  const WebRequest last = peer_.asked().back();
  EXPECT_THAT(last.head, HasSubstr("X-Vault-Token: hvs.secret\r\n"));
  EXPECT_THAT(last.head, HasSubstr("X-Vault-Namespace: team/a\r\n"));
  ASSERT_THAT(refused.troubles, SizeIs(1));
  EXPECT_THAT(refused.troubles[0].detail, Not(HasSubstr("hvs.secret")));
  EXPECT_THAT(refused.troubles[0].detail, HasSubstr("in namespace team/a"));
  (void)folder.write("token", "two\nlines\n");
  const std::size_t before = peer_.asked().size();
  EXPECT_THAT(with_token.read({}).troubles, SizeIs(1));
  EXPECT_EQ(peer_.asked().size(), before) << "a line end would begin another header";
}

}  // namespace
}  // namespace exporter::vault
