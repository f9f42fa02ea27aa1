#include "probes/observations/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "tests/support/draft_of.h"

namespace probes::observations {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using tests::support::draft_of;
using Kind = SubjectAlternativeName::Kind;

CertificateDraft a_draft() {
  return {.subject = "CN=a.example,O=Lab",
          .subject_common_name = "a.example",
          .issuer = "O=Lab,CN=Issuing CA",
          .issuer_common_name = "Issuing CA",
          .serial = "0a1b",
          .fingerprint_sha256 = std::string(64, 'f'),
          .not_before = std::chrono::sys_seconds(std::chrono::seconds(-1)),
          .not_after = std::chrono::sys_seconds(std::chrono::seconds(253402300799)),
          .subject_alternative_names = {{Kind::dns, "a.example"}, {Kind::ip, "192.0.2.1"}, {Kind::dns, ""}},
          .key_type = "ec",
          .key_bits = 256,
          .key_curve = "P-256",
          .key_digest = 0x0123456789abcdef,
          .signature_algorithm = "ecdsa-with-SHA256",
          .authority_key_identifier = "00",
          .subject_key_identifier = "01",
          .extended_key_usages = {"serverAuth", "1.2.3.4"},
          .policies = {"2.5.29.32.0"},
          .version = 1,
          .authority = true,
          .self_issued = true};
}

TEST(Certificate, SaysWhatItsDraftSays) {
  EXPECT_EQ(draft_of(*packed(a_draft())), a_draft());
  EXPECT_EQ(draft_of(*packed({})), CertificateDraft{});
}

TEST(Certificate, HasANameWhateverItLacks) {
  CertificateDraft draft = a_draft();
  EXPECT_EQ(name_or_serial(*packed(draft)), "a.example");
  draft.subject_common_name.clear();
  draft.subject_alternative_names = {{Kind::dns, ""}, {Kind::uri, "spiffe://estate.example/web"}, {Kind::dns, "b.example"}};
  EXPECT_EQ(name_or_serial(*packed(draft)), "spiffe://estate.example/web");
  draft.subject_alternative_names.clear();
  EXPECT_EQ(name_or_serial(*packed(draft)), "0a1b");
  draft.serial.clear();
  EXPECT_EQ(name_or_serial(*packed(draft)), std::string(16, 'f'));
}

TEST(Certificate, KeepsNothingOfItsDraft) {
  CertificatePtr kept;
  {
    CertificateDraft draft = a_draft();
    kept = packed(draft);
    draft.subject = "CN=b.example,O=Lab";
    draft.extended_key_usages.front() = "clientAuth";
  }
  EXPECT_EQ(kept->subject(), "CN=a.example,O=Lab");
  EXPECT_THAT(kept->extended_key_usages(), ElementsAre("serverAuth", "1.2.3.4"));
  EXPECT_THAT(kept->policies(), ElementsAre("2.5.29.32.0"));
}

// A view of a certificate that was copied or moved would be one of memory that is gone.
TEST(Certificate, IsNeitherCopiedNorMovedNorMadeElsewhere) {
  static_assert(!std::is_copy_constructible_v<Certificate> && !std::is_move_constructible_v<Certificate>);
  static_assert(!std::is_copy_assignable_v<Certificate> && !std::is_move_assignable_v<Certificate>);
  static_assert(!std::is_default_constructible_v<Certificate>);
}

TEST(Certificate, ACommonNameIsFoundInANameOfEitherNotation) {
  for (const char* name : {"CN=a.example,O=Lab", "O=Lab,CN=a.example", "/O=Lab/CN=a.example"}) {
    const CertificatePtr kept = packed({.subject = name, .subject_common_name = "a.example"});
    EXPECT_EQ(kept->subject_common_name(), "a.example");
    EXPECT_GE(kept->subject_common_name().data(), kept->subject().data());
    EXPECT_LE(kept->subject_common_name().end(), kept->subject().end());
  }
}

TEST(Certificate, ACommonNameThatWasEscapedStandsByItself) {
  const CertificatePtr kept = packed({.subject = "CN=pay\\, ments,O=CN=x", .subject_common_name = "pay, ments"});
  EXPECT_EQ(kept->subject(), "CN=pay\\, ments,O=CN=x");
  EXPECT_EQ(kept->subject_common_name(), "pay, ments");
}

TEST(Certificate, AnyNumberOfNamesOfAnyLengthIsKept) {
  CertificateDraft draft{.subject = std::string(70'000, 's')};
  for (std::size_t size = 0; size < 1000; ++size) draft.subject_alternative_names.push_back({Kind::uri, std::string(size, 'x')});
  const CertificatePtr kept = packed(draft);
  EXPECT_THAT(kept->subject(), SizeIs(70'000));
  ASSERT_THAT(kept->subject_alternative_names(), SizeIs(1000));
  for (std::size_t size = 0; size < 1000; ++size)
    EXPECT_EQ(kept->subject_alternative_names()[size].value, std::string(size, 'x'));
}

TEST(Certificate, ANameMayHoldANul) {
  const std::string name("a.example\0.evil", 15);
  const CertificatePtr kept = packed({.subject_common_name = name, .subject_alternative_names = {{Kind::dns, name}}});
  EXPECT_EQ(kept->subject_common_name(), name);
  EXPECT_EQ(kept->subject_alternative_names().front().value, name);
  EXPECT_THAT(packed({})->subject_alternative_names(), IsEmpty());
}

}  // namespace
}  // namespace probes::observations
