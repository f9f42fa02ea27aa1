#include "config/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace config {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::VariantWith;

const DefaultPorts ports = {{"auto", 443}, {"https", 443}, {"tls", 0}, {"smtp", 25}};

TEST(Endpoint, IsWhatPeopleWrite) {
  const struct {
    std::string_view text;
    Endpoint endpoint;
  } cases[] = {
      {"a.example:8443", {"a.example", 8443, "", ""}},
      {"a.example", {"a.example", 0, "", ""}},
      {"10.0.0.1", {"10.0.0.1", 0, "", ""}},
      {"[2001:db8::1]", {"2001:db8::1", 0, "", ""}},
      {"[::1]:443", {"::1", 443, "", ""}},
      {"https://a.example", {"a.example", 443, "https", ""}},
      {"https://a.example/", {"a.example", 443, "https", ""}},
      {"HTTPS://a.example:8443/health?deep=1#part", {"a.example", 8443, "https", "/health?deep=1"}},
      {"https://[::1]/x", {"::1", 443, "https", "/x"}},
      {"https://10.0.0.1?x", {"10.0.0.1", 443, "https", "/?x"}},
      {"smtp://mail.example", {"mail.example", 25, "smtp", ""}},
      {"tls://a.example:6514", {"a.example", 6514, "tls", ""}},
  };
  for (const auto& [text, endpoint] : cases) EXPECT_THAT(parse_endpoint(text, ports), VariantWith<Endpoint>(endpoint)) << text;
}

TEST(Endpoint, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    std::string_view text, wrong;
  } cases[] = {
      {"http://a.example", "http is not TLS; write https://"},
      {"htps://a.example", "unknown scheme `htps`; did you mean `https`?"},
      {"auto://a.example", "unknown scheme `auto`"},
      {"://a.example", "unknown scheme"},
      {"tls://a.example", "has none of its own; write tls://host:port"},
      {"https://", "neither a host name nor an IP address"},
      {"https://a..b/", "neither a host name nor an IP address"},
      {"https://a.example:x/", "is no port"},
      {"https://a.example:/", "is no port"},
      {"https://a.example/a b", "write what is not ASCII, and spaces, as %20"},
      {"a.example/health", "has a path and no scheme; write https://a.example/health"},
      {"2001:db8::1:8443", "write [2001:db8::1]:8443"},
      {"", "empty"},
  };
  for (const auto& [text, wrong] : cases)
    EXPECT_THAT(parse_endpoint(text, ports), VariantWith<std::string>(HasSubstr(wrong))) << text;
}

TEST(Endpoint, APasswordInAUrlIsNotRepeated) {
  const auto parsed = parse_endpoint("https://me:s3cret@a.example/", ports);
  EXPECT_THAT(parsed, VariantWith<std::string>(HasSubstr("user name")));
  EXPECT_THAT(parsed, VariantWith<std::string>(Not(HasSubstr("s3cret"))));
  EXPECT_EQ(without_secrets("https://me:s3cret@a.example/x@y"), "https://...@a.example/x@y");
  EXPECT_EQ(without_secrets("https://a.example/x@y"), "https://a.example/x@y");
}

class Aiming : public testing::Test {
 protected:
  static std::shared_ptr<const Module> module(const std::string& protocol, bool written) {
    Module made{.name = "m"};
    made.protocol = protocol;
    made.protocol_written = written;
    return std::make_shared<const Module>(std::move(made));
  }
  std::string aim_at(std::string_view text, std::shared_ptr<const Module> module) {
    target_ = Target{.name = "t", .host = "", .module = std::move(module)};
    return aim(target_, std::get<Endpoint>(parse_endpoint(text, ports)), ports, settings_);
  }
  Target target_;
  Settings settings_;
};

TEST_F(Aiming, AHostAloneHasThePortOfItsModulesProtocol) {
  EXPECT_EQ(aim_at("a.example", module("auto", false)), "");
  EXPECT_EQ(target_.port, 443);
  EXPECT_THAT(aim_at("a.example", module("tls", true)), HasSubstr("has no port, and the protocol `tls` has none"));
}

TEST_F(Aiming, AUrlSaysTheProtocolWhereTheModuleLeavesItOpen) {
  for (const auto& open : {module("auto", false), module("auto", true), module("tls", false)}) {
    EXPECT_EQ(aim_at("https://a.example/health", open), "");
    EXPECT_EQ(target_.module->protocol, "https");
    EXPECT_EQ(http_path(target_), "/health");
  }
  EXPECT_EQ(aim_at("https://a.example/", module("https", true)), "");
  EXPECT_EQ(http_path(target_), "/");
  EXPECT_THAT(aim_at("https://a.example/", module("tls", true)),
              HasSubstr("its URL says `https`, and the module `m` says `tls`"));
}

// TLS contexts are kept by module.
TEST_F(Aiming, TargetsOfOneModuleShareWhatAUrlMakesOfIt) {
  const auto open = module("auto", false);
  settings_.modules["m"] = open;
  let_speak(settings_, ports);
  EXPECT_EQ(aim_at("https://a.example/", open), "");
  const auto first = target_.module;
  EXPECT_EQ(aim_at("https://b.example/x", open), "");
  EXPECT_EQ(target_.module, first);
}

}  // namespace
}  // namespace config
