#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporter/cluster/access.h"
#include "exporter/cluster/object.h"
#include "tests/support/test_ca.h"

namespace exporter::cluster {
namespace {

using namespace ::tests::support;
using probes::observations::SourceReason;
using probes::observations::Trouble;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string b64(const std::string& bytes) {
  std::string text(bytes.size() * 2 + 4, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  return text;
}

ObjectPtr secret(const std::string& data, const config::Kubernetes& settings = {}, const std::string& more = "") {
  return read_certificates(parsed("{\"metadata\":{\"namespace\":\"web\",\"name\":\"s\"}" + more + ",\"data\":{" + data + "}}"),
                           "secrets", settings);
}

std::vector<std::string> places(const ObjectPtr& object) {
  std::vector<std::string> found;
  if (object)
    for (const auto& stored : std::get<Certificates>(object->holds).found.certificates) found.emplace_back(stored.place.text());
  return found;
}

class ClusterObjects : public testing::Test {
 protected:
  Issued root = tests::support::root();
  Issued leaf = issue({.common_name = "a"}, &root);
  std::string chain = pem(leaf.certificate.get()) + pem(root.certificate.get());
  TemporaryFolder folder;
};

TEST_F(ClusterObjects, EveryKeyThatHoldsACertificateIsRead) {
  const auto object =
      secret("\"tls.crt\":\"" + b64(chain) + "\",\"tls.key\":\"" + b64(pem(leaf.key.get())) + "\",\"word\":\"c2VjcmV0\"");
  EXPECT_THAT(places(object), ElementsAre("web/s#tls.crt", "web/s#tls.crt"));
  const auto& held = std::get<Certificates>(object->holds);
  EXPECT_EQ(held.der.size(), 2u);
  EXPECT_EQ(held.der[0], der(leaf.certificate.get()));
  EXPECT_THAT(held.found.troubles, IsEmpty());
}

TEST_F(ClusterObjects, WhatHoldsNoneIsNotKept) {
  EXPECT_EQ(secret("\"password\":\"c2VjcmV0\""), nullptr);
  EXPECT_EQ(secret("\"a.crt\":\"" + b64(chain) + "\"", {}, ",\"type\":\"helm.sh/release.v1\""), nullptr);
  EXPECT_EQ(secret("\"a.crt\":\"" + b64(chain) + "\"", {.exclude = {"web/*"}}), nullptr);
}

TEST_F(ClusterObjects, WhatIsBrokenIsNamed) {
  const auto object = secret("\"a.crt\":\"%%%\",\"b.crt\":\"" + b64(chain) + "\"");
  EXPECT_THAT(places(object), ElementsAre("web/s#b.crt", "web/s#b.crt")) << "its neighbours are read";
  ASSERT_EQ(std::get<Certificates>(object->holds).found.troubles.size(), 1u);
  EXPECT_EQ(std::get<Certificates>(object->holds).found.troubles[0].path, "web/s");
  EXPECT_THAT(std::get<Certificates>(object->holds).found.troubles[0].detail, HasSubstr("a.crt"));
}

// A Secret is written by others: what it names as files lies on another machine.
TEST_F(ClusterObjects, AKubeconfigInASecretOpensNoFileOfOurs) {
  const std::string ours = folder.write("ours.pem", pem(root.certificate.get()));
  const std::string text = "kind: Config\nclusters:\n- {name: c, cluster: {certificate-authority: " + ours +
                           "}}\n- {name: d, cluster: {certificate-authority-data: " + b64(pem(root.certificate.get())) + "}}\n";
  EXPECT_THAT(places(secret("\"value\":\"" + b64(text) + "\"")), ElementsAre("web/s#cluster/d"));
}

TEST_F(ClusterObjects, BundlesOfCasStandWhereTheyAreUsed) {
  const std::string bundle = b64(pem(root.certificate.get()));
  const auto read = [&](const std::string& body, const char* kind) {
    return places(read_certificates(parsed("{\"metadata\":{\"name\":\"n\"}," + body + "}"), kind, {}));
  };
  EXPECT_THAT(
      read("\"webhooks\":[{\"name\":\"w\",\"clientConfig\":{\"caBundle\":\"" + bundle + "\"}}]", "mutatingwebhookconfigurations"),
      ElementsAre("mutatingwebhookconfigurations/n#w"));
  EXPECT_THAT(read("\"spec\":{\"caBundle\":\"" + bundle + "\"}", "apiservices"), ElementsAre("apiservices/n#caBundle"));
  EXPECT_THAT(read("\"spec\":{\"conversion\":{\"webhook\":{\"clientConfig\":{\"caBundle\":\"" + bundle + "\"}}}}",
                   "customresourcedefinitions"),
              ElementsAre("customresourcedefinitions/n#conversion"));
  EXPECT_THAT(read("\"spec\":{}", "apiservices"), IsEmpty());
}

TEST_F(ClusterObjects, ShapesThatAreNoneAreNothing) {
  for (const char* text : {"null", "[]", "{}", "{\"metadata\":[],\"data\":[1]}", "{\"data\":{\"a\":1,\"b\":null}}",
                           "{\"webhooks\":{\"a\":1}}", "{\"spec\":\"x\"}"})
    for (const char* kind : {"secrets", "configmaps", "apiservices", "ingresses", "services", "endpointslices"}) {
      const std::string_view of(kind);
      if (of == "ingresses" || of == "services" || of == "endpointslices") (void)read_targets(parsed(text), of);
      else (void)read_certificates(parsed(text), of, {});
    }
}

std::string why(const AccessOrTrouble& found) {
  const auto* trouble = std::get_if<Trouble>(&found);
  return trouble == nullptr ? "" : trouble->detail;
}

TEST_F(ClusterObjects, AKubeconfigSaysWhereTheApiIsAndWhoWeAre) {
  folder.write("ca.crt", pem(root.certificate.get()));
  const std::string rest = "current-context: one\ncontexts: [{name: one, context: {cluster: c, user: u}}]\n";
  const auto read = [&](const std::string& cluster, const std::string& user, const std::string& context = "") {
    return read_kubeconfig_access(folder.write_private("k", rest + "clusters: [{name: c, cluster: {" + cluster +
                                                                "}}]\nusers: [{name: u, user: {" + user + "}}]\n"),
                                  context);
  };
  const std::string cluster = "server: 'https://10.0.0.1:6443/', certificate-authority: ca.crt";
  const auto found = read(cluster, "client-certificate-data: " + b64(pem(leaf.certificate.get())) +
                                       ", client-key-data: " + b64(pem(leaf.key.get())) + ", token: abc");
  ASSERT_TRUE(std::holds_alternative<Access>(found)) << why(found);
  EXPECT_EQ(std::get<Access>(found).server, "https://10.0.0.1:6443");
  EXPECT_EQ(std::get<Access>(found).token, "abc");
  EXPECT_TRUE(std::get<Access>(found).identity->usable());
  EXPECT_EQ(std::get<Access>(found).trust->anchors().size(), 1u);
  EXPECT_THAT(why(read(cluster, "exec: {command: aws}")), HasSubstr("exec is not supported"));
  EXPECT_THAT(why(read(cluster + ", insecure-skip-tls-verify: true", "token: a")), HasSubstr("give the cluster its CA"));
  EXPECT_THAT(why(read(cluster, "token: a", "two")), HasSubstr("no context is called `two`"));
  EXPECT_THAT(why(read(cluster, "client-certificate-data: " + b64(chain) + ", client-key-data: " + b64("x"))),
              HasSubstr("cannot be used"));
  EXPECT_THAT(why(read("server: 'https://x', certificate-authority: gone", "token: a")), HasSubstr("No such file"));
  EXPECT_THAT(why(read_kubeconfig_access(folder.path() + "/none", "")), HasSubstr("No such file"));
}

TEST_F(ClusterObjects, InAPodItIsTheClusterOfThePod) {
  folder.write("ca.crt", pem(root.certificate.get()));
  folder.write_private("token", "abc\n");
  const auto found = access({}, nullptr, {.host = "fd00::1", .port = "443", .folder = folder.path()});
  ASSERT_TRUE(std::holds_alternative<Access>(found)) << why(found);
  EXPECT_EQ(std::get<Access>(found).server, "https://[fd00::1]:443");
  EXPECT_EQ(std::get<Access>(found).token, "abc");
  EXPECT_THAT(why(access({}, nullptr, {})), HasSubstr("this is no pod"));
  folder.write_private("token", "abc\r\nX-Other: header");
  EXPECT_THAT(why(access({}, nullptr, {.host = "h", .port = "443", .folder = folder.path()})), HasSubstr("more than one line"));
}

}  // namespace
}  // namespace exporter::cluster
