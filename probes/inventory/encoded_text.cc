// Files that are another format in an encoding: text in UTF-16, as PowerShell writes it; base64 of a DER, a keystore or PEM, as
// `base64` and web consoles give it; an OpenVPN profile with a whole keystore between <pkcs12> and </pkcs12>.
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "probes/inventory/format.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

constexpr std::string_view little_endian_mark = "\xff\xfe", big_endian_mark = "\xfe\xff";

bool is_plain(char letter) { return letter >= ' ' && letter <= '~'; }

// Text in ASCII letters of two bytes each, without a mark.
bool little_endian(std::string_view bytes) {
  return bytes.size() >= 4 && is_plain(bytes[0]) && bytes[1] == '\0' && is_plain(bytes[2]) && bytes[3] == '\0';
}
bool big_endian(std::string_view bytes) { return !bytes.empty() && bytes[0] == '\0' && little_endian(bytes.substr(1)); }

// Certificates and what is around them are ASCII; what is beyond is not of interest, and a question mark each.
std::string narrowed(std::string_view bytes, bool big) {
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const auto high = static_cast<std::uint8_t>(bytes[big ? at : at + 1]),
               low = static_cast<std::uint8_t>(bytes[big ? at + 1 : at]);
    text.push_back(high == 0 && low < 0x80 ? static_cast<char>(low) : '?');
  }
  return text;
}

void read_again(std::string& bytes, const Reading& reading) {
  if (const Format* format = format_of(bytes)) format->read(bytes, reading);
  OPENSSL_cleanse(bytes.data(), bytes.size());  // a key may have stood in it
}

constexpr std::string_view open_tag = "<pkcs12>", close_tag = "</pkcs12>";

}  // namespace

bool is_utf16(std::string_view bytes) {
  return bytes.starts_with(little_endian_mark) || bytes.starts_with(big_endian_mark) || little_endian(bytes) || big_endian(bytes);
}

void read_utf16(std::string_view bytes, Reading reading) {
  const bool big = bytes.starts_with(big_endian_mark) || big_endian(bytes);
  const bool marked = bytes.starts_with(big_endian_mark) || bytes.starts_with(little_endian_mark);
  if (reading.nesting() > deepest_nesting) return;
  std::string text = narrowed(bytes.substr(marked ? 2 : 0), big);
  read_again(text, reading);
}

// A SEQUENCE of DER, a Java keystore or PEM, by how each begins in base64; all of the file is base64.
bool is_base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n";
  constexpr std::string_view beginnings[] = {"MI", "/u3+7", "zs7Oz"};
  bytes.remove_prefix(std::min(bytes.size(), bytes.find_first_not_of(" \t\r\n")));
  return std::ranges::any_of(beginnings, [&](std::string_view one) { return bytes.starts_with(one); }) &&
         bytes.find_first_not_of(letters) == std::string_view::npos;
}

void read_base64(std::string_view bytes, Reading reading) {
  std::string decoded;
  if (!decode_base64(bytes, decoded)) return;
  read_again(decoded, reading.deeper());
}

bool is_openvpn(std::string_view bytes) {
  const std::size_t open = bytes.find(open_tag);
  return open != std::string_view::npos && bytes.find(close_tag, open) != std::string_view::npos;
}

void read_openvpn(std::string_view bytes, Reading reading) {
  if (is_pem(bytes)) read_pem(bytes, reading);
  const std::size_t open = bytes.find(open_tag) + open_tag.size();
  std::string decoded;
  Reading piece = reading.inside("pkcs12");
  if (!decode_base64(bytes.substr(open, bytes.find(close_tag, open) - open), decoded))
    return piece.trouble(SourceReason::bad_pkcs12, "not base64");
  if (is_pkcs12(decoded)) read_pkcs12(decoded, piece);
  else piece.trouble(SourceReason::bad_pkcs12, "no PKCS#12");
  OPENSSL_cleanse(decoded.data(), decoded.size());
}

}  // namespace probes::inventory
