// Who asks without a name: a dialogue for which no `user` is configured.
#pragma once

#include "probes/protocols/protocol.h"

namespace probes::protocols {

inline const Question nobody{};

}  // namespace probes::protocols
