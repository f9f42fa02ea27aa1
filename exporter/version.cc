#include "exporter/version.h"

namespace exporter {

std::string_view version() { return MTLS_VERSION; }

}  // namespace exporter
