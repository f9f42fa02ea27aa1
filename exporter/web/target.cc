#include <optional>
#include <string>
#include <string_view>

#include "exporter/web/request_reader.h"

namespace exporter::web {
namespace {

int digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

// Percent-decodes; absent when an escape is broken or the result has a control character.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char character = text[at];
    if (character == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = digit(text[at + 1]);
      const int low = digit(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      character = static_cast<char>(high * 16 + low);
      at += 2;
    } else if (character == '+' && plus_is_space) {
      character = ' ';
    }
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) return std::nullopt;
    out += character;
  }
  return out;
}

// RFC 9112 3.2.2: a server must accept the absolute form too. What is left is the path.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (!target.starts_with(scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos || target[path] == '?' ? std::string_view("/") : target.substr(path);
  }
  return target;
}

bool add_parameter(std::string_view pair, Request& request) {
  if (pair.empty()) return true;
  const auto equals = pair.find('=');
  auto name = decoded(pair.substr(0, equals), true);
  auto value = equals == std::string_view::npos ? std::optional<std::string>("") : decoded(pair.substr(equals + 1), true);
  if (!name || !value) return false;
  request.query.emplace(std::move(*name), std::move(*value));
  return true;
}

}  // namespace

bool split_target(std::string_view target, Request& request) {
  target = without_authority(target);
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return false;
  const auto question = target.find('?');
  auto path = decoded(target.substr(0, question), false);
  if (!path) return false;
  request.path = std::move(*path);
  if (question == std::string_view::npos) return true;
  for (std::string_view rest = target.substr(question + 1);;) {
    const auto end = rest.find('&');
    if (!add_parameter(rest.substr(0, end), request)) return false;
    if (end == std::string_view::npos) return true;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace exporter::web
