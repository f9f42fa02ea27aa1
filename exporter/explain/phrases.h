// The pieces that pages and remedies are written with. Whatever comes from a certificate or a server is made safe for a terminal
// here: valid UTF-8, no control characters, a limited length. Pure; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/explain/account.h"

namespace exporter::explain {

// `text` from elsewhere, fit to be shown: exporter/metrics/label.h has the rules.
[[nodiscard]] std::string safe(std::string_view text);

// The common name, else the whole subject, else the names it is for.
[[nodiscard]] std::string subject_name(const probes::observations::Certificate& certificate);
[[nodiscard]] std::string issuer_name(const probes::observations::Certificate& certificate);

// The server: "payments-api", and where it is: "payments.internal:8443".
[[nodiscard]] std::string target_name(const Asked& asked);
[[nodiscard]] std::string target_address(const Asked& asked);

// The name asked for by SNI, which the certificate must carry.
[[nodiscard]] std::string server_name(const Asked& asked);

// The trust store, for people: "trust store internal", "the system's trust store".
[[nodiscard]] std::string trust_words(const Asked& asked);

// "service-a", and "service-a (issued by Estate CA)" where its certificate could be read.
[[nodiscard]] std::string identity_words(const Asked& asked);

// "as service-a", "without a client certificate".
[[nodiscard]] std::string as_whom(const Asked& asked);

// "chain, hostname": the broken expectations.
[[nodiscard]] std::string broken_words(const Account& account);

// The CA at the end of what we present: the issuer of its last certificate. Empty without certificates.
[[nodiscard]] std::string identity_authority(const Asked& asked);

// The CAs the server lists, at most `most` of them by name: "CN=Estate CA, CN=Old CA and 3 more"; "no CA at all" for an empty
// list.
[[nodiscard]] std::string listed_authorities(const probes::observations::Handshake& seen, std::size_t most);

// "2026-12-31", in UTC; "a date that cannot be read".
[[nodiscard]] std::string date(probes::observations::Date time);

// "12.3", rounded as alerts round it; "-0.5" once over.
[[nodiscard]] std::string days_until(std::chrono::sys_seconds end, probes::observations::WallTime now);

// "expires in 12.3 days (2026-12-31)", "expired 3.0 days ago (2026-12-31)", "has an end that cannot be read".
[[nodiscard]] std::string ending(probes::observations::Date end, probes::observations::WallTime now);

// "a, b and 3 more".
[[nodiscard]] std::string joined(const std::vector<std::string>& texts, std::size_t most);

// `text` broken at blanks into lines of at most `width` characters (bytes), each but the first begun with `indent` blanks.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 110);

}  // namespace exporter::explain
