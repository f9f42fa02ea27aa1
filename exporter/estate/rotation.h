// How far a rotation from one CA to another is: what still stands in the way of each of its four steps, of what it cannot be
// told, and who has taken a step before its turn. CAs are matched by key; where only a name is told, by a name that is one CA's
// alone. A pure function of the estate's slots and the clock. Any thread.
//
//   trust_new   doors and stores that take the old CA take the new one besides it
//   servers     no server serves a chain of the old CA
//   clients     no identity, caller or issued certificate in use is of the old CA
//   trust_old   no door and no store takes the old CA
//
// Each must be at 0, with nothing unknown, before the next is safe.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/estate/dependent_words.h"
#include "exporter/estate/estate.h"
#include "exporter/metrics/rows.h"

namespace exporter {

class KnownIssuers;

struct InTheWay {
  std::string_view kind;  // server, door, store, identity, caller, issued, rotation
  std::string name;
  std::string why;  // for people
};

// Who stands so, at most things_named of them.
struct Standing {
  std::vector<InTheWay> pending;
  std::vector<InTheWay> unknown;
  std::vector<InTheWay> out_of_order;
  RotationCounts counts;  // of all
};
inline constexpr std::size_t things_named = 1000;

struct RotationStanding {
  std::string name;
  std::array<Standing, rotation_steps> steps;

  Standing& of(RotationStep step) { return steps[static_cast<std::size_t>(step)]; }
  const Standing& of(RotationStep step) const { return steps[static_cast<std::size_t>(step)]; }
};

[[nodiscard]] RotationStanding standing(const config::Rotation& rotation, const Estate& estate, const KnownIssuers& known,
                                        WallTime now);

enum class StepState : std::uint8_t {
  done,     // nothing is in its way, nor in that of any step before it
  now,      // every step before it is done: it is safe to work on
  not_yet,  // a step before it is not done
};
[[nodiscard]] std::string_view word(StepState state);
[[nodiscard]] StepState state_of(const RotationStanding& rotation, RotationStep step);

[[nodiscard]] metrics::RotationRow row_of(const RotationStanding& rotation, const metrics::Scope& scope);

}  // namespace exporter
