#include "exporter/on_demand/question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "exporter/vocabulary.h"
#include "exporter/web/request_reader.h"

namespace exporter::on_demand {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view configuration = R"(
identities: {service-a: {certificate_file: a.pem}, billing: {certificate_file: b.pem}}
defaults: {timeout: 9s}
modules: {m: {identities: [service-a, billing], timeout: 4s}, open: {}, quiet: {protocol: tls}}
targets:
  - {name: payments, address: "payments.internal:8443", module: m, labels: {owner: x}}
  - {name: literal, address: "10.0.0.7:443", server_name: web.example}
  - {name: "payments.internal:1", address: "elsewhere.internal:1"}
web: {probe: {allow: {networks: [10.1.0.0/16], ports: [443], names: ["*.open.internal"]}}}
)";

using Read = std::variant<Question, web::Response>;

Read asked(const std::string& query, const std::string& timeout = "", std::chrono::milliseconds offset = 500ms) {
  static const config::Settings settings = config::load_text(configuration, "/etc/m.yml", vocabulary());
  web::Request request;
  EXPECT_TRUE(web::split_target("/probe?" + query, request)) << query;
  if (!timeout.empty()) request.headers["x-prometheus-scrape-timeout-seconds"] = timeout;
  return read(request, settings, offset);
}

Question good(const std::string& query, const std::string& timeout = "") {
  Read result = asked(query, timeout);
  if (const auto* refusal = std::get_if<web::Response>(&result)) {
    ADD_FAILURE() << query << ": " << refusal->body.text();
    return {};
  }
  return std::move(std::get<Question>(result));
}

std::string refusal(int status, const std::string& query, const std::string& timeout = "",
                    std::chrono::milliseconds offset = 500ms) {
  const Read result = asked(query, timeout, offset);
  const auto* response = std::get_if<web::Response>(&result);
  if (response == nullptr) return "no refusal";
  EXPECT_EQ(response->status, status) << query << ": " << response->body.text();
  EXPECT_EQ(response->body.text().find('\n'), response->body.text().size() - 1) << "one line";
  return response->body.text();
}

TEST(Question, AConfiguredTargetIsProbedAsConfigured) {
  const Question question = good("target=payments");
  EXPECT_EQ(question.target->name, "payments");
  EXPECT_EQ(question.target->host, "payments.internal");
  EXPECT_EQ(question.target->port, 8443);
  EXPECT_EQ(question.target->module->name, "m");
  EXPECT_EQ(question.target->labels.at("owner"), "x");
  EXPECT_EQ(question.identity, "service-a");
  EXPECT_EQ(question.at_most, 4s);
  EXPECT_FALSE(question.debug);
}

TEST(Question, WhatTheRequestSaysComesFirst) {
  const Question question = good("target=payments&module=open&identity=billing&server_name=other.example&debug=true");
  EXPECT_EQ(question.target->module->name, "open");
  EXPECT_EQ(question.identity, "billing");
  EXPECT_EQ(question.target->server_name, "other.example");
  EXPECT_EQ(question.at_most, 9s);
  EXPECT_TRUE(question.debug);
  EXPECT_EQ(good("target=payments&module=open").identity, "");
  EXPECT_FALSE(good("target=payments&debug=false").debug);
}

TEST(Question, TheAddressOfAConfiguredTargetIsThatTarget) {
  for (const std::string query : {"target=payments.internal:8443", "target=PAYMENTS.internal.:8443"})
    EXPECT_EQ(good(query).target->name, "payments") << query;
  for (const std::string query : {"target=10.0.0.7:443", "target=[::ffff:10.0.0.7]:443", "target=%31%30.0.0.7%3a443"})
    EXPECT_EQ(good(query).target->name, "literal") << query;
  EXPECT_EQ(good("target=payments.internal:1").target->host, "elsewhere.internal") << "a name comes before an address";
}

TEST(Question, WhatIsOpenIsProbedWithTheModuleAskedFor) {
  const Question question = good("target=10.1.2.3:443&module=m");
  EXPECT_EQ(question.target->name, "10.1.2.3:443");
  EXPECT_EQ(question.target->host, "10.1.2.3");
  EXPECT_EQ(question.target->module->name, "m");
  EXPECT_EQ(good("target=a.open.internal:443").target->module->name, "default");
}

// As blackbox_exporter users write it.
TEST(Question, AUrlSaysTheProtocolThePortAndThePath) {
  const Question question = good("target=https://a.open.internal/health?deep&module=open");
  EXPECT_EQ(question.target->host, "a.open.internal");
  EXPECT_EQ(question.target->port, 443);
  EXPECT_EQ(question.target->module->protocol, "https");
  EXPECT_EQ(question.target->module->name, "open");
  EXPECT_EQ(config::http_path(*question.target), "/health?deep");
  EXPECT_EQ(good("target=https://b.open.internal/x&module=open").target->module, question.target->module) << "one TLS context";
  EXPECT_EQ(good("target=a.open.internal").target->port, 443);
}

// Whoever may ask for a probe must not choose the requests that are sent with our certificate.
TEST(Question, AUrlOfAConfiguredTargetIsThatTargetAndAsksForItsOwnPath) {
  const Question question = good("target=https://Payments.internal:8443/");
  EXPECT_EQ(question.target->name, "payments");
  EXPECT_EQ(question.target->host, "payments.internal");
  EXPECT_EQ(question.target->module->protocol, "https");
  EXPECT_EQ(question.identity, "service-a");
  EXPECT_THAT(refusal(403, "target=https://payments.internal:8443/admin"),
              HasSubstr("`/admin` may not be asked for: the target's own path is `/`"));
}

TEST(Question, OneAddressOfATarget) {
  const Question one = good("target=payments&address=10.9.9.9");
  EXPECT_EQ(one.target->host, "payments.internal");
  EXPECT_EQ(one.reach.refusal(*literal("10.9.9.9")), "");
  EXPECT_NE(one.reach.refusal(*literal("10.9.9.8")), "");
  const Question same = good("target=payments&address=Payments.internal");
  EXPECT_EQ(same.target->host, "payments.internal");
  EXPECT_EQ(good("target=literal&address=10.0.0.7").target->server_name, "web.example");
}

TEST(Question, AnAddressThatIsOpenKeepsTheTargetsName) {
  const Question question = good("target=a.open.internal:443&address=10.1.2.3");
  EXPECT_EQ(question.target->host, "10.1.2.3");
  EXPECT_EQ(question.target->server_name, "a.open.internal");
  EXPECT_EQ(good("target=literal&address=10.1.2.3").target->server_name, "web.example");
}

TEST(Question, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    std::string query, wrong;
  } cases[] = {
      {"", "`target` is missing; write /probe?target=NAME"},
      {"module=m", "`target` is missing"},
      {"target=paymets", "did you mean `payments`?"},
      {"target=nobody",
       "`nobody` is no configured target, and no address: nobody:443 may not be probed: the name `nobody` is not in"},
      {"target=http://a.example", "and no address: http is not TLS; write https://"},
      {"target=https://me:s3cret@a.example",
       "`https://...@a.example` is no configured target, and no address: a URL with a user"},
      {"target=https://payments.internal:8443/&module=quiet", "its URL says `https`, and the module `quiet` says `tls`"},
      {"target=a.open.internal&module=quiet", "`a.open.internal` has no port, and the protocol `tls` has none of its own"},
      {"target=::1:443", "needs brackets"},
      {"target=127.1:443", "neither a host name nor an IP address"},
      {"target=payments&module=quick", "unknown module `quick`; known here: "},
      {"target=payments&identity=eve", "unknown identity `eve`; known here: billing, service-a"},
      {"target=payments&address=10.0.0.7:443",
       "`address` is `10.0.0.7:443`, neither a host name nor an IP address; write it without a port"},
      {"target=payments&address=127.1", "neither a host name nor an IP address"},
      {"target=payments&server_name=a%20b", "`server_name` is `a b`, neither a host name"},
      {"target=payments&debug=1", "`debug` is `1`; write debug=true"},
      {"target=payments&target=payments", "`target` is given more than once"},
      {"target=payments&module=", "`module` is empty"},
      {"target=payments&modul=m", "unknown parameter `modul`; did you mean `module`?"},
  };
  for (const auto& [query, wrong] : cases) EXPECT_THAT(refusal(400, query), HasSubstr(wrong)) << query;
}

TEST(Question, WhatIsNotOpenIsRefusedBeforeAnything) {
  const struct {
    std::string query, wrong;
  } cases[] = {
      {"target=10.2.0.1:443", "`10.2.0.1:443` may not be probed: the address is in no network of web.probe.allow"},
      {"target=10.1.2.3:22", "port 22 is not in web.probe.allow.ports"},
      {"target=evil.example:443", "the name `evil.example` is not in web.probe.allow.names"},
      {"target=169.254.169.254:443", "the address is link-local, which is never probed"},
      {"target=127.0.0.1:443", "loopback is not open"},
      {"target=literal&address=10.2.0.1", "in no network"},
      {"target=payments&address=other.example", "port 8443 is not in"},
      {"target=literal&address=other.example", "not in web.probe.allow.names"},
      {"target=literal&address=169.254.169.254", "link-local"},
  };
  for (const auto& [query, wrong] : cases) EXPECT_THAT(refusal(403, query), HasSubstr(wrong)) << query;
}

TEST(Question, TheScrapesTimeoutBoundsTheProbe) {
  EXPECT_EQ(good("target=payments", "2").at_most, 1500ms);
  EXPECT_EQ(good("target=payments", "3.25").at_most, 2750ms);
  EXPECT_EQ(good("target=payments", "10").at_most, 4s) << "never above the module's";
  EXPECT_EQ(good("target=payments", "1e9").at_most, 4s);
  EXPECT_EQ(good("target=payments", "inf").at_most, 4s);
  for (const std::string wrong : {"x", "2s", "-1", "0", "nan", "2,5", " 2"})
    EXPECT_THAT(refusal(400, "target=payments", wrong), HasSubstr("no number of seconds above 0")) << wrong;
  EXPECT_THAT(refusal(400, "target=payments", "0.5"),
              HasSubstr("leaves no time for a probe; raise scrape_timeout, or lower --timeout-offset"));
  EXPECT_THAT(refusal(400, "target=payments", "2", 2s), HasSubstr("leaves no time"));
}

}  // namespace
}  // namespace exporter::on_demand
