#include "exporter/estate/dependent_words.h"

#include <iterator>

namespace exporter {

namespace {

constexpr DependentKind kinds[] = {DependentKind::servers, DependentKind::identities, DependentKind::files,
                                   DependentKind::callers, DependentKind::issued,     DependentKind::doors};
static_assert(std::size(kinds) == dependent_kinds);

constexpr RotationStep steps[] = {RotationStep::trust_new, RotationStep::servers, RotationStep::clients, RotationStep::trust_old};
static_assert(std::size(steps) == rotation_steps);

}  // namespace

std::string_view word(DependentKind kind) {
  switch (kind) {
    case DependentKind::servers: return "servers";
    case DependentKind::identities: return "identities";
    case DependentKind::files: return "files";
    case DependentKind::callers: return "callers";
    case DependentKind::issued: return "issued";
    case DependentKind::doors: return "doors";
  }
  return "servers";
}

std::span<const DependentKind> all_dependent_kinds() { return kinds; }

std::string_view word(RotationStep step) {
  switch (step) {
    case RotationStep::trust_new: return "trust_new";
    case RotationStep::servers: return "servers";
    case RotationStep::clients: return "clients";
    case RotationStep::trust_old: return "trust_old";
  }
  return "trust_new";
}

std::span<const RotationStep> all_rotation_steps() { return steps; }

}  // namespace exporter
