// What a certificate says and cannot be read. The facts have nothing in its place, so that nobody takes a stopgap for a fact;
// here is what says so. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/finding.h"

namespace probes::observations {

// A finding for each; of a certificate that was read itself, not of a line in an index, which has few facts. `position`: in its
// chain.
[[nodiscard]] std::vector<Problem> unreadable_facts(const Certificate& certificate, int position);

// "notBefore", "notAfter", "notBefore and notAfter"; empty: both can be read.
[[nodiscard]] std::string unreadable_dates(const Certificate& certificate);

// "the subject", "the issuer", "the subject and the issuer"; empty: both can be read.
[[nodiscard]] std::string unreadable_names(const Certificate& certificate);

}  // namespace probes::observations
