// The command `probe`: probes once, explains what it met to a person or a script, and says by its exit code whether all is well.
#pragma once

#include <iosfwd>
#include <string>

#include "config/load.h"
#include "exporter/commands/command_line.h"

namespace exporter {

// Where the configuration comes from, and how the answer may look.
struct ProbeSetting {
  std::string config_file;
  bool config_file_given = false;  // else a configuration that does not exist is done without
  bool colours = false;
};

// A target may also be one that a discovery finds in one look: in files, or in the answer of a server; no sweep is begun.
// 0: everything is as expected; 1: something is not; 2: the command line or the configuration is wrong, which `err` explains.
// Pages, lines or JSON go to `out`. Blocks for as long as the probes take.
[[nodiscard]] int probe_command(const ProbeOnce& options, const ProbeSetting& setting, const config::Vocabulary& vocabulary,
                                std::ostream& out, std::ostream& err);

}  // namespace exporter
