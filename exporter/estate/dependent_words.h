// The words of what depends on a CA, and of a rotation from one CA to another. Values of labels: words may be added, none changes
// its meaning. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace exporter {

// The values of the label `kind`.
enum class DependentKind : std::uint8_t {
  servers,     // targets that serve a chain of it
  identities,  // our own client certificates
  files,       // leaves at rest that are still to be used
  callers,     // client certificates that still call
  issued,      // valid certificates in the databases of authorities
  doors,       // servers whose lists of acceptable CAs name it
};
inline constexpr std::size_t dependent_kinds = 6;
[[nodiscard]] std::string_view word(DependentKind kind);
[[nodiscard]] std::span<const DependentKind> all_dependent_kinds();

// The values of the label `step`, in the order in which a rotation goes.
enum class RotationStep : std::uint8_t {
  trust_new,  // doors and stores take the new CA besides the old one
  servers,    // servers go over to certificates of the new CA
  clients,    // ... and clients
  trust_old,  // doors and stores take the old CA no longer
};
inline constexpr std::size_t rotation_steps = 4;
[[nodiscard]] std::string_view word(RotationStep step);
[[nodiscard]] std::span<const RotationStep> all_rotation_steps();

// What stands in the way of a step.
struct RotationCounts {
  std::uint64_t pending = 0;
  std::uint64_t unknown = 0;       // of so many it cannot be told
  std::uint64_t out_of_order = 0;  // so many have taken this step before it was their turn, and fail for it
  bool operator==(const RotationCounts&) const = default;
};

}  // namespace exporter
