#include "probes/inventory/pem_lines.h"

#include <algorithm>
#include <cstdint>

namespace probes::inventory {

namespace {

constexpr std::size_t line_length = 64;  // RFC 7468 2
constexpr std::string_view dashes = "-----";
constexpr std::string_view breaks = "\r\n";

// Without the indentation; lines end where a newline, a carriage return or both stand.
std::string unindented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find_first_of(breaks));
    text.remove_prefix(line.size());
    if (!text.empty()) text.remove_prefix(text.starts_with(breaks) ? 2 : 1);
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    out.append(line).append("\n");
  }
  return out;
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  letter = static_cast<char>(letter | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// The letter of "u002b", of ASCII; NUL if it is none.
char unicode_escape(std::string_view text) {
  if (text.size() < 5) return '\0';
  int letter = 0;
  for (const char digit : text.substr(1, 4)) {
    if (hex_digit(digit) < 0) return '\0';
    letter = letter * 16 + hex_digit(digit);
  }
  return letter < 0x80 ? static_cast<char>(letter) : '\0';
}

// Appends what the escape stands for whose backslash is before `text`, and takes it off.
void resolve(std::string_view& text, std::string& out) {
  const char letter = text.empty() ? '\0' : text.front();
  if (const char named = letter == 'u' ? unicode_escape(text) : '\0'; named != '\0') {
    out.push_back(named);
    return text.remove_prefix(5);
  }
  const bool breaks_line = letter == 'n' || letter == 'r';
  // .properties and YAML: the line goes on behind the indentation of the next.
  const bool goes_on = letter == '\n' || letter == '\r';
  if (breaks_line) out.push_back('\n');
  if (breaks_line || letter == 't') text.remove_prefix(1);
  if (goes_on) text.remove_prefix(std::min(text.size(), text.find_first_not_of("\r\n \t")));
}

std::string without_escapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char letter = text.front();
    text.remove_prefix(1);
    if (letter == '\\') resolve(text, out);
    else out.push_back(letter);
  }
  return out;
}

bool is_base64_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
         letter == '+' || letter == '/' || letter == '=';
}

// How much of `text`, which begins with a quote, ends one string of source code and begins the next: `" +` and a line and `"`.
std::size_t concatenation(std::string_view text) {
  const std::size_t open = text.find_first_of("\"'", 1);
  const bool joins =
      open != std::string_view::npos && text.substr(1, open - 1).find_first_not_of(" \t\r\n+.,&") == std::string_view::npos;
  return joins ? open + 1 : 1;
}

// The base64 between the two marks, in lines. A letter that is none ends the block: OpenSSL says what it makes of it.
std::string wrapped(std::string_view body) {
  std::string packed;
  while (!body.empty()) {
    const bool quote = body.front() == '"' || body.front() == '\'';
    if (!quote && std::string_view(" \t\r\n").find(body.front()) == std::string_view::npos) packed.push_back(body.front());
    body.remove_prefix(quote ? concatenation(body) : 1);
  }
  if (!std::ranges::all_of(packed, is_base64_letter)) return packed + "\n";
  std::string lines;
  for (std::size_t at = 0; at < packed.size(); at += line_length) lines.append(packed, at, line_length).append("\n");
  return lines;
}

}  // namespace

std::string pem_lines(std::string_view block) {
  const bool in_lines = block.find_first_of(breaks) != std::string_view::npos && block.find('\\') == std::string_view::npos &&
                        block.find('"') == std::string_view::npos;
  if (in_lines) return unindented(block);
  const std::string plain = without_escapes(block);
  const std::size_t body = plain.find(dashes, dashes.size()), end = plain.rfind(dashes, plain.size() - dashes.size() - 1);
  if (body == std::string::npos || end == std::string::npos || end < body + dashes.size()) return unindented(block);
  const std::size_t from = body + dashes.size();
  return plain.substr(0, from) + "\n" + wrapped(std::string_view(plain).substr(from, end - from)) + plain.substr(end) + "\n";
}

}  // namespace probes::inventory
