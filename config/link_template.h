// Addresses with placeholders, as `web.links` has them: https://grafana.example/d/x?var-target={target}&owner={label.owner}.
// Scheme and host are the operator's own words. What fills a placeholder may come from a stranger (a name that was discovered, a
// label): it is percent-encoded, so that it stays within its place. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace config {

// What is wrong with the address of a page, and what would be right: only http and https, a host, and neither a user nor a
// password, which everybody would read. Empty: nothing.
[[nodiscard]] std::string wrong_with_url(std::string_view url);

// The same of a template. `placeholders`: those it may have, besides {label.NAME}.
[[nodiscard]] std::string wrong_with_template(std::string_view text, std::span<const std::string_view> placeholders);

// The template with the values of its placeholders, by name ("target", "label.owner"). Absent: one has no value, or its value
// could not stay in its place ("..", which browsers take for the folder above), so there is no such link. REQUIRES: nothing is
// wrong with it.
[[nodiscard]] std::optional<std::string> filled(std::string_view text,
                                                const std::map<std::string, std::string, std::less<>>& values);

// All but letters, digits and -_~. as %XX (RFC 3986 2.3).
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace config
