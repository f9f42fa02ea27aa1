#include "probes/revocation/list.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/resource.h>

#include "tests/support/test_list.h"

namespace probes::revocation {
namespace {

using namespace tests::support;
using observations::RevocationReason;

std::optional<Entry> find(const List& list, const Issued& issued) {
  return list.find(X509_get_issuer_name(issued.certificate.get()), X509_get0_serialNumber(issued.certificate.get()));
}

class RevocationList : public testing::Test {
 protected:
  ~RevocationList() override { EXPECT_EQ(ERR_peek_error(), 0u); }
  const Issued root_ = root("Internal");
  const Issued withdrawn_ = issue({.common_name = "withdrawn"}, &root_), other_ = issue({.common_name = "other"}, &root_);
};

TEST_F(RevocationList, KnowsWhatItNamesWithReasonAndDate) {
  const ListPtr list = List::read(list_of(root_, {.revoked = {{.certificate = &withdrawn_, .reason = 1}}, .number = 7}));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->entries(), 1u);
  EXPECT_EQ(list->number(), "7");
  // The times of a list are made one after the other.
  EXPECT_LE(list->next_update().value() - list->this_update() - std::chrono::hours(25), std::chrono::seconds(2));
  const auto entry = find(*list, withdrawn_);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->reason, RevocationReason::key_compromise);
  EXPECT_LE(std::chrono::abs(list->this_update() - entry->at.value() - std::chrono::hours(1)), std::chrono::seconds(2));
  EXPECT_FALSE(find(*list, other_));
}

TEST_F(RevocationList, SerialsOfEverySignAndLengthAreToldApart) {
  std::vector<Issued> issued;
  for (const char* serial :
       {"00", "01", "-01", "7F", "80", "-80", "FF", "0100", "0101", "010000000000000001", "010000000000000002",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"})
    issued.push_back(issue({.serial_hex = serial}, &root_));
  WantedList wanted;
  for (std::size_t i = 0; i < issued.size(); i += 2) wanted.revoked.push_back({.certificate = &issued[i]});
  const ListPtr list = List::read(list_of(root_, wanted));
  ASSERT_TRUE(list);
  for (std::size_t i = 0; i < issued.size(); ++i) EXPECT_EQ(find(*list, issued[i]).has_value(), i % 2 == 0) << i;
}

TEST_F(RevocationList, EveryKindOfSignatureIsChecked) {
  for (const auto& [key, digest] : std::vector<std::pair<std::string, std::string>>{
           {"EC:P-384", "SHA384"}, {"RSA:2048", "SHA256"}, {"ED25519", ""}, {"RSA-PSS:2048", "SHA256"}}) {
    const Issued issuer = issue({.common_name = "Issuer", .authority = true, .key = key, .digest = digest});
    const Issued stranger = issue({.common_name = "Issuer", .authority = true, .key = key, .digest = digest});
    std::string der = list_of(issuer, {.revoked = {{.certificate = &withdrawn_}}, .digest = digest});
    const ListPtr list = List::read(der);
    ASSERT_TRUE(list) << key;
    EXPECT_TRUE(list->signed_by(issuer.key.get())) << key;
    EXPECT_TRUE(list->signed_by(issuer.key.get())) << key << ", remembered";
    EXPECT_FALSE(list->signed_by(stranger.key.get())) << key;
    EXPECT_FALSE(list->signed_by(root_.key.get())) << key << ", by a key of another kind";
    der[der.size() / 3] ^= 1;
    const ListPtr changed = List::read(der);
    EXPECT_FALSE(changed && changed->signed_by(issuer.key.get())) << key;
  }
}

// Whatever is cut off or changed, it is a list or none, and never more than it was.
TEST_F(RevocationList, WhatIsCutShortIsNone) {
  const std::string der = list_of(root_, {.revoked = {{.certificate = &withdrawn_, .reason = 4}}});
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(List::read(der.substr(0, size))) << size;
  for (std::size_t at = 0; at < der.size(); ++at) {
    std::string changed = der;
    changed[at] = static_cast<char>(changed[at] ^ 0x5a);
    const ListPtr list = List::read(changed);
    EXPECT_FALSE(list && list->signed_by(root_.key.get())) << at;
  }
}

TEST_F(RevocationList, IsReadOnceWhileSomebodyHoldsIt) {
  const std::string der = list_of(root_);
  const ListPtr list = List::remembered(der);
  EXPECT_EQ(List::remembered(der), list);
  EXPECT_NE(List::remembered(list_of(root_, {.number = 2})), list);
}

TEST_F(RevocationList, ACriticalExtensionNobodyKnowsIsSeen) {
  EXPECT_TRUE(List::read(list_of(root_))->understood());
  EXPECT_FALSE(List::read(list_of(root_, {.extensions = {{"1.2.3.4", "critical,DER:0500"}}}))->understood());
  EXPECT_TRUE(List::read(list_of(root_, {.extensions = {{"1.2.3.4", "DER:0500"}}}))->understood());
}

// Length octets, as DER has them.
std::string wrapped(char tag, const std::string& content) {
  std::string out(1, tag);
  if (content.size() < 128) out += static_cast<char>(content.size());
  else {
    out += '\x84';
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(content.size() >> shift);
  }
  return out + content;
}

// A list of `count` entries with serials of 16 octets and a reason. Its signature is nobody's.
std::string large_list(std::uint32_t count) {
  std::string entries;
  std::uint64_t state = 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string serial(1, '\x01');
    for (int half = 0; half < 2; ++half) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      for (int shift = 56; shift >= (half == 0 ? 0 : 8); shift -= 8) serial += static_cast<char>(state >> shift);
    }
    entries +=
        wrapped('\x30', wrapped('\x02', serial) + wrapped('\x17', "260101000000Z") +
                            wrapped('\x30', wrapped('\x30', wrapped('\x06', "\x55\x1d\x15") + wrapped('\x04', "\x0a\x01\x01"))));
  }
  const std::string algorithm = wrapped('\x30', wrapped('\x06', "\x2a\x86\x48\xce\x3d\x04\x03\x02"));
  const std::string name =
      wrapped('\x30', wrapped('\x31', wrapped('\x30', wrapped('\x06', "\x55\x04\x03") + wrapped('\x0c', "Internal"))));
  const std::string tbs = wrapped('\x30', wrapped('\x02', "\x01") + algorithm + name + wrapped('\x17', "260101000000Z") +
                                              wrapped('\x17', "360101000000Z") + wrapped('\x30', entries));
  return wrapped('\x30', tbs + algorithm + wrapped('\x03', std::string("\0\x30\x00", 3)));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST_F(RevocationList, AMillionEntriesAreAnOrdinaryList) {
  const std::string der = large_list(1'000'000);
  const double before = cpu_seconds();
  const ListPtr list = List::remembered(der);
  const double spent = cpu_seconds() - before;
  ASSERT_TRUE(list);
  EXPECT_EQ(list->entries(), 1'000'000u);
  EXPECT_LT(spent, 3.0);
  EXPECT_LT(list->bytes() / list->entries(), 60u);
  RecordProperty("cpu_ms", static_cast<int>(spent * 1000));
  const double looking = cpu_seconds();
  constexpr int looks = 20'000;
  for (int i = 0; i < looks; ++i) EXPECT_FALSE(find(*list, other_));
  const double each = (cpu_seconds() - looking) / looks * 1e6;
  EXPECT_LT(each, 10.0) << "microseconds for each look";
  std::printf("a million entries: %.2f s of CPU, %zu bytes an entry, %.2f us a look\n", spent, list->bytes() / list->entries(),
              each);
}

}  // namespace
}  // namespace probes::revocation
