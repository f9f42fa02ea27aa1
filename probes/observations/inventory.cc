#include "probes/observations/inventory.h"

#include <array>
#include <utility>

namespace probes::observations {

namespace {

using enum SourceReason;

constexpr std::pair<SourceReason, std::string_view> words[] = {
    {not_found, "not_found"},
    {permission_denied, "permission_denied"},
    {read_failed, "read_failed"},
    {irregular_file, "irregular_file"},
    {too_large, "too_large"},
    {too_deep, "too_deep"},
    {out_of_scope_symlink, "out_of_scope_symlink"},
    {symlink_loop, "symlink_loop"},
    {changed_while_read, "changed_while_read"},
    {bad_pem, "bad_pem"},
    {bad_der, "bad_der"},
    {bad_pkcs12, "bad_pkcs12"},
    {bad_pkcs7, "bad_pkcs7"},
    {bad_jks, "bad_jks"},
    {bad_kubeconfig, "bad_kubeconfig"},
    {bad_manifest, "bad_manifest"},
    {bad_index, "bad_index"},
    {bad_crl, "bad_crl"},
    {bad_passphrase, "bad_passphrase"},
    {unsupported_format, "unsupported_format"},
    {no_certificates, "no_certificates"},
    {bad_syntax, "bad_syntax"},
    {bad_target, "bad_target"},
    {bad_label, "bad_label"},
    {not_followed, "not_followed"},
    {unknown_module, "unknown_module"},
    {unknown_identity, "unknown_identity"},
    {unreachable, "unreachable"},
    {timeout, "timeout"},
    {tls_failed, "tls_failed"},
    {http_status, "http_status"},
    {name_not_found, "name_not_found"},
    {resolve_failed, "resolve_failed"},
    {bad_ocsp, "bad_ocsp"},
    {redirect_refused, "redirect_refused"},
    {address_refused, "address_refused"},
};

constexpr auto reasons = [] {
  std::array<SourceReason, std::size(words)> found{};
  for (std::size_t index = 0; index < found.size(); ++index) found[index] = words[index].first;
  return found;
}();

static_assert(words[std::size(words) - 1].first == address_refused);  // the table is complete and in the enum's order

}  // namespace

std::string_view word(SourceReason reason) { return words[static_cast<std::size_t>(reason)].second; }

std::span<const SourceReason> all_source_reasons() { return reasons; }

}  // namespace probes::observations
