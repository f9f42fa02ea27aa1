// A program that runs beside a test and ends with it: real servers. Its output goes to a file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tests::support {

class Process {
 public:
  // Starts `command` (a path or a name in PATH and the sbin folders); what it prints goes to `log`.
  Process(std::vector<std::string> command, const std::string& log);
  ~Process();  // ends it, and waits until it is gone
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;

  // Waits until something listens on this port of 127.0.0.1; false after ten seconds, or when the program has ended.
  [[nodiscard]] bool listens(std::uint16_t port) const;

 private:
  pid_t pid_ = -1;
};

}  // namespace tests::support
