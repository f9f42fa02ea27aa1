// What a rotation's standing means, for people: what each step is, which is safe now, and why the others are not. Pure.
#pragma once

#include <string>
#include <string_view>

#include "exporter/estate/rotation.h"

namespace exporter::explain {

// "let every door and store take the new CA besides the old one".
[[nodiscard]] std::string_view what_it_is(RotationStep step);

// "2 stand in the way, and of 1 it cannot be told".
[[nodiscard]] std::string counts_text(const RotationCounts& counts);

// Which step is safe now, and why no other is.
[[nodiscard]] std::string advice(const RotationStanding& rotation);

}  // namespace exporter::explain
