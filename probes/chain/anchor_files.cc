#include "probes/chain/anchor_files.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "probes/chain/named_files.h"
#include "probes/inventory/format.h"
#include "probes/tls/certificate_facts.h"
#include "probes/tls/slim_library.h"

namespace probes::chain {

namespace fs = std::filesystem;
using observations::SourceReason;

namespace {

bool self_signed(X509* certificate) { return (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0; }

// Could chains end in one of them? Of CAs and of servers that sign for themselves it is expected.
bool anchors_something(const std::vector<tls::Ptr<X509>>& certificates) {
  return std::any_of(certificates.begin(), certificates.end(),
                     [](const auto& one) { return X509_check_ca(one.get()) > 0 || self_signed(one.get()); });
}

// `named`: the file itself, and not the folder or glob it was found by, where other things may lie beside the CAs: they are
// `passed_over`.
void read_file(const std::string& path, bool named, const Opening& opening, AnchorFiles& files,
               std::vector<observations::Trouble>& passed_over) {
  std::string content;
  files.paths.push_back(path);
  if (!read_content(path, content, files.errors)) return;
  observations::Inventory found;
  std::vector<tls::Ptr<X509>> certificates;
  inventory::read_bytes(content, inventory::Reading(path, opening.passphrases, found).with_handles(certificates));
  OPENSSL_cleanse(content.data(), content.size());  // a keystore holds keys
  if (named && !opening.partial_chain && !certificates.empty() && !anchors_something(certificates))
    found.troubles.push_back({.reason = SourceReason::no_certificates,
                              .path = path,
                              .detail = "holds no CA, and no certificate that signed itself: the first is of " +
                                        tls::name_text(X509_get_subject_name(certificates.front().get()))});
  for (const tls::Ptr<X509>& certificate : certificates) files.anchors.push_back(tls::outside_slim_library(certificate.get()));
  for (const observations::Trouble& trouble : found.troubles)
    (trouble.reason == SourceReason::no_certificates && !named ? passed_over : files.errors).push_back(trouble);
  ERR_clear_error();
}

}  // namespace

void read_anchors(const std::string& pattern, AnchorFiles& files, const Opening& opening) {
  const std::size_t anchors = files.anchors.size(), errors = files.errors.size();
  std::vector<observations::Trouble> passed_over;
  for (const std::string& path : named_files(pattern, files.errors))
    read_file(path, path == pattern, opening, files, passed_over);
  if (files.anchors.size() == anchors && files.errors.size() == errors)
    files.errors.insert(files.errors.end(), passed_over.begin(), passed_over.end());
}

void read_system_anchors(AnchorFiles& files) {
  const char* file = std::getenv(X509_get_default_cert_file_env());
  const char* folder = std::getenv(X509_get_default_cert_dir_env());
  if (file != nullptr) read_anchors(file, files);
  if (folder != nullptr) read_anchors(folder, files);
  if (file != nullptr || folder != nullptr) return;
  for (const char* candidate : {X509_get_default_cert_file(), "/etc/ssl/certs/ca-certificates.crt", X509_get_default_cert_dir()})
    if (std::error_code ignored; fs::exists(candidate, ignored)) return read_anchors(candidate, files);
  files.errors.push_back(
      {.reason = SourceReason::not_found, .path = X509_get_default_cert_file(), .detail = "this system has no trust store"});
}

}  // namespace probes::chain
