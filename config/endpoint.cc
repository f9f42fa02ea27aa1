#include "config/endpoint.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "config/address.h"
#include "config/mistakes.h"

namespace config {

namespace {

constexpr std::string_view any_protocol = "auto";  // chosen by looking, so no URL asks for it

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string unknown_scheme(const std::string& scheme, const DefaultPorts& ports) {
  std::vector<std::string_view> known;
  for (const auto& [name, port] : ports)
    if (name != any_protocol) known.push_back(name);
  if (scheme == "http") return "http is not TLS; write https://";
  return "unknown scheme " + quote(scheme) + "; " + advice(scheme, known);
}

// What stands between "//" and the path, without a port where there is none.
std::string take_authority(std::string_view authority, Endpoint& endpoint) {
  const bool brackets = authority.starts_with('[');
  const bool port = brackets ? !authority.ends_with(']') : authority.find(':') != std::string_view::npos;
  const auto parsed = parse_address(port ? std::string(authority) : std::string(authority) + ":1");
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return *wrong;
  endpoint.host = std::get<Address>(parsed).host;
  if (port) endpoint.port = std::get<Address>(parsed).port;
  return {};
}

bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '<' && c != '>' && c != '\\'; });
}

std::variant<Endpoint, std::string> parse_url(std::string_view text, std::size_t colon, const DefaultPorts& ports) {
  Endpoint endpoint{.host = {}, .port = 0, .protocol = lower(text.substr(0, colon)), .path = {}};
  const auto known = ports.find(endpoint.protocol);
  if (known == ports.end() || endpoint.protocol == any_protocol) return unknown_scheme(endpoint.protocol, ports);
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos)
    return std::string("a URL with a user name; remove what stands before the @: secrets come from files");
  if (std::string wrong = take_authority(authority, endpoint); !wrong.empty()) return wrong;
  if (endpoint.port == 0) endpoint.port = known->second;
  if (endpoint.port == 0)
    return "a URL without a port, and " + quote(endpoint.protocol) + " has none of its own; write " + endpoint.protocol +
           "://host:port";
  const std::string_view path = rest.substr(authority.size());
  if (!is_path(path)) return std::string("a URL with a path that is none; write what is not ASCII, and spaces, as %20");
  if (path != "/" && !path.empty()) endpoint.path = (path.front() == '?' ? "/" : "") + std::string(path);
  return endpoint;
}

}  // namespace

std::variant<Endpoint, std::string> parse_endpoint(std::string_view text, const DefaultPorts& ports) {
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) return parse_url(text, colon, ports);
  if (text.find('/') != std::string_view::npos)
    return quote(text) + " has a path and no scheme; write https://" + std::string(text.substr(0, 60));
  auto parsed = parse_address(text);
  if (auto* address = std::get_if<Address>(&parsed))
    return Endpoint{.host = std::move(address->host), .port = address->port, .protocol = {}, .path = {}};
  // A host alone; an IPv6 address in brackets, so that its end is no port.
  const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string_view host = brackets ? text.substr(1, text.size() - 2) : text;
  const bool bare = brackets || text.find(':') == std::string_view::npos;
  if (bare && is_host(host)) return Endpoint{.host = std::string(host), .port = 0, .protocol = {}, .path = {}};
  return std::get<std::string>(std::move(parsed));
}

std::string without_secrets(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::string(text);
  const std::string_view authority = text.substr(colon + 3, text.find_first_of("/?#", colon + 3) - colon - 3);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, colon + 3)) + "..." + std::string(text.substr(colon + 3 + at));
}

std::shared_ptr<const Module> speaking(std::shared_ptr<const Module> module, const std::string& protocol,
                                       const Settings& settings) {
  if (protocol.empty() || module->protocol == protocol) return module;
  if (module->protocol_written && module->protocol != any_protocol) return nullptr;
  const auto own = settings.modules.find(module->name);
  const auto ready = settings.speaking.find({module->name, protocol});
  if (own != settings.modules.end() && own->second == module && ready != settings.speaking.end()) return ready->second;
  auto changed = std::make_shared<Module>(*module);
  changed->protocol = protocol;
  changed->protocol_written = true;
  return changed;
}

std::string aim(Target& target, const Endpoint& endpoint, const DefaultPorts& ports, const Settings& settings) {
  auto module = speaking(target.module, endpoint.protocol, settings);
  if (!module)
    return "its URL says " + quote(endpoint.protocol) + ", and the module " + quote(target.module->name) + " says " +
           quote(target.module->protocol) + "; let one of them say it";
  const auto usual = ports.find(module->protocol);
  const std::uint16_t port = endpoint.port != 0 || usual == ports.end() ? endpoint.port : usual->second;
  if (port == 0)
    return quote(endpoint.host) + " has no port, and the protocol " + quote(module->protocol) +
           " has none of its own; write host:port";
  target.host = endpoint.host;
  target.port = port;
  target.path = endpoint.path;
  target.module = std::move(module);
  return {};
}

void let_speak(Settings& settings, const DefaultPorts& ports) {
  for (const auto& [name, module] : settings.modules)
    for (const auto& [protocol, port] : ports)
      if (protocol != any_protocol && protocol != module->protocol)
        if (auto changed = speaking(module, protocol, {})) settings.speaking[{name, protocol}] = std::move(changed);
}

}  // namespace config
