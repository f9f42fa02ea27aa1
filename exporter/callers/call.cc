#include "exporter/callers/call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/utf8.h"
#include "exporter/callers/text_time.h"

namespace exporter::callers {

using Json = nlohmann::json;

namespace {

constexpr std::size_t name_limit = 2048;   // of a distinguished name
constexpr std::size_t text_limit = 256;    // of what people read
constexpr std::size_t address_limit = 64;  // an IPv6 address with its zone, or the path of a socket's end

// The value of a field as text; empty where it is not there, or stands for nothing: servers write "-" for that. A number where
// text is expected is no text: the digits of a serial number are not hexadecimal then.
std::string field(const Json& line, const char* name, std::size_t limit, bool numbers = false) {
  const auto found = line.find(name);
  if (found == line.end()) return {};
  std::string text = found->is_string() ? found->get<std::string>() : std::string();
  if (numbers && found->is_number()) text = found->dump();
  if (text == "-" || text.size() > limit) text.clear();
  return text;
}

// Whether the log speaks of a certificate and says that there is none: fields for one, and nothing in them.
bool says_none(const Json& line) {
  bool spoken_of = false;
  for (const char* name : {"certificate", "fingerprint", "serial"}) {
    const auto found = line.find(name);
    if (found == line.end()) continue;
    if (!found->is_string() || (*found != "" && *found != "-")) return false;
    spoken_of = true;
  }
  return spoken_of;
}

// Hexadecimal digits in lower case; empty where there is anything else but what stands between them.
std::string hexadecimal(std::string_view text) {
  std::string digits;
  if (text.starts_with("0x")) text.remove_prefix(2);
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) digits += c;
    else if (c >= 'A' && c <= 'F') digits += static_cast<char>(c | 0x20);
    else return {};
  }
  return digits;
}

std::string without_leading_zeros(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - (digits.empty() ? 0 : 1)));
  return digits;
}

// OpenSSL's words for its codes, as nginx and Apache write them; those of OpenSSL 1.1 without the hyphen.
constexpr std::array<std::pair<std::string_view, Verification>, 9> words = {{
    {"certificate has expired", Verification::expired},
    {"certificate is not yet valid", Verification::not_yet_valid},
    {"certificate revoked", Verification::revoked},
    {"unable to get issuer certificate", Verification::unknown_issuer},
    {"unable to get local issuer certificate", Verification::unknown_issuer},
    {"unable to verify the first certificate", Verification::unknown_issuer},
    {"self-signed certificate", Verification::unknown_issuer},
    {"self signed certificate", Verification::unknown_issuer},
    {"GENEROUS", Verification::unknown_issuer},  // Apache: an unknown issuer, let in by `optional_no_ca`
}};

// X509_V_ERR_*, as haproxy writes them.
Verification by_number(int code) {
  switch (code) {
    case 0: return Verification::success;
    case 2:
    case 18:
    case 19:
    case 20:
    case 21: return Verification::unknown_issuer;
    case 9: return Verification::not_yet_valid;
    case 10: return Verification::expired;
    case 23: return Verification::revoked;
    default: return Verification::failed;
  }
}

Verification verification(std::string_view said) {
  if (said.empty()) return Verification::untold;
  if (said == "SUCCESS") return Verification::success;
  if (said == "NONE") return Verification::none;
  if (int code = 0; std::from_chars(said.data(), said.data() + said.size(), code).ptr == said.data() + said.size())
    return by_number(code);
  if (said.starts_with("FAILED:")) said.remove_prefix(7);
  const auto known = std::ranges::find_if(words, [&](const auto& word) { return said.starts_with(word.first); });
  return known == words.end() ? Verification::failed : known->second;
}

int status_of(const std::string& text) {
  int status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  return error == std::errc() && end == text.data() + text.size() && status >= 100 && status <= 599 ? status : 0;
}

// A 403 after a verification that succeeded is the application's, and a 200 after one that did not is a server that does not
// check. Without a status only what `handshake` says settles it.
Result result_of(Verification verification, int status, std::string_view handshake) {
  if (handshake == "failed") return Result::refused;
  if (verification == Verification::success) return Result::accepted;
  const bool client_error = status >= 400 && status <= 499;
  if (status != 0 && !client_error) return Result::accepted;
  if (client_error && verification != Verification::untold) return Result::refused;
  return status == 0 && handshake == "done" ? Result::accepted : Result::untold;
}

probes::observations::Date date_of(const std::string& text) {
  const auto at = read_time(text);
  return at ? probes::observations::Date(std::chrono::floor<std::chrono::seconds>(*at)) : probes::observations::Date();
}

CertificateFacts facts_of(const Json& line) {
  return {.subject = field(line, "subject", name_limit),
          .issuer = field(line, "issuer", name_limit),
          .serial = without_leading_zeros(hexadecimal(field(line, "serial", text_limit))),
          .fingerprint = hexadecimal(field(line, "fingerprint", text_limit)),
          .not_after = date_of(field(line, "not_after", text_limit))};
}

void append_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t good = config::valid_utf8_length(text);
    out.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) return;
    out.append("\xEF\xBF\xBD");
    text.remove_prefix(1);
  }
}

// A line that is no JSON only for its escapes or its bytes: Apache writes \xHH for what does not print, and what a client sent
// may be no UTF-8.
std::string mended(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20) {
      bytes.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    } else if (text[at] != '\\' || at + 1 == text.size()) {
      bytes += text[at];
    } else if (text[at + 1] != 'x' || at + 3 >= text.size()) {
      bytes.append(text.substr(at++, 2));
    } else {
      unsigned value = 0;
      const auto [end, error] = std::from_chars(text.data() + at + 2, text.data() + at + 4, value, 16);
      if (error != std::errc() || end != text.data() + at + 4) value = '?';
      if (value >= 0x80) bytes += static_cast<char>(value);
      else bytes.append("\\u00").append(1, digits[value >> 4]).append(1, digits[value & 15]);
      at += 3;
    }
  }
  std::string valid;
  append_utf8(valid, bytes);
  return valid;
}

Json parsed(std::string_view text) {
  Json line = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!line.is_discarded()) return line;
  const std::string again = mended(text);
  return Json::parse(again.begin(), again.end(), nullptr, false);
}

}  // namespace

std::optional<Call> read_call(std::string_view text) {
  const std::size_t begin = text.find('{'), end = text.rfind('}');
  if (text.size() > line_limit || begin == std::string_view::npos || end == std::string_view::npos || end < begin)
    return std::nullopt;
  const Json line = parsed(text.substr(begin, end - begin + 1));
  if (!line.is_object()) return std::nullopt;
  Call call{.certificate = field(line, "certificate", line_limit), .facts = facts_of(line)};
  call.said = field(line, "verify", text_limit, true);
  call.verification = verification(call.said);
  const bool nothing = call.certificate.empty() && !call.facts.identify();
  const bool unverified = call.verification == Verification::untold || call.verification == Verification::success;
  call.anonymous = nothing && (call.verification == Verification::none || (unverified && says_none(line)));
  if (nothing && !call.anonymous) return std::nullopt;
  call.result =
      result_of(call.verification, status_of(field(line, "status", text_limit, true)), field(line, "handshake", text_limit));
  call.server = field(line, "server", text_limit);
  call.address = field(line, "address", address_limit);
  call.time = read_time(field(line, "time", text_limit, true));
  return call;
}

}  // namespace exporter::callers
