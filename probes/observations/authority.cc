#include "probes/observations/authority.h"

namespace probes::observations {

namespace {

using enum IssuedState;

constexpr IssuedState states[] = {valid, expired, unreadable, superseded, held, revoked};
static_assert(std::size(states) == issued_states);

}  // namespace

std::string_view word(IssuedState state) {
  switch (state) {
    case valid: return "valid";
    case expired: return "expired";
    case unreadable: return "unreadable";
    case superseded: return "superseded";
    case held: return "held";
    case revoked: return "revoked";
  }
  return "valid";
}

std::span<const IssuedState> all_issued_states() { return states; }

}  // namespace probes::observations
