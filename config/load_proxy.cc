// proxy: the way to servers that cannot be reached directly. A layer that writes it replaces that of the layers below as a whole:
// a password belongs to its proxy.
#include "config/address.h"
#include "config/sections.h"

namespace config {
namespace {

struct Scheme {
  std::string_view begins;
  Proxy::Kind kind;
};
// socks5h is what curl calls a proxy that resolves the names, which ours always does.
constexpr Scheme schemes[] = {
    {"http://", Proxy::Kind::http}, {"socks5://", Proxy::Kind::socks5}, {"socks5h://", Proxy::Kind::socks5}};

// What is wrong with the URL is said without it where it may hold a password.
void take_url(const Node& node, Proxy& proxy, Reading& reading) {
  std::string text;
  if (!take(node, text, reading.mistakes)) return;
  constexpr std::string_view right = "write http://proxy.internal:3128, or socks5://proxy.internal:1080";
  if (text.find('@') != std::string::npos)
    return reading.mistakes.add(node.place(), "a user name or password in the URL of a proxy",
                                "write them as `username` and `password_file`");
  for (const auto& [begins, kind] : schemes) {
    if (!text.starts_with(begins)) continue;
    std::string_view rest = std::string_view(text).substr(begins.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto parsed = parse_address(rest);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) return reading.mistakes.add(node.place(), *wrong, right);
    const auto& address = std::get<Address>(parsed);
    proxy.kind = kind;
    proxy.host = address.host;
    proxy.port = address.port;
    return;
  }
  reading.mistakes.add(node.place(), quote(text) + " is no URL of a proxy", right);
}

void take_username(const Node& node, Proxy& proxy, Reading& reading) {
  // RFC 1929 2: one byte counts them.
  if (take(node, proxy.username, reading.mistakes) && proxy.username.size() > 255)
    reading.mistakes.add(node.place(), "a user name of more than 255 bytes", "shorten it");
}

void take_proxy_headers(const Node& node, Proxy& proxy, Reading& reading) { take_header_table(node, proxy.headers, reading); }

constexpr Field<Proxy> fields[] = {
    {"url", take_url},
    {"username", take_username},
    {"password_file", path_into<&Proxy::password_file>},
    {"headers", take_proxy_headers},
};

void check(const Node& node, const Proxy& proxy, Mistakes& mistakes) {
  const Node* username = node.find("username");
  const Node* password = node.find("password_file");
  const Node* headers = node.find("headers");
  if (node.find("url") == nullptr)
    mistakes.add(node.place(), "a proxy without `url`", "write http://proxy.internal:3128, or socks5://proxy.internal:1080");
  if (password != nullptr && username == nullptr)
    mistakes.add(password->place(), "a `password_file` without a `username`", "write both, or neither");
  if (proxy.kind == Proxy::Kind::socks5 && headers != nullptr)
    mistakes.add(headers->place(), "SOCKS5 has no headers", "remove them");
  // RFC 7617 2: the first colon ends the user name.
  if (proxy.kind == Proxy::Kind::http && proxy.username.find(':') != std::string::npos)
    mistakes.add(username->place(), "a colon in the user name: Basic authentication cannot say it", "use another name");
}

}  // namespace

Fields<Proxy> proxy_fields() { return fields; }

// `off` takes a module's proxy away from a target.
void take_proxy(const Node& node, ModuleDraft& draft, Reading& reading) {
  if (node.is_text() && (node.text() == "off" || node.text() == "false")) {
    draft.module.proxy = nullptr;
    return;
  }
  auto proxy = std::make_shared<Proxy>();
  take_section(node, proxy_fields(), *proxy, reading);
  check(node, *proxy, reading.mistakes);
  draft.module.proxy = std::move(proxy);
}

std::string url(const Proxy& proxy) {
  return (proxy.kind == Proxy::Kind::socks5 ? "socks5://" : "http://") + address_text({proxy.host, proxy.port});
}

}  // namespace config
