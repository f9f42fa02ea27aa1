// PEM (RFC 7468), as it is found and not only as it should be: with text around the blocks, indented in YAML, escaped in JSON, in
// base64 once more. Each block is put into lines (pem_lines.h) and handed to OpenSSL, which decides. Blocks of keys are passed
// over unread.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "probes/inventory/pem_lines.h"
#include "probes/inventory/reading.h"
#include "probes/tls/slim_library.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view dashes = "-----";
constexpr std::size_t longest_label = 64;

struct Block {
  std::string_view label;
  std::string_view text;  // from "-----BEGIN" to the end of the END line's dashes
};

// The next block of `text`, which is moved behind it. A block that does not end gives an empty text; what follows its first line
// is looked at again.
std::optional<Block> next_block(std::string_view& text) {
  const std::size_t begin = text.find(begin_mark);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t label_at = begin + begin_mark.size();
  const std::size_t label_end = text.find(dashes, label_at);
  if (label_end == std::string_view::npos) return std::nullopt;
  Block block{.label = text.substr(label_at, label_end - label_at), .text = {}};
  // The block ends before the next one begins: however many begin, each byte is looked at a few times only.
  const std::string_view body = text.substr(label_end, text.find(begin_mark, label_end) - label_end);
  const std::string end_mark = "-----END " + std::string(block.label.substr(0, longest_label)) + std::string(dashes);
  const std::size_t end = body.find(end_mark);
  if (end != std::string_view::npos) block.text = text.substr(begin, label_end + end + end_mark.size() - begin);
  text.remove_prefix(end == std::string_view::npos ? label_end : label_end + end + end_mark.size());
  return block;
}

bool names_certificate(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD || label == PEM_STRING_X509_TRUSTED;
}
bool names_pkcs7(std::string_view label) { return label == PEM_STRING_PKCS7 || label == PEM_STRING_CMS; }

// The DER in a block; nothing if OpenSSL does not read it.
struct Decoded {
  unsigned char* data = nullptr;
  long size = 0;
  Decoded(std::string_view text) {
    const std::string straight = pem_lines(text);
    const tls::Ptr<BIO> bio(BIO_new_mem_buf(straight.data(), static_cast<int>(straight.size())));
    char *label = nullptr, *header = nullptr;
    if (PEM_read_bio(bio.get(), &label, &header, &data, &size) != 1) data = nullptr;
    OPENSSL_free(label);
    OPENSSL_free(header);
  }
  ~Decoded() { OPENSSL_free(data); }
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
};

bool take_certificate(const Block& block, const Decoded& decoded, Reading& reading) {
  const unsigned char* at = decoded.data;
  const bool trusted = block.label == PEM_STRING_X509_TRUSTED;
  const tls::Ptr<X509> certificate(trusted ? d2i_X509_AUX(nullptr, &at, decoded.size)
                                           : tls::read_certificate(at, decoded.size).release());
  if (certificate) reading.certificate(certificate.get());
  return certificate != nullptr;
}

void read_block(const Block& block, int number, Reading& reading) {
  const bool certificate = names_certificate(block.label), list = block.label == PEM_STRING_X509_CRL,
             pkcs7 = names_pkcs7(block.label);
  if (!certificate && !list && !pkcs7) return;
  const std::string which = "block " + std::to_string(number) + " (" + std::string(block.label) + ")";
  if (block.text.empty()) return reading.trouble(SourceReason::bad_pem, which + " does not end");
  const Decoded decoded(block.text);
  if (decoded.data == nullptr) return reading.trouble(SourceReason::bad_pem, which + " is no base64");
  const std::string_view der(reinterpret_cast<const char*>(decoded.data), static_cast<std::size_t>(decoded.size));
  if (pkcs7) return read_pkcs7(der, reading);
  if (certificate && !reading.admits(der.size())) return;
  const bool taken = certificate ? take_certificate(block, decoded, reading) : reading.revocation_list(der);
  if (!taken)
    reading.trouble(list ? SourceReason::bad_crl : SourceReason::bad_pem,
                    which + " holds no " + (list ? "revocation list" : "certificate"));
}

// Base64 of PEM, as Kubernetes and Traefik write it into JSON and YAML: `text`, which begins with it, is moved behind it. Read to
// its last whole group of four.
void read_encoded(std::string_view& text, const Reading& reading) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string packed, bytes;
  while (true) {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
    const std::string_view run = text.substr(0, text.find_first_not_of(letters));
    if (run.empty()) break;
    packed.append(run);
    text.remove_prefix(run.size());
  }
  const std::size_t padding = text.starts_with("==") ? 2 : text.starts_with('=') ? 1 : 0;
  packed.append(padding, '=');
  packed.resize(packed.size() / 4 * 4);
  if (decode_base64(packed, bytes)) read_pem(bytes, reading.deeper());
  OPENSSL_cleanse(packed.data(), packed.size());  // it may be a key
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

}  // namespace

bool is_pem(std::string_view bytes) {
  return bytes.find(begin_mark) != std::string_view::npos || bytes.find(base64_of_pem) != std::string_view::npos;
}

void read_pem(std::string_view bytes, Reading reading) {
  int number = 0;
  std::string_view rest = bytes;
  while (const std::optional<Block> block = next_block(rest)) read_block(*block, ++number, reading);
  if (reading.nesting() < deepest_nesting)
    for (std::size_t at = bytes.find(base64_of_pem); at != std::string_view::npos; at = bytes.find(base64_of_pem)) {
      bytes.remove_prefix(at);
      read_encoded(bytes, reading);
    }
  ERR_clear_error();
}

}  // namespace probes::inventory
