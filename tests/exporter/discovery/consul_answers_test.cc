#include "exporter/discovery/consul_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter::discovery {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

using Tags = std::vector<std::string>;

struct Read {
  std::optional<std::vector<Candidate>> found;
  Troubles troubles;
};
Read read(const std::string& body, const Tags& tags = {}) {
  Read read;
  read.found = consul_instances(body, tags, "consul", read.troubles);
  return read;
}

std::string instance(const std::string& service) {
  return R"({"Node": {"Node": "n1", "Address": "10.0.0.9", "Datacenter": "dc1"}, "Service": {"ID": "web-1", "Service": "web", )" +
         service + R"(}, "Checks": [{"Status": "critical"}]})";
}

TEST(ConsulAnswers, ServicesHaveAllTagsAndConsulItselfIsNone) {
  const std::string body = R"({"consul": [], "web": ["tls", "v1"], "db": ["tls"], "batch": []})";
  EXPECT_THAT(consul_services(body, Tags{}), Optional(ElementsAre("batch", "db", "web")));
  EXPECT_THAT(consul_services(body, Tags{"tls", "v1"}), Optional(ElementsAre("web")));
  EXPECT_EQ(consul_services("[]", Tags{}), std::nullopt);
  EXPECT_EQ(consul_services("no", Tags{}), std::nullopt);
}

TEST(ConsulAnswers, AnInstanceIsWhereItsServiceSaysElseWhereItsNodeIs) {
  const auto seen =
      read("[" + instance(R"("Address": "web.internal", "Port": 8443)") + "," + instance(R"("Address": "", "Port": 8444)") + "," +
           instance(R"("Address": "2001:db8::1", "Port": 1)") + "]");
  ASSERT_TRUE(seen.found && seen.found->size() == 3);
  const Candidate &named = seen.found->at(0), &node = seen.found->at(1), &six = seen.found->at(2);
  EXPECT_EQ(named.host, "web.internal");
  EXPECT_EQ(named.port, 8443);
  EXPECT_TRUE(named.name_judged);
  EXPECT_EQ(node.host, "10.0.0.9");
  EXPECT_FALSE(node.name_judged) << "nobody has said which name stands in its certificate";
  EXPECT_EQ(six.host, "2001:db8::1");
  EXPECT_EQ(node.labels, (config::Labels{{"datacenter", "dc1"}, {"node", "n1"}, {"service", "web"}}));
  EXPECT_EQ(seen.troubles.total(), 0u);
}

TEST(ConsulAnswers, MetaSaysHowItIsProbed) {
  const auto seen = read("[" + instance(R"("Port": 80, "Meta": {"mtls_exporter_port": "8443", "mtls_exporter_module": "m",
                                           "mtls_exporter_server_name": "web.example", "mtls_exporter_probe": "true"})") +
                         "," + instance(R"("Port": 443, "Meta": {"mtls_exporter_probe": "false"})") + "]");
  ASSERT_THAT(seen.found, Optional(SizeIs(1)));
  const Candidate& candidate = seen.found->front();
  EXPECT_EQ(candidate.port, 8443);
  EXPECT_EQ(candidate.module, "m");
  EXPECT_EQ(candidate.server_name, "web.example");
  EXPECT_TRUE(candidate.name_judged);
}

TEST(ConsulAnswers, WhatIsWrittenWrongIsNamedAndWhatListensNowhereIsNot) {
  const auto seen = read("[" + instance(R"("Port": 0)") + "," + instance(R"("Port": 4294967739)") + "," +
                         instance(R"("Meta": {"mtls_exporter_port": "8443x"})") + "," +
                         instance(R"("Port": 443, "Meta": {"mtls_exporter_probe": "yes"})") + "," +
                         instance(R"("Port": 443, "Address": "a b")") + "]");
  EXPECT_THAT(seen.found, Optional(IsEmpty()));
  ASSERT_THAT(seen.troubles.named(), SizeIs(3));
  EXPECT_THAT(seen.troubles.named()[0].detail, HasSubstr("`web-1`: mtls_exporter_port is `8443x`"));
  EXPECT_THAT(seen.troubles.named()[1].detail, HasSubstr("write true or false"));
}

TEST(ConsulAnswers, InstancesHaveTheirOwnTags) {
  const std::string body = "[" + instance(R"("Port": 1, "Tags": ["tls"])") + "," + instance(R"("Port": 2, "Tags": null)") + "]";
  EXPECT_THAT(read(body).found, Optional(SizeIs(2)));
  EXPECT_THAT(read(body, {"tls"}).found, Optional(SizeIs(1)));
}

TEST(ConsulAnswers, WhatIsNoListLosesNothing) {
  const auto seen = read(R"({"x": 1})");
  EXPECT_EQ(seen.found, std::nullopt);
  ASSERT_THAT(seen.troubles.named(), SizeIs(1));
  EXPECT_EQ(seen.troubles.named()[0].reason, SourceReason::bad_syntax);
}

TEST(ConsulAnswers, AnIndexThatGoesBackwardsBeginsAnew) {
  EXPECT_EQ(consul_index("42", 7), 42u);
  EXPECT_EQ(consul_index("42", 42), 42u);
  EXPECT_EQ(consul_index("41", 42), 0u);
  EXPECT_EQ(consul_index("0", 0), 0u);
  EXPECT_EQ(consul_index("", 42), 0u);
  EXPECT_EQ(consul_index("9f8a", 42), 0u);
}

}  // namespace
}  // namespace exporter::discovery
