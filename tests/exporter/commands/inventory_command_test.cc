// The command over real files and a scripted server, from its options to its exit code.
#include "exporter/commands/inventory_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "exporter/vocabulary.h"
#include "tests/support/test_ca.h"
#include "tests/support/tls_peer.h"

namespace exporter {
namespace {

using namespace ::tests::support;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class InventoryCommand : public testing::Test {
 protected:
  struct Outcome {
    int code;
    nlohmann::json list;
    std::string err;
  };

  void SetUp() override {
    folder.write("root.pem", pem(root.certificate.get()));
    folder.write("a.crt", pem(client.certificate.get()));
    folder.write_private("a.key", pem(client.key.get()));
    folder.write("server.pem", pem(server.certificate.get()));
  }

  std::string configure(int port) {
    return "trust: {t: {ca_files: [root.pem]}}\n"
           "identities: {a: {certificate_file: a.crt, key_file: a.key, trust: t}}\n"
           "files: [{name: web, paths: [" +
           folder.path() +
           "/*.pem], labels: {owner: web}}]\n"
           "targets: [{name: payments, address: '127.0.0.1:" +
           std::to_string(port) + "', trust: t, labels: {owner: payments}}]\n";
  }

  Outcome run(const std::string& text, const TakeInventory& options = {}) {
    const std::string path = folder.write("m.yml", text);
    std::ostringstream out, err;
    const int code = inventory_command(options, path, vocabulary(), out, err);
    return {code, code == 2 ? nlohmann::json() : nlohmann::json::parse(out.str()), err.str()};
  }

  std::vector<std::string> places_of(const nlohmann::json& list, const Issued& issued) {
    std::vector<std::string> found;
    for (const auto& one : list["certificates"])
      if (one["subject_common_name"] == name_of(issued))
        for (const auto& place : one["places"])
          found.push_back(place["source"].get<std::string>() + " " + place["target"].get<std::string>());
    return found;
  }

  static std::string name_of(const Issued& issued) {
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(issued.certificate.get()), NID_commonName, name, sizeof name);
    return name;
  }

  TemporaryFolder folder;
  Issued root = tests::support::root("Inventory Root");
  Issued server = issue({.common_name = "payments"}, &root);
  Issued client = issue({.common_name = "service-a", .extended_key_usage = "clientAuth"}, &root);
};

TEST_F(InventoryCommand, EveryCertificateOnceWithEveryPlace) {
  TlsPeerOptions options;
  options.identity = &server;
  const TlsPeer peer(std::move(options));
  const Outcome outcome = run(configure(peer.port()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(outcome.list["certificates"].size(), 3u);
  EXPECT_THAT(places_of(outcome.list, server), UnorderedElementsAre("file " + folder.path() + "/server.pem", "server payments"));
  EXPECT_THAT(places_of(outcome.list, root), UnorderedElementsAre("file " + folder.path() + "/root.pem", "trust t"));
  EXPECT_THAT(places_of(outcome.list, client), UnorderedElementsAre("identity a"));
  for (const auto& one : outcome.list["certificates"]) {
    if (one["subject_common_name"] != "payments") continue;
    EXPECT_EQ(one["owners"], nlohmann::json({"payments", "web"}));
  }
}

TEST_F(InventoryCommand, WhatCannotBeReadOrReachedIsNamed) {
  folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const Outcome outcome = run(configure(1));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("target payments: showed no certificate: refused"));
  EXPECT_THAT(outcome.err, HasSubstr("broken.pem"));
  EXPECT_EQ(outcome.list["left_out"].size(), 2u);
  EXPECT_EQ(outcome.list["certificates"].size(), 3u) << "the rest is listed all the same";
}

TEST_F(InventoryCommand, WithoutProbesNothingIsConnectedTo) {
  TlsPeer peer;
  const Outcome outcome = run(configure(peer.port()), {.probe = false});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(peer.seen(), IsEmpty());
}

TEST_F(InventoryCommand, AnAuthorityListsAllItHasIssued) {
  folder.write("index.txt", "V\t401231235959Z\t\t0A\tunknown\t/CN=far\nV\t271231235959Z\t\t0B\tunknown\t/CN=near\n");
  const Outcome outcome = run("authorities: [{name: vpn, openssl_index: index.txt}]\n");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  ASSERT_EQ(outcome.list["certificates"].size(), 2u) << "also one that ends in years";
  EXPECT_TRUE(outcome.list["certificates"][0]["listed_only"].get<bool>());
  EXPECT_TRUE(outcome.list["certificates"][0]["fingerprint_sha256"].is_null());
}

TEST_F(InventoryCommand, AWrongConfigurationIsUsage) { EXPECT_EQ(run("targetz: []\n").code, 2); }

}  // namespace
}  // namespace exporter
