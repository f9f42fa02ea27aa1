#include "config/link_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view known[] = {"alert", "target"};

std::string wrong(std::string_view text) { return wrong_with_template(text, known); }

TEST(LinkTemplate, TakesHttpAndHttpsWithPlaceholdersBehindTheHost) {
  EXPECT_THAT(wrong("https://wiki.example/runbooks/{alert}"), IsEmpty());
  EXPECT_THAT(wrong("http://g:3000/d/x?var-target={target}&owner={label.owner}#panel"), IsEmpty());
  EXPECT_THAT(wrong("https://[2001:db8::1]:8443/"), IsEmpty());
}

TEST(LinkTemplate, RefusesWhatIsNoPageOfTheOperators) {
  EXPECT_THAT(wrong("javascript:alert({target})"), HasSubstr("no http or https"));
  EXPECT_THAT(wrong("HTTPS:wiki"), HasSubstr("no http or https"));
  EXPECT_THAT(wrong("//wiki.example/{alert}"), HasSubstr("no http or https"));
  EXPECT_THAT(wrong("https://{target}/"), HasSubstr("no host of its own"));
  EXPECT_THAT(wrong("https://wiki.example{target}/"), HasSubstr("no host of its own"));
  EXPECT_THAT(wrong("https:///{alert}"), HasSubstr("no host of its own"));
  EXPECT_THAT(wrong("https://me:secret@wiki.example/"), HasSubstr("a user or a password"));
  EXPECT_THAT(wrong("https://wiki.example/a b"), HasSubstr("cannot stand in an address"));
  EXPECT_THAT(wrong("https://wiki.example/\"><script>"), HasSubstr("cannot stand in an address"));
  EXPECT_THAT(wrong("https://wiki.example/\xc3\xa4"), HasSubstr("cannot stand in an address"));
  EXPECT_THAT(wrong("https://wiki.example/" + std::string(2048, 'a')), HasSubstr("longer"));
}

TEST(LinkTemplate, SaysWhichPlaceholderWasMeant) {
  EXPECT_THAT(wrong("https://a/{allert}"), HasSubstr("did you mean `alert`"));
  EXPECT_THAT(wrong("https://a/{label.}"), HasSubstr("unknown placeholder"));
  EXPECT_THAT(wrong("https://a/{label.a-b}"), HasSubstr("unknown placeholder"));
  EXPECT_THAT(wrong("https://a/{alert"), HasSubstr("no placeholder"));
  EXPECT_THAT(wrong("https://a/{}"), HasSubstr("no placeholder"));
  EXPECT_THAT(wrong("https://a/}"), HasSubstr("cannot stand in an address"));
}

TEST(LinkTemplate, WhatFillsAPlaceholderStaysInItsPlace) {
  const auto url = [](const std::string& target) { return filled("https://a/d?var={target}&x=1", {{"target", target}}); };
  EXPECT_EQ(url("payments-api_1.x~"), "https://a/d?var=payments-api_1.x~&x=1");
  EXPECT_EQ(url("a&b=c#d/../?%2e"), "https://a/d?var=a%26b%3Dc%23d%2F..%2F%3F%252e&x=1");
  EXPECT_EQ(url("\"><b>\n\xc3\xa4{alert}"), "https://a/d?var=%22%3E%3Cb%3E%0A%C3%A4%7Balert%7D&x=1");
}

TEST(LinkTemplate, IsNoLinkWhereAValueIsMissingOrLeadsElsewhere) {
  EXPECT_EQ(filled("https://a/{label.owner}", {{"target", "x"}}), std::nullopt);
  EXPECT_EQ(filled("https://a/b/{target}/c", {{"target", ".."}}), std::nullopt);
  EXPECT_EQ(filled("https://a/b/{target}/c", {{"target", "."}}), std::nullopt);
  EXPECT_EQ(filled("https://a/b/{target}/c", {{"target", "..."}}), "https://a/b/.../c");
}

TEST(LinkTemplate, AnAddressOfOursHasNoPlaceholders) {
  EXPECT_THAT(wrong_with_url("https://certs.example/exporter/"), IsEmpty());
  EXPECT_THAT(wrong_with_url("https://certs.example/{target}"), Not(IsEmpty()));
  EXPECT_THAT(wrong_with_url("certs.example"), HasSubstr("no http or https"));
}

std::string mistake(const std::string& links) {
  try {
    (void)load_text("targets: [{address: 'a:1'}]\nweb: {links: {" + links + "}}\n", "x.yml", {.protocols = {"auto", "tls"}});
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "none";
}

TEST(LoadLinks, ReadsTheTemplatesAndSaysWhatIsWrongWithThem) {
  const Settings settings = load_text("web: {links: {runbooks: 'https://w/{alert}', alerts: 'https://am/#/alerts'}}\n", "x.yml",
                                      {.protocols = {"auto", "tls"}});
  EXPECT_EQ(settings.web.links, (Links{.runbooks = "https://w/{alert}", .dashboards = "", .alerts = "https://am/#/alerts"}));
  EXPECT_EQ(mistake("dashboards: 'https://g/d?var={target}'"), "none");
  EXPECT_THAT(mistake("dashboards: 'https://g/d?var={alert}'"), HasSubstr("unknown placeholder `alert`"));
  EXPECT_THAT(mistake("runbooks: 'file:///etc/passwd'"), HasSubstr("x.yml:2:"));
  EXPECT_THAT(mistake("runbook: 'https://w/'"), HasSubstr("did you mean `runbooks`"));
}

}  // namespace
}  // namespace config
