// file_sd: Prometheus's own target files. A file that cannot be read keeps its last good list; one that a glob no longer finds is
// gone.
#include "exporter/discovery/candidates.h"
#include "exporter/discovery/target_groups.h"

namespace exporter::discovery {

namespace {

class FileSd final : public Source {
 public:
  FileSd(const config::FileSd& settings, std::vector<std::string_view> reserved)
      : files_(settings.paths), reserved_(std::move(reserved)) {}

  Look look(const std::stop_token&) override {
    Look look;
    std::map<std::string, std::vector<Candidate>> lists;
    for (const std::string& path : files_.begin()) {
      const auto text = files_.read(path, {path}, look.troubles);
      auto list = text ? read_target_groups(*text, path.ends_with(".json") ? ListFormat::json : ListFormat::yaml, path, reserved_,
                                            look.troubles)
                       : std::nullopt;
      look.complete = look.complete && list.has_value();
      lists[path] = list ? std::move(*list) : std::move(last_good_[path]);
    }
    last_good_ = std::move(lists);
    for (const auto& [path, list] : last_good_) look.found.insert(look.found.end(), list.begin(), list.end());
    return look;
  }

  void rest(const std::stop_token& stopping, std::chrono::milliseconds interval) override { files_.rest(stopping, interval); }

 private:
  WatchedFiles files_;
  const std::vector<std::string_view> reserved_;
  std::map<std::string, std::vector<Candidate>> last_good_;  // by path
};

}  // namespace

std::unique_ptr<Source> file_sd(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<FileSd>(std::get<config::FileSd>(discovery.source), surroundings.reserved_labels);
}

}  // namespace exporter::discovery
