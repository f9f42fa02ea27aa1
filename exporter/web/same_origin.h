// Whether a request that does something (reload, probe, forget) was written by a page of somebody else: a browser sends it with
// our reader's passwords and client certificate, whoever wrote the page. Programs that are no browsers say nothing of where they
// come from, and may. A pure function of the request's headers; any thread.
#pragma once

#include <string_view>

#include "exporter/web/http.h"

namespace exporter::web {

// `external_url`: how people reach us where a proxy changes the Host header (--web.external-url); may be empty.
[[nodiscard]] bool from_another_site(const Request& request, std::string_view external_url);

}  // namespace exporter::web
