#include "exporter/commands/ask_exporter.h"

#include <stdexcept>
#include <variant>

#include "probes/net/fetch.h"

namespace exporter {

std::string ask_exporter(const std::string& exporter, const std::string& path) {
  const auto answer = probes::net::fetch({.url = exporter + path});
  if (const auto* failure = std::get_if<probes::net::FetchFailure>(&answer))
    throw std::runtime_error(exporter + " cannot be asked: " + failure->why);
  const auto& fetched = std::get<probes::net::Fetched>(answer);
  if (fetched.status != 200) throw std::runtime_error(exporter + path + ": HTTP status " + std::to_string(fetched.status));
  return fetched.body;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string found;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) found += c;
    else found.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return found;
}

}  // namespace exporter
