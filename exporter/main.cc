#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "exporter/check_config.h"
#include "exporter/command_line.h"
#include "exporter/log.h"
#include "exporter/service.h"
#include "exporter/vocabulary.h"

namespace {

std::string hostname() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

int run(const exporter::CommandLine& command_line) {
  exporter::start_log(command_line.log_level, command_line.log_format);
  if (const auto* check = std::get_if<exporter::CheckConfig>(&command_line.command)) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return exporter::check_config(check->file, exporter::vocabulary(), now, std::cout, std::cerr);
  }
  if (const auto* serve = std::get_if<exporter::Serve>(&command_line.command)) return exporter::serve(command_line.config_file, *serve);
  return 2;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  const auto parsed = exporter::parse_command_line(arguments, hostname());
  if (const auto* exit = std::get_if<exporter::Exit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  return run(std::get<exporter::CommandLine>(parsed));
}
