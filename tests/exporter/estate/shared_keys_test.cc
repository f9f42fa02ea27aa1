// Keys that certificates of different subjects or owners share, wherever they were seen.
#include "exporter/estate/shared_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/metrics/exposition.h"
#include "tests/support/an_estate.h"
#include "tests/support/authorities.h"

namespace exporter {
namespace {

using namespace probes::observations;
using namespace ::tests::support;
using testing::HasSubstr;

CertificatePtr with_key(const std::string& name, std::uint64_t key, const std::string& fingerprint = "") {
  CertificateDraft draft = draft_of(*a_certificate(name, 60));
  draft.subject = "CN=" + name;
  draft.key_digest = key;
  draft.fingerprint_sha256 = fingerprint.empty() ? name : fingerprint;
  return packed(draft);
}

class SharedKeys : public testing::Test {
 protected:
  SharedKeys() {
    config::Settings settings;
    for (const char* name : {"one", "other"}) settings.files[name] = {.name = name, .labels = {{"owner", name}}};
    settings.identities["service-a"] = {.name = "service-a"};
    estate.adopt(settings);
  }

  void at_rest(const std::string& set, const std::vector<CertificatePtr>& certificates) {
    SourceSlot slot{.key = {SourceKind::file, set}, .labels = {{"owner", set}}};
    for (const CertificatePtr& certificate : certificates)
      slot.published.push_back({.place = Location("/" + std::string(certificate->subject())), .certificate = certificate});
    estate.set_source(std::move(slot));
  }

  // By digest.
  std::map<std::uint64_t, std::size_t> all() const {
    std::map<std::uint64_t, std::size_t> found;
    for (const SharedKey& key : shared_keys(estate)) found[key.digest] = key.places;
    return found;
  }

  using Found = std::map<std::uint64_t, std::size_t>;
  Estate estate;
};

TEST_F(SharedKeys, AreThoseOfDifferentSubjects) {
  at_rest("one", {with_key("a", 7), with_key("b", 7), with_key("c", 8)});
  EXPECT_EQ(all(), (Found{{7, 2}}));
}

TEST_F(SharedKeys, AreThoseOfDifferentOwnersOfOneSubject) {
  at_rest("one", {with_key("a", 7, "first")});
  at_rest("other", {with_key("a", 7, "second")});
  EXPECT_EQ(all(), (Found{{7, 2}}));
}

TEST_F(SharedKeys, ARenewalWithTheSameKeyIsItsOwnBusiness) {
  at_rest("one", {with_key("a", 7, "before"), with_key("a", 7, "after")});
  EXPECT_EQ(all(), Found());
}

TEST_F(SharedKeys, OneCertificateInTwoPlacesIsOne) {
  at_rest("one", {with_key("a", 7)});
  at_rest("other", {with_key("a", 7)});
  EXPECT_EQ(all(), Found());
}

TEST_F(SharedKeys, AnIdentityAndAFileAreOneEstate) {
  estate.set_identity({.name = "service-a", .certificates = {with_key("client", 7)}});
  at_rest("one", {with_key("server", 7)});
  EXPECT_EQ(all(), (Found{{7, 2}}));
}

TEST_F(SharedKeys, CasAndUnknownKeysAreLeftOut) {
  const auto ca = [](const std::string& name) {
    CertificateDraft draft = draft_of(*a_ca(name, 60, 7, "a7"));
    draft.fingerprint_sha256 = name;
    return packed(draft);
  };
  at_rest("one", {ca("Old name"), ca("New name"), with_key("a", 0), with_key("b", 0)});
  EXPECT_EQ(all(), Found());
}

TEST_F(SharedKeys, ThoseWithTheMostPlacesAreTold) {
  std::vector<CertificatePtr> many;
  for (std::uint64_t key = 1; key <= most_shared_keys + 50; ++key)
    for (const char* name : {"a", "b"}) many.push_back(with_key(name + std::to_string(key), key));
  many.push_back(with_key("third", most_shared_keys + 50));
  at_rest("one", many);
  EXPECT_EQ(all().size(), most_shared_keys);
  EXPECT_EQ(all()[most_shared_keys + 50], 3u);
}

TEST_F(SharedKeys, ArePublishedByTheDigestOfTheKey) {
  at_rest("one", {with_key("a", 0x1a), with_key("b", 0x1a)});
  const std::string text = metrics::text_of({estate.texts(today), metrics::families(), metrics::Format::text, today});
  EXPECT_THAT(text, HasSubstr("mtls_key_places{fingerprint_key=\"000000000000001a\"} 2\n"));
}

}  // namespace
}  // namespace exporter
