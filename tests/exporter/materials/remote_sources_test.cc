#include "exporter/materials/remote_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter {
namespace {

using namespace probes::observations;
using probes::revocation::PlaceReport;
using testing::SizeIs;

PlaceReport failed(RevocationMethod method, const std::string& url) {
  return {.method = method, .url = url, .trouble = Trouble{.reason = SourceReason::timeout, .path = url, .detail = "no answer"}};
}

TEST(RemoteSlot, IsASourceOfItsUrl) {
  PlaceReport report = failed(RevocationMethod::crl, "http://a/1");
  const SourceSlot down = remote_slot(report);
  EXPECT_EQ(down.key, (SourceKey{SourceKind::distribution_point, "http://a/1"}));
  EXPECT_FALSE(down.up);
  EXPECT_EQ(down.errors.at(SourceReason::timeout), 1u);
  report.trouble.reset();
  report.list = RevocationList{.path = "http://a/1", .issuer = "CN=CA"};
  const SourceSlot had = remote_slot(report);
  EXPECT_TRUE(had.up);
  EXPECT_THAT(had.revocation_lists, SizeIs(1));
  EXPECT_TRUE(had.errors.empty());
  EXPECT_EQ(remote_slot(failed(RevocationMethod::ocsp, "http://o/")).key.kind, SourceKind::responder);
}

TEST(RemoteSources, AreInTheEstateUntilTheyAreForgotten) {
  Estate estate;
  RemoteSources sources(estate);
  sources.publish(failed(RevocationMethod::ocsp, "http://o/"));
  sources.publish(failed(RevocationMethod::crl, "http://a/1"));
  EXPECT_THAT(estate.sources(), SizeIs(2));
  sources.publish({.method = RevocationMethod::ocsp, .url = "http://o/", .forgotten = true, .trouble = {}, .list = {}});
  ASSERT_THAT(estate.sources(), SizeIs(1));
  EXPECT_EQ(estate.sources().front()->key.name, "http://a/1");
}

}  // namespace
}  // namespace exporter
