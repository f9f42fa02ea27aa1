// Memory that is not to be had at once.
#pragma once

namespace exporter {

// From now on an allocation of ours or of OpenSSL that fails is tried again for about a second, its thread asleep in between,
// before it fails for good: what is short of memory for a moment loses nothing by it. Call it once, before there are threads and
// before OpenSSL is used.
void wait_for_memory();

}  // namespace exporter
