// The names of blackbox_exporter, one fact at a time.
#include "exporter/on_demand/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/metrics/family.h"
#include "tests/support/an_estate.h"

namespace exporter::on_demand {
namespace {

using namespace probes::observations;
using namespace tests::support;
using testing::HasSubstr;
using testing::Not;

// What /probe says of `seen`, asked with protocol `protocol`.
std::string said(Handshake seen, const std::string& protocol = "tls") {
  auto module = std::make_shared<config::Module>(*a_module());
  module->protocol = protocol;
  const Question question{.target = a_target("payments", module), .identity = "service-a"};
  Materials materials;
  materials.settings = std::make_shared<const config::Settings>(settings_of({}));
  return reply(question, materials, std::move(seen), {}).body.text();
}

TEST(Blackbox, NamesTheAddress) {
  Handshake seen = a_good_probe();
  seen.endpoint = "127.0.0.1:443";
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ip_addr_hash 3668918509\n"));  // as blackbox_exporter 0.23 says
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ip_protocol 4\n"));
  seen.endpoint = "[2001:db8::1]:443";
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ip_protocol 6\n"));
  seen.endpoint = "";
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ip_protocol 0\n"));
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ip_addr_hash 0\n"));
}

TEST(Blackbox, NamesVersionsAndCiphersAsGoDoes) {
  const struct {
    std::string version, go;
  } cases[] = {{"TLSv1.3", "TLS 1.3"}, {"TLSv1.2", "TLS 1.2"}, {"TLSv1.1", "TLS 1.1"}, {"TLSv1", "TLS 1.0"}};
  for (const auto& [version, go] : cases) {
    Handshake seen = a_good_probe();
    seen.negotiated = Negotiated{.version = version, .cipher = "ECDHE-RSA-AES128-GCM-SHA256", .group = {}, .alpn = {}};
    EXPECT_THAT(said(seen), HasSubstr("probe_tls_version_info{version=\"" + go + "\"} 1\n"));
    EXPECT_THAT(said(seen), HasSubstr("probe_tls_cipher_info{cipher=\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"} 1\n"));
  }
}

TEST(Blackbox, TheEarliestCertificateAndTheChainEndApart) {
  Handshake seen = a_good_probe();
  seen.certificates = {a_certificate("leaf", 90), a_certificate("superfluous", 3)};
  const auto end = [](int days) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(today).time_since_epoch().count() + days * 86400);
  };
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ssl_earliest_cert_expiry " + end(3) + "\n"));
  auto judged = std::make_shared<ChainJudgement>(*seen.chain);
  judged->expiry = std::chrono::floor<std::chrono::seconds>(today) + std::chrono::days(60);
  seen.chain = judged;
  EXPECT_THAT(said(seen), HasSubstr("\nprobe_ssl_last_chain_expiry_timestamp_seconds " + end(60) + "\n"));
  judged = std::make_shared<ChainJudgement>(*seen.chain);
  judged->expiry.reset();
  seen.chain = judged;
  EXPECT_THAT(said(seen), Not(HasSubstr("probe_ssl_last_chain_expiry_timestamp_seconds")));
}

TEST(Blackbox, HttpIsForHttps) {
  Handshake seen = a_good_probe();
  seen.application_status = 404;
  seen.negotiated->alpn = "h2";
  EXPECT_THAT(said(seen), Not(HasSubstr("probe_http_")));
  EXPECT_THAT(said(seen, "https"), HasSubstr("\nprobe_http_status_code 404\n"));
  EXPECT_THAT(said(seen, "https"), HasSubstr("\nprobe_http_ssl 1\n"));
  EXPECT_THAT(said(seen, "https"), HasSubstr("\nprobe_http_version 2\n"));
  const Handshake down = a_failed_probe(Stage::connect, Reason::refused);
  EXPECT_THAT(said(down, "https"), HasSubstr("\nprobe_http_status_code 0\n"));
  EXPECT_THAT(said(down, "https"), HasSubstr("\nprobe_http_ssl 0\n"));
  EXPECT_THAT(said(down, "https"), HasSubstr("\nprobe_http_version 0\n"));
}

TEST(Blackbox, WhatIsNotKnownIsAbsent) {
  const std::string text = said(a_failed_probe(Stage::connect, Reason::refused));
  EXPECT_THAT(text, HasSubstr("\nprobe_success 0\n"));
  for (const std::string name : {"probe_ssl_", "probe_tls_"}) EXPECT_THAT(text, Not(HasSubstr(name))) << name;
}

TEST(Blackbox, ItsNamesAreNoneOfOurs) {
  for (const auto& theirs : metrics::blackbox_families()) {
    EXPECT_TRUE(theirs.name.starts_with("probe_")) << theirs.name;
    for (const auto& ours : metrics::families()) EXPECT_NE(ours.name, theirs.name);
  }
}

TEST(Pem, IsWhatOpensslWrites) {
  EXPECT_EQ(pem("abc"), "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(pem(std::string(49, 'a')),
            "-----BEGIN CERTIFICATE-----\nYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\nYQ==\n-----END "
            "CERTIFICATE-----\n");
}

}  // namespace
}  // namespace exporter::on_demand
