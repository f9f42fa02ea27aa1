#include "exporter/discovery/look_once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <stdexcept>
#include <system_error>
#include <thread>

#include "config/load.h"
#include "exporter/vocabulary.h"
#include "tests/support/name_server.h"
#include "tests/support/test_ca.h"
#include "tests/support/tls_peer.h"

namespace exporter::discovery {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using tests::support::TlsPeer;
using enum SourceReason;

class LookOnce : public testing::Test {
 protected:
  std::vector<Looked> look(const std::string& configuration, Effort most) {
    settings_ =
        std::make_shared<const config::Settings>(config::load_text(configuration, folder_.path() + "/estate.yml", vocabulary()));
    const auto materials = load_materials(settings_, {});
    return look_once(*settings_, most,
                     {.materials = [materials] { return materials; }, .reserved_labels = vocabulary().reserved_labels});
  }

  tests::support::TemporaryFolder folder_;
  std::shared_ptr<const config::Settings> settings_;
};

TEST_F(LookOnce, FilesAreOpenedAndNobodyIsAsked) {
  const TlsPeer server;
  folder_.write("list.json", R"([{"targets": ["b:1", "a:1", "b:1"]}])");
  folder_.write("nginx.conf", "http { server { listen 443 ssl; server_name c; } }");
  const auto looked = look("discovery: [{http_sd: 'https://127.0.0.1:" + std::to_string(server.port()) +
                               "/'}, {file_sd: [list.json]}, {nginx: [nginx.conf]}]",
                           Effort::files);
  ASSERT_THAT(looked, SizeIs(3));
  EXPECT_FALSE(looked[0].at_all);
  EXPECT_THAT(looked[1].look.found, SizeIs(2));
  EXPECT_TRUE(looked[1].look.complete);
  EXPECT_THAT(looked[2].look.found, SizeIs(1));
  EXPECT_THAT(server.seen(), IsEmpty());
}

TEST_F(LookOnce, ServersOfListsAreAskedWhereThatIsAllowed) {
  const tests::support::NameServer names;
  const auto looked = look("discovery: [{dns: {names: [a.x], type: A, port: 443, servers: '" + names.address() +
                               "'}}, {http_sd: 'http://127.0.0.1:1/'}]",
                           Effort::question);
  ASSERT_THAT(looked, SizeIs(2));
  ASSERT_THAT(looked[0].look.found, SizeIs(1));
  EXPECT_EQ(looked[0].look.found[0].host, "127.0.0.1");
  EXPECT_FALSE(looked[1].look.complete);
  EXPECT_THAT(looked[1].look.troubles.counts(), UnorderedElementsAre(Pair(unreachable, 1)));
}

TEST_F(LookOnce, ASweepIsNeverBegun) {
  const TlsPeer server;
  const auto looked =
      look("discovery: [{sweep: {cidrs: [127.0.0.1/32], ports: [" + std::to_string(server.port()) + "]}}]", Effort::question);
  ASSERT_THAT(looked, SizeIs(1));
  EXPECT_FALSE(looked[0].at_all);
  EXPECT_THAT(server.seen(), IsEmpty());
}

// Threads are asked to have stacks larger than any address space.
TEST_F(LookOnce, WhereNoThreadCanBeBegunTheCallersLooks) {
  folder_.write("list.json", R"([{"targets": ["a:1"]}])");
  pthread_attr_t before, huge;
  ASSERT_EQ(pthread_getattr_default_np(&before), 0);
  pthread_attr_init(&huge);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, std::size_t{1} << 60), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  std::vector<Looked> looked;
  EXPECT_THROW(std::thread([] {}).join(), std::system_error);
  EXPECT_NO_THROW(looked = look("discovery: [{file_sd: [list.json]}]", Effort::files));
  EXPECT_EQ(pthread_setattr_default_np(&before), 0);
  pthread_attr_destroy(&huge);
  pthread_attr_destroy(&before);
  ASSERT_THAT(looked, SizeIs(1));
  EXPECT_THAT(looked[0].look.found, SizeIs(1));
}

TEST_F(LookOnce, WhatASourceThrowsIsAFailureOfThatSource) {
  folder_.write("list.json", R"([{"targets": ["a:1"]}])");
  settings_ = std::make_shared<const config::Settings>(config::load_text(
      "discovery: [{http_sd: 'http://127.0.0.1:1/'}, {file_sd: [list.json]}]", folder_.path() + "/estate.yml", vocabulary()));
  const auto looked = look_once(*settings_, Effort::question,
                                {.materials = []() -> MaterialsPtr { throw std::runtime_error("out of luck"); },
                                 .reserved_labels = vocabulary().reserved_labels});
  ASSERT_THAT(looked, SizeIs(2));
  EXPECT_FALSE(looked[0].look.complete);
  EXPECT_THAT(looked[0].look.troubles.counts(), UnorderedElementsAre(Pair(read_failed, 1)));
  EXPECT_THAT(looked[1].look.found, SizeIs(1));
}

TEST_F(LookOnce, WhatIsFoundIsMergedAsTheExporterDoes) {
  folder_.write("list.json", R"([{"targets": ["a:1", "b:1"]}, {"targets": ["c:1"], "labels": {"__param_module": "none"}}])");
  auto looked = look("targets: [{address: 'a:1'}]\ndiscovery: [{file_sd: [list.json]}]", Effort::files);
  EXPECT_THAT(looked[0].look.troubles.counts(), UnorderedElementsAre(Pair(unknown_module, 1)));
  const config::Settings merged = Merge(settings_).with(found(std::move(looked)));
  ASSERT_THAT(merged.targets, SizeIs(2));
  EXPECT_EQ(merged.targets[1]->name, "b:1");
}

}  // namespace
}  // namespace exporter::discovery
