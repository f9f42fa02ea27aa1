// What a certificate was packed from, to be spoilt and packed again.
#pragma once

#include "probes/observations/certificate.h"

namespace tests::support {

probes::observations::CertificateDraft draft_of(const probes::observations::Certificate& certificate);

}  // namespace tests::support
