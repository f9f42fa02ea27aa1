// Identities in PKCS#12 (RFC 7292).
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "probes/tls/identity_source.h"
#include "probes/tls/pkcs12.h"

namespace probes::tls {

using observations::Finding;

namespace {

using Certificates = std::vector<Ptr<X509>>;

bool issued(X509* issuer, X509* subject) { return X509_check_issued(issuer, subject) == X509_V_OK; }

// PKCS#12 has no order; a handshake has one. What is not above the leaf stays, behind.
Certificates in_order(Pkcs12Contents contents) {
  Certificates chain;
  if (!contents.leaf && !contents.others.empty()) {
    contents.leaf = std::move(contents.others.front());
    contents.others.erase(contents.others.begin());
  }
  if (contents.leaf) chain.push_back(std::move(contents.leaf));
  while (!contents.others.empty()) {
    const auto above = std::find_if(contents.others.begin(), contents.others.end(),
                                    [&](const Ptr<X509>& other) { return issued(other.get(), chain.back().get()); });
    const auto next = above != contents.others.end() ? above : contents.others.begin();
    chain.push_back(std::move(*next));
    contents.others.erase(next);
  }
  return chain;
}

void note_closed_file(const std::string& path, bool passphrase_given, bool passphrase_expected, Material& material) {
  const bool unknown = unknown_algorithm_in_errors();
  const std::string error = take_openssl_error();
  if (unknown) return material.note(Finding::certificate_unreadable, path + ": " + error);
  if (passphrase_given)
    return material.note(Finding::passphrase_wrong, path + ": the passphrase does not open it (" + error + ")");
  if (!passphrase_expected)
    material.note(Finding::passphrase_missing, path + ": it needs a passphrase and no passphrase_file is configured");
}

}  // namespace

Material read_pkcs12(const config::Identity& settings) {
  const std::string& path = settings.pkcs12_file;
  Material material;
  const std::optional<Secret> secret = passphrase(settings.passphrase_file, material);
  const FileContent content = read_file(path, identity_file_limit);
  if (!content.good()) {
    material.note(content.missing ? Finding::certificate_missing : Finding::certificate_unreadable,
                  path + ": " + content.trouble);
    return material;
  }
  ERR_clear_error();
  const Ptr<PKCS12> file = parse_pkcs12(content.bytes.view());
  Pkcs12Contents contents;
  if (!file) {
    material.note(Finding::certificate_unreadable, path + ": it is not PKCS#12 (" + take_openssl_error() + ")");
  } else if (has_unknown_mac(file.get())) {
    material.note(Finding::certificate_unreadable, path + ": " + std::string(unknown_mac));
  } else if (!open_pkcs12(file.get(), secret ? secret->view() : "", contents)) {
    note_closed_file(path, secret.has_value(), !settings.passphrase_file.empty(), material);
  } else {
    material.key = std::move(contents.key);
    material.chain = in_order(std::move(contents));
    if (material.chain.empty()) material.note(Finding::certificate_missing, path + ": there is no certificate in it");
    if (!material.key) material.note(Finding::key_missing, path + ": there is no private key in it");
    if (material.key && content.world_readable)
      material.note(Finding::world_readable_key, path + ": every user of this machine may read it");
  }
  return material;
}

}  // namespace probes::tls
