#include "probes/inventory/format.h"

namespace probes::inventory {

namespace {

// What is wrapped in text comes before the text: a manifest holds PEM.
constexpr Format table[] = {
    {"Java keystore", is_java_keystore, read_java_keystore},
    {"Bouncy Castle keystore", is_bouncy_castle, read_bouncy_castle},
    {"kubeconfig", is_kubeconfig, read_kubeconfig},
    {"Kubernetes manifest", is_manifest, read_manifest},
    {"PEM", is_pem, read_pem},
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

void read_bytes(std::string_view bytes, Reading reading) {
  if (const Format* format = format_of(bytes)) return format->read(bytes, std::move(reading));
  reading.trouble(observations::SourceReason::no_certificates, "no format of certificates that is known");
}

}  // namespace probes::inventory
