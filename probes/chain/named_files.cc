#include "probes/chain/named_files.h"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <variant>

#include "config/regular_file.h"

namespace probes::chain {

namespace fs = std::filesystem;
using observations::SourceReason;
using observations::Trouble;

namespace {

// The largest public bundles are under 1 MB; a store that names a disk image by mistake must not fill the memory.
constexpr std::size_t largest_file = 16 << 20;

Trouble unopened(const std::string& path, int code) {
  SourceReason reason = SourceReason::read_failed;
  if (code == ENOENT || code == ENOTDIR) reason = SourceReason::not_found;
  if (code == EACCES || code == EPERM) reason = SourceReason::permission_denied;
  return {.reason = reason, .path = path, .detail = std::strerror(code)};
}

// In the order of their names. OpenSSL's hash links appear as second names of the same anchors.
void add_directory(const std::string& path, std::vector<std::string>& files, std::vector<Trouble>& troubles) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
    if (std::error_code ignored; entry->is_regular_file(ignored)) found.push_back(entry->path().string());
  if (error) troubles.push_back(unopened(path, error.value()));
  else if (found.empty())
    troubles.push_back({.reason = SourceReason::no_certificates, .path = path, .detail = "the directory is empty"});
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

void add_path(const std::string& path, std::vector<std::string>& files, std::vector<Trouble>& troubles) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) add_directory(path, files, troubles);
  else files.push_back(path);
}

}  // namespace

std::vector<std::string> named_files(const std::string& pattern, std::vector<Trouble>& troubles) {
  std::vector<std::string> files;
  std::error_code ignored;
  if (pattern.find_first_of("*?[") == std::string::npos || fs::exists(pattern, ignored)) {
    add_path(pattern, files, troubles);
    return files;
  }
  glob_t found{};
  const int result = glob(pattern.c_str(), 0, nullptr, &found);
  for (std::size_t index = 0; result == 0 && index < found.gl_pathc; ++index) add_path(found.gl_pathv[index], files, troubles);
  if (result == GLOB_NOMATCH)
    troubles.push_back({.reason = SourceReason::not_found, .path = pattern, .detail = "matches no file"});
  else if (result != 0)
    troubles.push_back({.reason = SourceReason::read_failed, .path = pattern, .detail = "the pattern cannot be expanded"});
  globfree(&found);
  return files;
}

bool read_content(const std::string& path, std::string& content, std::vector<Trouble>& troubles) {
  auto result = config::read_regular_file(path, largest_file);
  if (auto* text = std::get_if<std::string>(&result)) {
    content = std::move(*text);
    return true;
  }
  const auto& trouble = std::get<config::FileTrouble>(result);
  const bool unfit = trouble.code == 0;
  const SourceReason why = trouble.why == "not a regular file" ? SourceReason::irregular_file : SourceReason::too_large;
  troubles.push_back(unfit ? Trouble{.reason = why, .path = path, .detail = trouble.why} : unopened(path, trouble.code));
  return false;
}

}  // namespace probes::chain
