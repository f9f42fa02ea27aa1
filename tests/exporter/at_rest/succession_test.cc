#include "exporter/at_rest/succession.h"

#include <gtest/gtest.h>

#include "exporter/at_rest/source_scan.h"
#include "tests/support/an_estate.h"

namespace exporter {
namespace {

using namespace ::tests::support;
using namespace probes::observations;
using std::chrono::days;

const auto now = std::chrono::floor<std::chrono::seconds>(today);

struct Of {
  std::string name = "web";
  int begins = -60;  // days from now
  int ends = 30;
  std::string key = "ec";
  std::string issuer = "CN=Issuing";
  std::string usage = "serverAuth";
  bool alternative_name = true;
  bool authority = false;
};

CertificatePtr certificate(const Of& of) {
  CertificateDraft draft;
  draft.subject = "CN=" + of.name;
  draft.subject_common_name = of.name;
  draft.issuer = of.issuer;
  draft.serial = "01";
  draft.not_before = now + days(of.begins);
  draft.not_after = now + days(of.ends);
  draft.key_type = of.key;
  draft.authority = of.authority;
  draft.self_issued = of.issuer == draft.subject;
  draft.fingerprint_sha256 = of.name + of.key + std::to_string(of.begins) + of.issuer;
  if (of.alternative_name && !of.authority)
    draft.subject_alternative_names = {{SubjectAlternativeName::Kind::dns, of.name + ".example"}};
  if (!of.authority) draft.extended_key_usages = {of.usage};
  return packed(draft);
}

bool succeeded(const Of& old, const Of& later) {
  Succession succession;
  succession.add(certificate(old), old.authority);
  succession.add(certificate(later), later.authority);
  return succession.succeeded(*certificate(old), old.authority);
}

const Of renewed{.begins = -1, .ends = 89};

TEST(Succession, ARenewalSucceedsWhatItReplaces) {
  EXPECT_TRUE(succeeded({}, renewed));
  EXPECT_FALSE(succeeded(renewed, {}));
  EXPECT_FALSE(succeeded({}, {})) << "nothing succeeds itself";
}

TEST(Succession, ACertificateForSomethingElseSucceedsNothing) {
  EXPECT_FALSE(succeeded({}, {.name = "shop", .begins = -1, .ends = 89}));
  EXPECT_FALSE(succeeded({}, {.begins = -1, .ends = 89, .key = "rsa"})) << "of an RSA and an ECDSA certificate both are in use";
  EXPECT_FALSE(succeeded({}, {.begins = -1, .ends = 89, .usage = "clientAuth"}));
  EXPECT_FALSE(succeeded({}, {.begins = -1, .ends = 10})) << "it ends before it";
}

// Let's Encrypt issues a renewal by another intermediate; an `admin` of two CAs are two people.
TEST(Succession, TheIssuerMattersWhereThereAreNoAlternativeNames) {
  EXPECT_TRUE(succeeded({}, {.begins = -1, .ends = 89, .issuer = "CN=R11"}));
  EXPECT_FALSE(
      succeeded({.alternative_name = false}, {.begins = -1, .ends = 89, .issuer = "CN=Other", .alternative_name = false}));
  EXPECT_TRUE(succeeded({.alternative_name = false}, {.begins = -1, .ends = 89, .alternative_name = false}));
}

TEST(Succession, ACaIsSucceededByALaterOneOfItsName) {
  EXPECT_TRUE(succeeded({.ends = -5, .authority = true}, {.begins = -1, .ends = 900, .key = "rsa", .authority = true}));
  EXPECT_FALSE(succeeded({.ends = -5, .authority = true}, {.begins = -1, .ends = 900, .authority = false}));
}

TEST(Succession, AHistoryOfAThousandRenewalsIsOneEntry) {
  Succession succession;
  for (int number = 0; number < 1000; ++number)
    succession.add(certificate({.begins = number - 1000, .ends = number - 900}), false);
  EXPECT_TRUE(succession.succeeded(*certificate({.begins = -500, .ends = -400}), false));
  EXPECT_FALSE(succession.succeeded(*certificate({.begins = -1, .ends = 99}), false));
}

std::vector<std::string> problems_of(const Inventory& read, const SucceededElsewhere& elsewhere = {}) {
  std::vector<std::string> found;
  for (const RestingCertificate& one : scanned_files({.name = "f"}, read, now, elsewhere).slot.published) {
    std::string words(one.certificate->subject_common_name());
    if (one.problems)
      for (const Problem& problem : *one.problems) words.append(" ").append(word(problem.finding));
    found.push_back(words);
  }
  return found;
}

Inventory holding(const std::vector<Of>& certificates) {
  Inventory read;
  for (const Of& of : certificates)
    read.certificates.push_back(
        {.place = Location("/a/" + std::to_string(read.certificates.size())), .certificate = certificate(of)});
  return read;
}

TEST(Succession, WhatWasRenewedIsSaidToBe) {
  EXPECT_EQ(problems_of(holding({{.ends = -20}, {.begins = -30, .ends = 60}})),
            (std::vector<std::string>{"web superseded", "web"}));
  EXPECT_EQ(problems_of(holding({{.ends = -20}})), (std::vector<std::string>{"web"})) << "it expired, and somebody must renew it";
}

TEST(Succession, ACaThatHasEndedVouchesForNothing) {
  EXPECT_EQ(problems_of(holding({{.name = "Old", .ends = -1885, .authority = true}})),
            (std::vector<std::string>{"Old expired_ca"}));
  EXPECT_EQ(problems_of(holding({{.name = "Root", .ends = 20, .authority = true},
                                 {.name = "Root", .begins = -5, .ends = 3650, .authority = true}})),
            (std::vector<std::string>{"Root superseded", "Root"}));
}

// A folder of roots is a store, and so is a file of several; an intermediate is nobody's root. A CA's lone file is somebody's,
// and so is one beside its leaves.
TEST(Succession, ARootInAStoreIsToldWhereItIsUsed) {
  const Of lapsing = {.name = "Lapsing", .ends = 20, .issuer = "CN=Lapsing", .authority = true};
  const Of other = {.name = "Other", .ends = 3000, .authority = true}, issuing = {.name = "Sub", .ends = 20, .authority = true};
  EXPECT_EQ(problems_of(holding({lapsing, other})), (std::vector<std::string>{"Lapsing stored_ca", "Other"}));
  EXPECT_EQ(problems_of(holding({lapsing})), (std::vector<std::string>{"Lapsing"}));
  EXPECT_EQ(problems_of(holding({issuing, other})), (std::vector<std::string>{"Sub", "Other"})) << "whoever renews it must know";
  EXPECT_EQ(problems_of(holding({lapsing, other, {.ends = 300}})), (std::vector<std::string>{"Lapsing", "Other", "web"}));
  Inventory bundle = holding({lapsing, other, {.ends = 300}});
  bundle.certificates[1].place = bundle.certificates[0].place;
  EXPECT_EQ(problems_of(bundle), (std::vector<std::string>{"Lapsing stored_ca", "Other", "web"}));
}

TEST(Succession, TheEstateIsAskedForWhatEndsSoonOnly) {
  int asked = 0;
  const auto elsewhere = [&](const Certificate&, bool) { return ++asked > 0; };
  EXPECT_EQ(problems_of(holding({{.ends = 20}, {.name = "far", .ends = 3000}}), elsewhere),
            (std::vector<std::string>{"web superseded", "far"}));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace exporter
