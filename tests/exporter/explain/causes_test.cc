// The table of advice as a table: names, words, order.
#include "exporter/explain/causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "exporter/explain/known.h"
#include "exporter/explain/remedy.h"
#include "tests/support/an_account.h"

namespace exporter::explain {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::vector<Cause> whole_table() {
  std::vector<Cause> all;
  for (const auto part :
       {chain_causes(), name_causes(), client_causes(), door_causes(), connection_causes(), proxy_causes(), verdict_causes()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string runbooks() {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(MTLS_SOURCE_DIR) + "/deploy/runbooks")) {
    std::ifstream file(entry.path());
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return std::regex_replace(text, std::regex("\\s+"), " ");
}

TEST(Causes, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Cause& cause : whole_table()) EXPECT_TRUE(names.insert(cause.name).second) << cause.name;
}

TEST(Causes, AreSaidByTheRunbooksInTheSameWords) {
  const std::string said = runbooks();
  for (const Cause& cause : whole_table()) {
    if (cause.words.empty()) continue;
    EXPECT_TRUE(cause.words.ends_with(".")) << cause.words;
    EXPECT_THAT(said, HasSubstr("*" + std::string(cause.words) + "*")) << cause.name;
  }
}

// A chain whose last certificate, `last`, has no issuer above it.
Handshake that_ends_at(const CertificatePtr& last) {
  Handshake seen = a_trusted_probe();
  ChainJudgement judgement = *seen.chain;
  judgement.valid = false;
  judgement.problems = {{.finding = Finding::missing_intermediate, .severity = Severity::critical, .position = 0}};
  judgement.path = {last};
  seen.certificates = {last};
  seen.chain = std::make_shared<const ChainJudgement>(judgement);
  return seen;
}

Asked with_stores(KnownStores stores) {
  Asked asked = an_asking();
  asked.stores = std::make_shared<const KnownStores>(std::move(stores));
  return asked;
}

CertificatePtr named(const std::string& name, const std::string& issuer, std::string_view key = {}) {
  CertificateDraft draft = draft_of(*a_named_certificate({.common_name = name, .issuer = issuer}));
  draft.subject = "CN=" + name;
  draft.subject_key_identifier = key;
  return packed(draft);
}

std::string_view cause_of(const Handshake& seen, const Asked& asked) { return all_advice(account_of(asked, seen)).back().cause; }

TEST(ChainCauses, ARootOfOursThatIsNotInTheStoreIsNotCalledAnIntermediateAlone) {
  const Handshake seen = that_ends_at(named("payments.internal", "Own Root"));
  const Asked asked = with_stores({{.name = "internal", .files = {"/etc/pki/root.pem"}}});
  EXPECT_EQ(cause_of(seen, asked), "issuer_not_trusted");
  EXPECT_THAT(
      chain_remedy(seen, asked).value_or(""),
      AllOf(HasSubstr("If Own Root is a root of yours, add its certificate to trust store internal (file /etc/pki/root.pem)"),
            HasSubstr("If it is an intermediate, payments-api leaves it out")));
}

TEST(ChainCauses, AStoreThatCannotBeReadComesFirst) {
  const Handshake seen = that_ends_at(named("payments.internal", "Own Root"));
  const Asked asked = with_stores(
      {{.name = "internal",
        .files = {"/etc/pki/root.pem"},
        .troubles = {{.reason = SourceReason::read_failed, .path = "/etc/pki/root.pem", .detail = "Permission denied"}}},
       {.name = "other", .certificates = {named("Own Root", "Own Root")}}});
  EXPECT_EQ(cause_of(seen, asked), "trust_store_unreadable");
  EXPECT_THAT(chain_remedy(seen, asked).value_or(""), HasSubstr("/etc/pki/root.pem"));
}

TEST(ChainCauses, WhoStandsInAnotherStoreIsTold) {
  const Handshake seen = that_ends_at(named("payments.internal", "Own Root"));
  const KnownStore own{.name = "internal"};
  EXPECT_EQ(cause_of(seen, with_stores({own, {.name = "other", .certificates = {named("Own Root", "Own Root")}}})),
            "root_in_another_store");
  EXPECT_EQ(cause_of(seen, with_stores({own, {.name = "other", .certificates = {named("Own Root", "Higher Root")}}})),
            "intermediate_left_out");
  EXPECT_EQ(cause_of(seen, with_stores({{.name = "internal", .certificates = {named("Own Root", "Own Root", "aa")}}})),
            "two_keys_of_one_name");
}

// What the server has against us, with our leaf below Partner Issuing, which is below Partner CA.
Asked presenting(std::vector<CertificatePtr> chain) {
  Asked asked = an_asking();
  asked.presented = std::move(chain);
  asked.identity_files = {"/etc/pki/a.crt"};
  return asked;
}

Handshake refused(Reason reason, std::vector<std::string> listed, std::string detail = "") {
  Handshake seen = a_probe_that_met({Stage::client_certificate, reason});
  seen.client.acceptable = std::make_shared<const AcceptableAuthorities>(
      AcceptableAuthorities{.count = listed.size(), .names = std::move(listed), .digest = "", .problems = {}});
  std::get<Failed>(seen.outcome).detail = std::move(detail);
  return seen;
}

class ClientCauses : public testing::Test {
 protected:
  ClientCauses() {
    CertificateDraft draft = draft_of(*named("service-a", "Partner Issuing"));
    draft.extended_key_usages = {"clientAuth"};
    leaf = packed(draft);
  }
  CertificatePtr leaf;
  CertificatePtr issuing = named("Partner Issuing", "Partner CA");
  const std::string page = "HTTP 400: The SSL certificate error";
};

TEST_F(ClientCauses, WhatWeSendIsNotAskedForAgain) {
  const Handshake seen = refused(Reason::unknown_ca, {"CN=Partner CA"});
  EXPECT_EQ(cause_of(seen, presenting({leaf, issuing})), "server_list_incomplete");
  EXPECT_THAT(remedy(seen, presenting({leaf, issuing})), AllOf(HasSubstr("crl-file"), Not(HasSubstr("Add the certificate of"))));
}

TEST_F(ClientCauses, AnIntermediateThatTheServerCannotHaveIsNamed) {
  Asked asked = presenting({leaf});
  const Handshake seen = refused(Reason::refused_by_application, {"CN=Partner CA"}, page);
  EXPECT_EQ(cause_of(seen, asked), "authority_not_at_the_server") << "it may as well be a root";
  asked.identity_chain = std::make_shared<const ChainJudgement>(
      ChainJudgement{.problems = {{.finding = Finding::missing_intermediate, .severity = Severity::critical}}});
  EXPECT_EQ(cause_of(seen, asked), "our_intermediate_left_out");
  EXPECT_THAT(
      remedy(seen, asked),
      HasSubstr("Add the certificate of the intermediate Partner Issuing to the certificate file of service-a (/etc/pki/a.crt)"));
  asked.identity_chain = nullptr;
  asked.stores = std::make_shared<const KnownStores>(KnownStores{{.name = "x", .certificates = {issuing}}});
  EXPECT_EQ(cause_of(seen, asked), "our_intermediate_left_out");
}

TEST_F(ClientCauses, AnIssuingAuthorityWithoutItsRootIsNoTrust) {
  const Handshake seen = refused(Reason::refused_by_application, {"CN=Partner Issuing"}, page);
  EXPECT_EQ(cause_of(seen, presenting({leaf, issuing})), "root_not_at_the_server");
  EXPECT_THAT(remedy(seen, presenting({leaf, issuing})), HasSubstr("Add the root Partner CA to the client CAs of payments-api"));
}

TEST_F(ClientCauses, NginxCountsIntermediates) {
  const CertificatePtr teams = named("Partner Teams", "Partner Issuing");
  const Handshake seen = refused(Reason::refused_by_application, {"CN=Partner CA"}, page);
  EXPECT_EQ(cause_of(seen, presenting({named("service-a", "Partner Teams"), teams, issuing})), "chain_too_long");
  EXPECT_EQ(cause_of(seen, presenting({leaf, issuing})), "server_list_incomplete");
}

TEST_F(ClientCauses, ACertificateInForceThatIsCalledExpiredPointsAtTheRevocationList) {
  EXPECT_THAT(remedy(refused(Reason::certificate_expired, {"CN=Partner CA"}), presenting({leaf, issuing})),
              AllOf(HasSubstr("CRL"), HasSubstr("correct its clock")));
}

TEST_F(ClientCauses, APageThatIsNotAboutTheCertificateProvesNothingAboutIt) {
  const Handshake seen = refused(Reason::refused_by_application, {"CN=Partner CA"}, "HTTP 403");
  EXPECT_EQ(cause_of(seen, presenting({leaf})), "refused_by_application");
}

}  // namespace
}  // namespace exporter::explain
