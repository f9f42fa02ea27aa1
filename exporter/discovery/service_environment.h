// The environment of a service that runs on this machine: what its configuration's variables stand for. Read of the process that
// was started with that configuration, else of the file that Debian's unit takes it from; neither may be ours to read, and then
// nothing is known. Used by one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace exporter::discovery {

class ServiceEnvironment {
 public:
  // "haproxy". `processes` is /proc, and `defaults` /etc/default, but in tests.
  explicit ServiceEnvironment(std::string program, std::string processes = "/proc", std::string defaults = "/etc/default")
      : program_(std::move(program)), processes_(std::move(processes)), defaults_(std::move(defaults)) {}

  // `name` for the configuration file `path`, as read since forget(). Blocking.
  [[nodiscard]] std::optional<std::string> variable(const std::string& path, const std::string& name);

  void forget() { known_.clear(); }

 private:
  using Variables = std::map<std::string, std::string>;

  [[nodiscard]] Variables read(const std::string& path) const;
  [[nodiscard]] std::optional<Variables> of_process(const std::string& path) const;
  [[nodiscard]] Variables of_defaults() const;

  const std::string program_;
  const std::string processes_;
  const std::string defaults_;
  std::map<std::string, Variables> known_;  // by path
};

}  // namespace exporter::discovery
