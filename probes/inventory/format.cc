#include "probes/inventory/format.h"

namespace probes::inventory {

using observations::SourceReason;

namespace {

// What is wrapped in text comes before the text: a manifest holds PEM.
constexpr Format table[] = {
    {"UTF-16 text", is_utf16, read_utf16},
    {"Java keystore", is_java_keystore, read_java_keystore},
    {"Bouncy Castle keystore", is_bouncy_castle, read_bouncy_castle},
    {"kubeconfig", is_kubeconfig, read_kubeconfig},
    {"Kubernetes manifest", is_manifest, read_manifest},
    {"OpenVPN profile", is_openvpn, read_openvpn},
    {"PEM", is_pem, read_pem},
    {"base64", is_base64, read_base64},
    {"PKCS#12", is_pkcs12, read_pkcs12},
    {"PKCS#7", is_pkcs7, read_pkcs7},
    {"DER", is_der, read_der},
};

}  // namespace

std::span<const Format> all_formats() { return table; }

const Format* format_of(std::string_view bytes) {
  for (const Format& format : table)
    if (format.recognises(bytes)) return &format;
  return nullptr;
}

// A format is recognised by a few words, which may stand in a comment: where nothing is found the next one has a look. Trouble
// stays trouble.
void read_bytes(std::string_view bytes, Reading reading) {
  const std::size_t before = reading.taken();
  const Format* first = nullptr;
  for (const Format& format : table) {
    if (!format.recognises(bytes)) continue;
    if (first == nullptr) first = &format;
    format.read(bytes, reading);
    if (reading.taken() > before) return;
  }
  if (first == nullptr) reading.trouble(SourceReason::no_certificates, "no format of certificates that is known");
  else if (!reading.troubled())
    reading.trouble(SourceReason::no_certificates, std::string(first->name) + " without a certificate");
}

}  // namespace probes::inventory
