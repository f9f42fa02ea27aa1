// A server as people write it: host:port, a URL whose scheme is a protocol of ours, or a host alone where the protocol has a port
// of its own. In the configuration, in lists of targets, on the command line and in /probe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "config/settings.h"

namespace config {

// The protocols, and the port of each; 0: it has none of its own.
using DefaultPorts = std::map<std::string, std::uint16_t, std::less<>>;

struct Endpoint {
  std::string host;        // a name or an IP literal without brackets
  std::uint16_t port = 0;  // 0: none written
  std::string protocol;    // the scheme of a URL; empty: no URL
  std::string path;        // of a URL, with its query; empty: none, or / alone
  bool operator==(const Endpoint&) const = default;
};

// The endpoint, or what is wrong with `text` and what would be right. A password in a URL is never repeated.
[[nodiscard]] std::variant<Endpoint, std::string> parse_endpoint(std::string_view text, const DefaultPorts& ports);

// `text` as it may be shown: without the user name and password that a URL may have.
[[nodiscard]] std::string without_secrets(std::string_view text);

// `module` with the protocol that a URL asks for, where the module leaves it open; null where it says another. `settings`: has it
// ready for its own modules.
[[nodiscard]] std::shared_ptr<const Module> speaking(std::shared_ptr<const Module> module, const std::string& protocol,
                                                     const Settings& settings);

// Points `target`, which has its module, at `endpoint`. Why not, for people, where that cannot be; empty: done.
[[nodiscard]] std::string aim(Target& target, const Endpoint& endpoint, const DefaultPorts& ports, const Settings& settings);

// Fills Settings::speaking: each module that leaves its protocol open, with every protocol.
void let_speak(Settings& settings, const DefaultPorts& ports);

}  // namespace config
