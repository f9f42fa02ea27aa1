// What commands that answer once say of the discoveries they asked.
#pragma once

#include <iosfwd>
#include <vector>

#include "exporter/discovery/look_once.h"

namespace exporter {

// Warns on `err` of what a look left out or could not read: the first of it, for the question was about something else;
// `check-config` names all.
void warn_of(const std::vector<discovery::Looked>& looked, std::ostream& err);

}  // namespace exporter
