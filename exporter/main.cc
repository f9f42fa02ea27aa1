#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "exporter/commands/callers_command.h"
#include "exporter/commands/check_config.h"
#include "exporter/commands/command_line.h"
#include "exporter/commands/dependents_command.h"
#include "exporter/commands/inventory_command.h"
#include "exporter/commands/probe_command.h"
#include "exporter/commands/rotation_command.h"
#include "exporter/log.h"
#include "exporter/memory.h"
#include "exporter/service.h"
#include "exporter/vocabulary.h"
#include "probes/observations/wall_time.h"

namespace {

std::string hostname() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// A terminal whose owner has not asked for none (https://no-color.org).
bool colours() {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

int run(const exporter::CommandLine& command_line) {
  exporter::start_log(command_line.log_level, command_line.log_format);
  if (const auto* check = std::get_if<exporter::CheckConfig>(&command_line.command)) {
    const auto now = probes::observations::wall_seconds();
    return exporter::check_config(check->file, exporter::vocabulary(), now, std::cout, std::cerr);
  }
  if (const auto* probe = std::get_if<exporter::ProbeOnce>(&command_line.command)) {
    const exporter::ProbeSetting setting{command_line.config_file, command_line.config_file_given, colours()};
    return exporter::probe_command(*probe, setting, exporter::vocabulary(), std::cout, std::cerr);
  }
  if (const auto* inventory = std::get_if<exporter::TakeInventory>(&command_line.command))
    return exporter::inventory_command(*inventory, command_line.config_file, exporter::vocabulary(), std::cout, std::cerr);
  if (const auto* callers = std::get_if<exporter::ListCallers>(&command_line.command))
    return exporter::callers_command(*callers, std::cout, std::cerr);
  if (const auto* dependents = std::get_if<exporter::ListDependents>(&command_line.command))
    return exporter::dependents_command(*dependents, std::cout, std::cerr);
  if (const auto* rotation = std::get_if<exporter::ShowRotation>(&command_line.command))
    return exporter::rotation_command(*rotation, std::cout, std::cerr);
  return exporter::serve(command_line.config_file, std::get<exporter::Serve>(command_line.command));
}

}  // namespace

int main(int count, char** values) {
  exporter::wait_for_memory();
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes into connections that the server has closed
  try {
    const std::vector<std::string> arguments(values + 1, values + count);
    const auto parsed = exporter::parse_command_line(arguments, hostname());
    if (const auto* exit = std::get_if<exporter::Exit>(&parsed)) {
      std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
      return exit->code;
    }
    return run(std::get<exporter::CommandLine>(parsed));
  } catch (const std::exception& error) {  // no memory, no thread: what it was to do cannot be done
    std::fprintf(stderr, "mtls_exporter: cannot go on: %s\n", error.what());
    return 1;
  }
}
