#include "config/link_template.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/mistakes.h"

namespace config {
namespace {

constexpr std::size_t longest = 2048;  // what every browser takes
constexpr std::string_view label = "label.";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '~' || c == '.'; }

// As in a URL; neither a space nor what browsers and shells take for the end of one.
bool stands_in_urls(char c) { return c > 0x20 && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos; }

bool is_label_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

// The host, with a port: letters, digits, dots, hyphens; an IPv6 address in brackets.
bool is_host_part(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

// What is wrong with scheme and host; the rest of it, by reference.
std::string wrong_with_origin(std::string_view text, std::string_view& rest) {
  if (text.size() > longest) return "it is longer than 2048 characters";
  std::size_t scheme = 0;
  for (const std::string_view known : {"https://", "http://"})
    if (text.starts_with(known)) scheme = known.size();
  if (scheme == 0) return "it is no http or https address; write one like https://wiki.example/";
  const std::size_t end = std::min(text.find_first_of("/?#", scheme), text.size());
  const std::string_view host = text.substr(scheme, end - scheme);
  if (host.find('@') != std::string_view::npos) return "it has a user or a password, which everybody would read; leave them out";
  if (!is_host_part(host)) return "it has no host of its own; write one, without placeholders";
  rest = text.substr(end);
  return "";
}

// The placeholder at the beginning of `text`, which is a "{"; empty: it is none.
std::string_view placeholder_at(std::string_view text) {
  const std::size_t end = text.find('}');
  return end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
}

std::string wrong_with_placeholder(std::string_view name, std::span<const std::string_view> known) {
  if (name.empty()) return "a `{` has no placeholder; write one like {target}, or %7B for the character";
  if (std::ranges::find(known, name) != known.end()) return "";
  if (name.starts_with(label) && is_label_name(name.substr(label.size()))) return "";
  std::vector<std::string_view> all(known.begin(), known.end());
  all.push_back("label.NAME");
  return "unknown placeholder " + quote(name) + "; " + advice(name, all);
}

std::string wrong_with_rest(std::string_view rest, std::span<const std::string_view> placeholders, bool may_have_them) {
  while (!rest.empty()) {
    if (may_have_them && rest.front() == '{') {
      const std::string_view name = placeholder_at(rest);
      if (std::string wrong = wrong_with_placeholder(name, placeholders); !wrong.empty()) return wrong;
      rest.remove_prefix(name.size() + 2);
    } else if (!stands_in_urls(rest.front())) {
      return "the character " + quote(rest.substr(0, 1)) + " cannot stand in an address; write it as %XX";
    } else {
      rest.remove_prefix(1);
    }
  }
  return "";
}

}  // namespace

std::string wrong_with_url(std::string_view url) {
  std::string_view rest;
  std::string wrong = wrong_with_origin(url, rest);
  return wrong.empty() ? wrong_with_rest(rest, {}, false) : wrong;
}

std::string wrong_with_template(std::string_view text, std::span<const std::string_view> placeholders) {
  std::string_view rest;
  std::string wrong = wrong_with_origin(text, rest);
  return wrong.empty() ? wrong_with_rest(rest, placeholders, true) : wrong;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) encoded += c;
    else encoded.append({'%', digits[byte >> 4], digits[byte & 0x0F]});
  }
  return encoded;
}

std::optional<std::string> filled(std::string_view text, const std::map<std::string, std::string, std::less<>>& values) {
  std::string url;
  while (!text.empty()) {
    if (text.front() != '{') {
      url += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view name = placeholder_at(text);
    const auto value = values.find(name);
    // WHATWG URL: "." and ".." are folders, written as %2e, too.
    if (value == values.end() || value->second == "." || value->second == "..") return std::nullopt;
    url += percent_encoded(value->second);
    text.remove_prefix(name.size() + 2);
  }
  return url;
}

}  // namespace config
