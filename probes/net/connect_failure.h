// Why a connection did not come about.
#pragma once

#include <system_error>

#include "probes/observations/reason.h"

namespace probes::net {

// The failure for an error of connect(2), of stage connect; of stage internal when this machine ran out of something. Pure.
[[nodiscard]] observations::Failure connect_failure(const std::error_code& error);

// This machine, or what it allows this process, has run out of descriptors or memory: it says nothing of the server. Pure.
[[nodiscard]] bool exhausted(const std::error_code& error);

}  // namespace probes::net
