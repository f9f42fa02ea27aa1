// Where a serialised Java object ends (Java Object Serialization Specification, chapter 6): a secret key in a JCEKS keystore is
// one, and says nowhere how long it is. Nothing of the object is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace probes::inventory {

// The size of the stream of one object that `bytes` begin with; nothing where they do not, or it is nested beyond reason.
[[nodiscard]] std::optional<std::size_t> java_object_size(std::string_view bytes);

}  // namespace probes::inventory
