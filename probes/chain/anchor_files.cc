#include "probes/chain/anchor_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "probes/chain/named_files.h"

namespace probes::chain {

namespace fs = std::filesystem;
using observations::SourceReason;

namespace {

// One PEM block, null when there is no certificate in it.
tls::Ptr<X509> certificate_in(std::string_view kind, const unsigned char* data, long size) {
  if (kind == PEM_STRING_X509_TRUSTED) return tls::Ptr<X509>(d2i_X509_AUX(nullptr, &data, size));
  return tls::Ptr<X509>(d2i_X509(nullptr, &data, size));
}

bool names_certificate(std::string_view kind) {
  return kind == PEM_STRING_X509 || kind == PEM_STRING_X509_OLD || kind == PEM_STRING_X509_TRUSTED;
}

// Reads every block; a broken one is noted and the next is tried. Each round consumes at least a line of the input.
void read_pem(const std::string& path, const std::string& content, AnchorFiles& files) {
  const tls::Ptr<BIO> bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  for (int block = 1; !BIO_eof(bio.get()); ++block) {
    char *kind = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    ERR_clear_error();
    const bool framed = PEM_read_bio(bio.get(), &kind, &header, &data, &size) == 1;
    if (!framed && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) break;
    tls::Ptr<X509> certificate = framed && names_certificate(kind) ? certificate_in(kind, data, size) : nullptr;
    if (certificate) files.anchors.push_back(std::move(certificate));
    else if (!framed || names_certificate(kind))
      files.errors.push_back(
          {.reason = SourceReason::bad_pem, .path = path, .detail = "block " + std::to_string(block) + " cannot be read"});
    OPENSSL_free(kind);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
}

void read_der(const std::string& content, AnchorFiles& files) {
  const auto* data = reinterpret_cast<const unsigned char*>(content.data());
  const unsigned char* const end = data + content.size();
  while (data < end) {
    tls::Ptr<X509> certificate(d2i_X509(nullptr, &data, end - data));
    if (!certificate) return;
    files.anchors.push_back(std::move(certificate));
  }
}

void read_file(const std::string& path, AnchorFiles& files) {
  std::string content;
  files.paths.push_back(path);
  if (!read_content(path, content, files.errors)) return;
  const std::size_t anchors = files.anchors.size();
  const std::size_t errors = files.errors.size();
  if (content.find("-----BEGIN") != std::string::npos) read_pem(path, content, files);
  else read_der(content, files);
  if (files.anchors.size() == anchors && files.errors.size() == errors)
    files.errors.push_back(
        {.reason = SourceReason::no_certificates, .path = path, .detail = "holds no certificate, neither PEM nor DER"});
  ERR_clear_error();
}

}  // namespace

void read_anchors(const std::string& pattern, AnchorFiles& files) {
  for (const std::string& path : named_files(pattern, files.errors)) read_file(path, files);
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
