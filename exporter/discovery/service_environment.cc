#include "exporter/discovery/service_environment.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <vector>

namespace exporter::discovery {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest = 4u << 20;  // Linux's own limit on arguments and environment is 2 MB by default

// Files of /proc have no size: read to their end.
std::string content(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  return text.size() > largest ? std::string() : text;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// The configuration, or the folder it lies in, is an argument, as written or from where the process began.
bool is_given(const std::vector<std::string>& arguments, const std::string& path, const fs::path& process) {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink(process / "cwd", ignored);
  const fs::path wanted = fs::weakly_canonical(path, ignored);
  return std::ranges::any_of(arguments, [&](const std::string& argument) {
    if (argument.empty() || argument.starts_with('-')) return false;
    const fs::path given = fs::weakly_canonical(folder / argument, ignored);
    return given == wanted || given == wanted.parent_path();
  });
}

}  // namespace

std::optional<std::string> ServiceEnvironment::variable(const std::string& path, const std::string& name) {
  auto known = known_.find(path);
  if (known == known_.end()) known = known_.emplace(path, read(path)).first;
  const auto found = known->second.find(name);
  return found == known->second.end() ? std::nullopt : std::optional(found->second);
}

ServiceEnvironment::Variables ServiceEnvironment::read(const std::string& path) const {
  if (auto variables = of_process(path)) return std::move(*variables);
  // The packaged service has its configuration in the folder of its name.
  return path.starts_with("/etc/" + program_ + "/") ? of_defaults() : Variables();
}

std::optional<ServiceEnvironment::Variables> ServiceEnvironment::of_process(const std::string& path) const {
  std::error_code error;
  for (fs::directory_iterator entry(processes_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string number = entry->path().filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    if (content(entry->path() / "comm") != program_ + "\n") continue;
    if (!is_given(split(content(entry->path() / "cmdline"), '\0'), path, entry->path())) continue;
    const std::string environment = content(entry->path() / "environ");
    if (environment.empty()) continue;  // not ours to read
    Variables variables;
    for (const std::string& each : split(environment, '\0'))
      if (const std::size_t equals = each.find('='); equals != std::string::npos)
        variables[each.substr(0, equals)] = each.substr(equals + 1);
    return variables;
  }
  return std::nullopt;
}

// systemd.exec(5), EnvironmentFile=: NAME=value, quotes around the value, comments.
ServiceEnvironment::Variables ServiceEnvironment::of_defaults() const {
  Variables variables;
  for (std::string& line : split(content(fs::path(defaults_) / program_), '\n')) {
    const std::size_t begin = line.find_first_not_of(" \t");
    const std::size_t equals = line.find('=');
    if (begin == std::string::npos || line[begin] == '#' || line[begin] == ';' || equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\r')) value.pop_back();
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    variables[line.substr(begin, equals - begin)] = value;
  }
  return variables;
}

}  // namespace exporter::discovery
