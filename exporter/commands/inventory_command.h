// inventory: every certificate of the estate once, with every place where it is met. One run over the files, identities, trust
// stores and authorities of the configuration, and one probe of each target with each of its identities.
#pragma once

#include <iosfwd>
#include <string>

#include "config/load.h"
#include "exporter/commands/command_line.h"

namespace exporter {

// The list on `out`. 0: it is whole. 1: something could not be read, or a target showed no certificate; a line for each on `err`
// (JSON and CycloneDX also have them). 2: the configuration is wrong. Blocking.
[[nodiscard]] int inventory_command(const TakeInventory& options, const std::string& config_file,
                                    const config::Vocabulary& vocabulary, std::ostream& out, std::ostream& err);

}  // namespace exporter
