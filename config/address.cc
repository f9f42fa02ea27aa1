#include "config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/mistakes.h"

namespace config {
namespace {

bool is_ip(int family, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;  // inet_pton would stop there
  in6_addr binary{};
  return inet_pton(family, std::string(text).c_str(), &binary) == 1;
}

// A zone ("fe80::1%eth0") belongs to link-local addresses; its name is the kernel's business.
bool is_ipv6(std::string_view text) {
  const std::size_t zone = text.find('%');
  return zone + 1 != text.size() && is_ip(AF_INET6, text.substr(0, zone));
}

// What ends in a number is meant as an IPv4 address (WHATWG URL, "ends in a number"), and some resolvers read it as one:
// "10.0.0.256", "127.1", "0177.0.0.1", "0x7f000001" and "2130706433" are no names.
bool ends_in_a_number(std::string_view text) {
  std::string_view last = text.substr(text.rfind('.') + 1);
  const auto all = [&](auto is) { return std::all_of(last.begin(), last.end(), is); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (all(digit)) return true;
  if (!last.starts_with("0x") && !last.starts_with("0X")) return false;
  last.remove_prefix(2);
  return all([&](char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (c == '.' ? label == 0 : !letter) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
  }
  return label > 0 && !ends_in_a_number(text);
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return {};
  return port;
}

// "::1:443" reads as an address, and is rarely meant as one.
std::string bare_ipv6(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view head = text.substr(0, colon);
  if (is_ipv6(head) && port_of(text.substr(colon + 1)))
    return quote(text) + " needs brackets that tell the IPv6 address from the port; write [" + std::string(head) + "]" +
           std::string(text.substr(colon));
  return quote(text) + " is an IPv6 address without a port; write it as [" + std::string(text) + "]:443";
}

std::string wrong_host(std::string_view host) {
  const bool beyond_ascii = std::any_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
  return quote(host) + " is neither a host name nor an IP address" +
         (beyond_ascii ? "; write international names in their xn-- form"
                       : "; write host:port, like web.example:443 or [2001:db8::1]:443");
}

}  // namespace

bool is_host(std::string_view text) { return is_name(text) || is_ip(AF_INET, text) || is_ipv6(text); }

std::variant<Address, std::string> parse_address(std::string_view text) {
  if (text.find("://") != std::string_view::npos)
    return quote(text) + " is a URL; write host:port, and the scheme as the module's `protocol`";
  if (text.empty()) return std::string("the address is empty; write host:port");
  if (text.front() != '[' && is_ipv6(text) && std::count(text.begin(), text.end(), ':') > 1) return bare_ipv6(text);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || (text.front() == '[' && text.back() == ']'))
    return quote(text) + " has no port; write host:port, like " + std::string(text.substr(0, 60)) + ":443";
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const std::optional<std::uint16_t> port = port_of(text.substr(colon + 1));
  if (!port) return quote(text.substr(colon + 1)) + " is no port; ports go from 1 to 65535";
  if (bracketed ? !is_ipv6(host) : !(is_name(host) || is_ip(AF_INET, host))) return wrong_host(host);
  return Address{std::string(host), *port};
}

std::string address_text(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace config
