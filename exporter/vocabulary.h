// The words of this build that a configuration may use: protocols, findings, and the labels that are taken.
#pragma once

#include "config/load.h"

namespace exporter {

// From the tables themselves; the words live as long as the process. Any thread.
[[nodiscard]] config::Vocabulary vocabulary();

}  // namespace exporter
