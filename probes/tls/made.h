// What OpenSSL is asked to make, and may have no memory for.
#pragma once

#include <new>

#include "probes/tls/handles.h"

namespace probes::tls {

// Owns `handle`. Throws std::bad_alloc when it is null: nothing is concluded from what could not be looked at.
template <typename Handle>
Ptr<Handle> made(Handle* handle) {
  if (handle == nullptr) throw std::bad_alloc();
  return Ptr<Handle>(handle);
}

}  // namespace probes::tls
