#include "exporter/discovery/server_configurations.h"

#include <utility>

namespace exporter::discovery {

ServerConfigurations::ServerConfigurations(std::vector<std::string> patterns, std::string program, Read read)
    : watched_(std::move(patterns)), read_(std::move(read)), environment_(std::move(program)) {
  files_.read = [this](const std::string& path, const Place& asker, Troubles& troubles) {
    return this->read(path, asker, troubles);
  };
  files_.matches = [this](const std::string& pattern) { return watched_.matches(pattern); };
  files_.entries = [this](const std::string& folder) { return watched_.entries(folder); };
  files_.exists = [this](const std::string& path) { return watched_.exists(path); };
  files_.leaf = [this](const std::string& path) { return watched_.leaf(path); };
  files_.environment = [this](const std::string& path, const std::string& name) { return environment_.variable(path, name); };
}

std::optional<std::string> ServerConfigurations::read(const std::string& path, const Place& asker, Troubles& troubles) {
  auto text = watched_.read(path, asker, troubles);
  if (!text) complete_ = false;
  if (const auto known = last_good_.find(path); !text && known != last_good_.end()) text = known->second;
  if (text) now_[path] = *text;
  return text;
}

Look ServerConfigurations::look(const std::stop_token&) {
  Look look;
  complete_ = true;
  now_.clear();
  environment_.forget();
  std::vector<ConfigurationFile> configuration;
  for (const std::string& path : watched_.begin())
    if (auto text = read(path, {path}, look.troubles)) configuration.push_back({path, std::move(*text)});
  List list = read_(configuration, files_, look.troubles);
  look.found = std::move(list.candidates);
  look.certificate_files = std::move(list.certificate_files);
  look.complete = complete_;
  last_good_ = std::exchange(now_, {});
  return look;
}

}  // namespace exporter::discovery
