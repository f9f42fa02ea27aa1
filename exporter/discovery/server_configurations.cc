#include "exporter/discovery/server_configurations.h"

namespace exporter::discovery {

ServerConfigurations::ServerConfigurations(std::vector<std::string> patterns, Read read)
    : watched_(std::move(patterns)), read_(std::move(read)) {
  files_.read = [this](const std::string& path, Errors& errors) { return watched_.read(path, errors); };
  files_.matches = [this](const std::string& pattern) { return watched_.matches(pattern); };
  files_.leaf_name = [](const std::string& path) { return leaf_name(path); };
}

Look ServerConfigurations::look(const std::stop_token&) {
  Look look;
  std::map<std::string, std::vector<Candidate>> lists;
  for (const std::string& path : watched_.begin()) {
    const auto text = watched_.read(path, look.errors);
    look.complete = look.complete && text.has_value();
    lists[path] = text ? read_(path, *text, files_, look.errors) : std::move(last_good_[path]);
  }
  last_good_ = std::move(lists);
  for (const auto& [path, list] : last_good_) look.found.insert(look.found.end(), list.begin(), list.end());
  return look;
}

}  // namespace exporter::discovery
