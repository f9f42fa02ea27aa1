// The callers of a door as a rotation sees them: which CA they come with, whether they still count, and whether the door refuses
// them for their CA. Private to exporter/estate/rotation*.cc; one thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/estate/rotation_sides.h"

namespace exporter {

struct CallerStanding {
  std::string name;
  std::string_view fingerprint;  // borrowed from the slot
  probes::observations::CertificatePtr certificate;
  Side side = Side::neither;
  bool counts = false;   // of the old CA, or unclear, and in the way of taking the old CA away
  bool refused = false;  // when it called last, for its CA, and it has not gone back to what is taken
};

// A caller of the old CA counts until its subject has come with a certificate of the new one and it has not called since (for a
// day, where both called for a while), or until it is silent for `quiet`. Those of neither CA are left out. REQUIRES:
// source.callers.
[[nodiscard]] std::vector<CallerStanding> callers_of(const SourceSlot& source, const RotationSides& sides,
                                                     std::chrono::milliseconds quiet, WallTime now);

}  // namespace exporter
