#include "probes/inventory/last_good.h"

#include <algorithm>
#include <array>

namespace probes::inventory {

using observations::Inventory;
using observations::RevocationList;
using observations::StoredCertificate;
using observations::Trouble;
using enum observations::SourceReason;

namespace {

// Whether what it tells of may hide what is there.
bool hides(const Trouble& trouble) {
  static constexpr std::array hiding = {too_large, bad_pem,        bad_der,      bad_pkcs12, bad_pkcs7,
                                        bad_jks,   bad_kubeconfig, bad_manifest, bad_crl,    bad_passphrase};
  return passes(trouble) || std::ranges::find(hiding, trouble.reason) != hiding.end();
}

bool nothing_in(const Inventory& file) { return file.certificates.empty() && file.revocation_lists.empty(); }

}  // namespace

bool passes(const Trouble& trouble) {
  return trouble.reason == permission_denied || trouble.reason == read_failed || trouble.reason == changed_while_read;
}

FilePtr unjudged(const FilePtr& file) {
  const bool judged =
      std::ranges::any_of(file->certificates, [](const StoredCertificate& one) { return one.chain || one.problems; }) ||
      std::ranges::any_of(file->revocation_lists, [](const RevocationList& list) { return list.genuine.has_value(); });
  if (!judged) return file;
  auto plain = std::make_shared<Inventory>(*file);
  for (StoredCertificate& one : plain->certificates) one.chain = nullptr, one.problems = nullptr;
  for (RevocationList& list : plain->revocation_lists) list.genuine.reset();
  return plain;
}

void keep_last_good(Inventory& found, const FilePtr& before) {
  if (!nothing_in(found) || std::ranges::none_of(found.troubles, hides)) return;
  const FilePtr kept = unjudged(before);
  found.certificates = kept->certificates;
  found.revocation_lists = kept->revocation_lists;
}

}  // namespace probes::inventory
