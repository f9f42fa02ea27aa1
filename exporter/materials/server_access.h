// How servers that are asked over HTTP are reached: whom we trust, who we are, the token that we show, and what went wrong in the
// words of sources. Any thread.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "exporter/materials/materials.h"
#include "probes/net/fetch.h"
#include "probes/observations/inventory.h"

namespace exporter {

// Puts anchors and our certificate into the SSL_CTX `context`, which keeps shares of both. Null: those of nobody. False: the
// identity cannot be used.
[[nodiscard]] bool prepare_tls(void* context, const probes::chain::TrustStore* trust, const probes::tls::Identity* identity);

// The same for probes::net::FetchRequest::prepare_tls, with what is called so in `materials` ("": the system's store, nobody).
[[nodiscard]] std::function<bool(void* context)> tls_of(MaterialsPtr materials, const std::string& trust,
                                                        const std::string& identity);

// The one line of `file`; "" without a file.
[[nodiscard]] std::variant<std::string, probes::observations::Trouble> read_token(const std::string& file);

[[nodiscard]] probes::observations::SourceReason reason_of(probes::net::FetchFailure::Kind kind);

}  // namespace exporter
