#include "probes/chain/anchor_files.h"

#include <glob.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "config/regular_file.h"

namespace probes::chain {

namespace fs = std::filesystem;

namespace {

// The largest public bundles are under 1 MB; a store that names a disk image by mistake must not fill the memory.
constexpr std::size_t largest_file = 16 << 20;

SourceError unopened(const std::string& path, int code) {
  const char* reason = code == ENOENT || code == ENOTDIR ? "not_found" : code == EACCES || code == EPERM ? "permission_denied" : "read_failed";
  return {path, reason, std::strerror(code)};
}

// The content of `path`; false after noting why not.
bool read_content(const std::string& path, std::string& content, std::vector<SourceError>& errors) {
  auto result = config::read_regular_file(path, largest_file);
  if (auto* text = std::get_if<std::string>(&result)) {
    content = std::move(*text);
    return true;
  }
  const auto& trouble = std::get<config::FileTrouble>(result);
  errors.push_back(trouble.code != 0 ? unopened(path, trouble.code) : SourceError{path, "read_failed", trouble.why});
  return false;
}

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
    else if (!framed || names_certificate(kind)) files.errors.push_back({path, "bad_pem", "block " + std::to_string(block) + " cannot be read"});
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
    files.errors.push_back({path, "no_certificates", "holds no certificate, neither PEM nor DER"});
  ERR_clear_error();
}

// The files of a directory in the order of their names. OpenSSL's hash links appear as second names of the same anchors.
void read_directory(const std::string& path, AnchorFiles& files) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
    if (std::error_code ignored; entry->is_regular_file(ignored)) found.push_back(entry->path().string());
  if (error) files.errors.push_back(unopened(path, error.value()));
  else if (found.empty()) files.errors.push_back({path, "no_certificates", "the directory is empty"});
  std::sort(found.begin(), found.end());
  for (const std::string& file : found) read_file(file, files);
}

void read_path(const std::string& path, AnchorFiles& files) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) read_directory(path, files);
  else read_file(path, files);
}

}  // namespace

void read_anchors(const std::string& pattern, AnchorFiles& files) {
  if (pattern.find_first_of("*?[") == std::string::npos || fs::exists(pattern)) return read_path(pattern, files);
  glob_t found{};
  const int result = glob(pattern.c_str(), 0, nullptr, &found);
  for (std::size_t index = 0; result == 0 && index < found.gl_pathc; ++index) read_path(found.gl_pathv[index], files);
  if (result == GLOB_NOMATCH) files.errors.push_back({pattern, "not_found", "matches no file"});
  else if (result != 0) files.errors.push_back({pattern, "read_failed", "the pattern cannot be expanded"});
  globfree(&found);
}

void read_system_anchors(AnchorFiles& files) {
  const char* file = std::getenv(X509_get_default_cert_file_env());
  const char* folder = std::getenv(X509_get_default_cert_dir_env());
  if (file != nullptr) read_path(file, files);
  if (folder != nullptr) read_path(folder, files);
  if (file != nullptr || folder != nullptr) return;
  for (const char* candidate : {X509_get_default_cert_file(), "/etc/ssl/certs/ca-certificates.crt", X509_get_default_cert_dir()})
    if (std::error_code ignored; fs::exists(candidate, ignored)) return read_path(candidate, files);
  files.errors.push_back({X509_get_default_cert_file(), "not_found", "this system has no trust store"});
}

}  // namespace probes::chain
