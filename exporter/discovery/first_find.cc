#include "exporter/discovery/first_find.h"

#include <openssl/err.h>

#include "probes/tls/certificate_facts.h"
#include "probes/tls/slim_library.h"

namespace exporter::discovery {

namespace {

std::string_view version_word(std::uint16_t version) {
  return version == 0x0303 ? "TLSv1.2" : version == 0x0302 ? "TLSv1.1" : "TLSv1";
}

}  // namespace

std::optional<FirstFind> first_find(const probes::look::Look& look) {
  const std::string& der = look.certificates.front();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = at + der.size();
  const auto leaf = probes::tls::read_certificate(at, static_cast<long>(der.size()));
  ERR_clear_error();
  if (!leaf || at != end) return std::nullopt;
  return FirstFind{.version = version_word(look.version),
                   .leaf = probes::tls::remembered_facts(leaf.get()),
                   .asks = look.asks,
                   .acceptable = look.acceptable.size()};
}

std::vector<std::string> acceptable_names(const probes::look::Look& look, std::size_t most) {
  std::vector<std::string> names;
  for (const std::string& der : look.acceptable) {
    if (names.size() == most) break;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const probes::tls::Ptr<X509_NAME> name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
    if (name) names.push_back(probes::tls::name_text(name.get()));
  }
  ERR_clear_error();
  return names;
}

}  // namespace exporter::discovery
