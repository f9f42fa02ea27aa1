// What one probe on demand is answered with: a scrape of this probe alone, with our names and those of the blackbox_exporter, or
// the explanation of it for people. Pure; any thread.
#pragma once

#include <string>

#include "exporter/estate/estate.h"
#include "exporter/materials/materials.h"
#include "exporter/on_demand/question.h"
#include "exporter/web/http.h"
#include "probes/observations/handshake.h"

namespace exporter::on_demand {

// As of the end of the probe. `materials`: those it was made with; `request`: how it wants to be answered.
[[nodiscard]] web::Response reply(const Question& question, const Materials& materials, probes::observations::Handshake seen,
                                  const web::Request& request);

// PEM (RFC 7468) of a certificate's DER.
[[nodiscard]] std::string pem(const std::string& der);

}  // namespace exporter::on_demand
