// The server's side of TLS: an SSL_CTX made from the web configuration. Immutable once made, shared by connections.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/web/web_config.h"
#include "probes/tls/handles.h"

namespace exporter::web {

class TlsAcceptor {
 public:
  // Reads the certificate, key and CA files. Throws config::ConfigurationError naming the file that cannot be used. Blocking.
  explicit TlsAcceptor(const TlsServerConfig& config);
  TlsAcceptor(const TlsAcceptor&) = delete;  // the context points at allowed_sans_
  TlsAcceptor& operator=(const TlsAcceptor&) = delete;

  SSL_CTX* context() const { return context_.get(); }  // borrowed
  const std::vector<std::string>& allowed_sans() const { return allowed_sans_; }

 private:
  probes::tls::Ptr<SSL_CTX> context_;
  std::vector<std::string> allowed_sans_;
};

}  // namespace exporter::web
