// Numbers as both text formats write them. Pure; any thread.
#pragma once

#include <string>

namespace exporter::metrics {

// Appends `value`: whole numbers below 2^53 without a fraction or exponent (timestamps stay readable), everything else as the
// shortest text that reads back as the same double; "NaN", "+Inf", "-Inf".
void append_number(std::string& out, double value);

}  // namespace exporter::metrics
