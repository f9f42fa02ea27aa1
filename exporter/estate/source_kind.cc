#include "exporter/estate/estate.h"

namespace exporter {

using probes::observations::SourceReason;

std::string_view word(SourceKind kind) {
  switch (kind) {
    case SourceKind::file: return "file";
    case SourceKind::authority: return "authority";
    case SourceKind::trust: return "trust";
    case SourceKind::caller: return "caller";
    case SourceKind::distribution_point: return "distribution_point";
    case SourceKind::responder: return "responder";
  }
  return "file";
}

// A log may be cut short while it is read. Files may meet every reason but that of an index, authorities every reason but that of
// a passphrase: what they have issued may lie in files of any format. What comes after no_certificates is said of lists of
// targets.
std::vector<SourceReason> reasons_of(SourceKind kind) {
  using enum SourceReason;
  if (kind == SourceKind::trust)
    return {not_found,    permission_denied, read_failed, irregular_file, too_large,      too_deep,
            symlink_loop, bad_pem,           bad_der,     bad_crl,        no_certificates};
  if (kind == SourceKind::caller) return {not_found, permission_denied, read_failed, irregular_file, changed_while_read};
  if (is_remote(kind))
    return {too_large,        kind == SourceKind::responder ? bad_ocsp : bad_crl,
            unreachable,      timeout,
            tls_failed,       http_status,
            redirect_refused, address_refused};
  std::vector<SourceReason> found;
  for (const SourceReason reason : probes::observations::all_source_reasons())
    if (reason <= no_certificates && reason != (kind == SourceKind::file ? bad_index : bad_passphrase)) found.push_back(reason);
  return found;
}

}  // namespace exporter
