// The page for people: the files of exporter/web/page, embedded when the exporter is built, and the routes that serve them. The
// page asks /api/v1 for what it shows; nothing it needs comes from elsewhere, and its policy lets nothing else in.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "exporter/web/router.h"

namespace exporter::web {

struct PageFile {
  std::string_view name;  // "index.html"
  std::string_view text;
};

// Made by embed.cmake.
[[nodiscard]] std::span<const PageFile> page_files();

// "/" is index.html, every other file stands below "/page/". Links in them are relative, so that a proxy may serve all of it
// under a prefix.
[[nodiscard]] std::vector<Route> page_routes();

}  // namespace exporter::web
