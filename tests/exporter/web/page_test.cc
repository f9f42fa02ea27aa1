#include "exporter/web/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

namespace exporter::web {
namespace {

Response served(const std::string& path) {
  const Router router(page_routes());
  const auto found = router.find({.method = "GET", .path = path});
  if (const auto* refusal = std::get_if<Response>(&found)) return *refusal;
  Response given;
  (*std::get<const Handler*>(found))(std::make_shared<Request>(), [&](Response response) { given = std::move(response); });
  return given;
}

std::string header(const Response& response, const std::string& name) {
  const auto found =
      std::find_if(response.headers.begin(), response.headers.end(), [&](const auto& header) { return header.first == name; });
  return found == response.headers.end() ? "" : found->second;
}

TEST(Page, IsServedWithEverythingItNeeds) {
  const Response page = served("/");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(served("/page/page.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(served("/page/page.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(served("/page/icon.svg").content_type, "image/svg+xml");
  EXPECT_EQ(served("/page/other.js").status, 404);
  for (const PageFile& file : page_files()) EXPECT_FALSE(file.text.empty()) << file.name;
}

TEST(Page, NamesNoFileThatIsNotServed) {
  const std::regex named(R"re((?:"page/|from '\./)([a-z.]+)["'])re");
  int names = 0;
  for (const PageFile& file : page_files()) {
    const std::string text(file.text);
    for (std::sregex_iterator found(text.begin(), text.end(), named); found != std::sregex_iterator(); ++found, ++names)
      EXPECT_EQ(served("/page/" + (*found)[1].str()).status, 200) << file.name << " names " << (*found)[1];
  }
  EXPECT_GT(names, 20);
}

TEST(Page, LetsNothingInFromElsewhere) {
  for (const PageFile& file : page_files()) {
    const std::string path = file.name == "index.html" ? "/" : "/page/" + std::string(file.name);
    const std::string policy = header(served(path), "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'none';")) << path;
    EXPECT_NE(policy.find("require-trusted-types-for 'script'"), std::string::npos) << path;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << path;
    EXPECT_EQ(policy.find("http"), std::string::npos) << path;
  }
}

TEST(Page, MakesNoMarkupOfText) {
  for (const PageFile& file : page_files())
    for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "onclick=", "style=\""})
      EXPECT_EQ(file.text.find(sink), std::string_view::npos) << file.name << " has " << sink;
}

TEST(Page, LinksAreRelativeSoThatAPrefixMayStandBeforeThem) {
  const std::string text(page_files().front().text);
  for (const char* absolute : {"href=\"/", "src=\"/", "://"}) EXPECT_EQ(text.find(absolute), std::string::npos) << absolute;
}

}  // namespace
}  // namespace exporter::web
