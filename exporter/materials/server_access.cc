#include "exporter/materials/server_access.h"

#include <openssl/ssl.h>

#include <utility>

#include "probes/chain/trust_store.h"
#include "probes/tls/identity.h"
#include "probes/tls/secret_file.h"

namespace exporter {

using probes::net::FetchFailure;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

constexpr std::size_t longest_token = 64u << 10;  // a JWT with many groups is some thousand bytes

}  // namespace

bool prepare_tls(void* ssl_context, const probes::chain::TrustStore* trust, const probes::tls::Identity* identity) {
  auto* context = static_cast<SSL_CTX*>(ssl_context);
  if (trust != nullptr) SSL_CTX_set1_cert_store(context, trust->store());
  if (identity == nullptr) return true;
  if (!identity->usable()) return false;
  const auto& chain = identity->chain();
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1 || SSL_CTX_use_PrivateKey(context, identity->key()) != 1)
    return false;
  for (auto issuer = chain.begin() + 1; issuer != chain.end(); ++issuer)
    if (SSL_CTX_add1_chain_cert(context, issuer->get()) != 1) return false;
  return true;
}

std::function<bool(void*)> tls_of(MaterialsPtr materials, const std::string& trust, const std::string& identity) {
  return [materials = std::move(materials), trust, identity](void* context) {
    const auto ours = identity_named(*materials, identity);
    return prepare_tls(context, trust_named(*materials, trust).get(), ours.get());
  };
}

std::variant<std::string, Trouble> read_token(const std::string& file) {
  if (file.empty()) return std::string();
  const probes::tls::FileContent read = probes::tls::read_file(file, longest_token);
  if (!read.good()) return Trouble{read.missing ? SourceReason::not_found : SourceReason::read_failed, file, read.trouble};
  std::string token(read.bytes.view());
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) token.pop_back();
  if (token.empty()) return Trouble{SourceReason::bad_syntax, file, "there is no token in it"};
  // A line end would begin another header.
  if (token.find_first_of("\r\n") != std::string::npos)
    return Trouble{SourceReason::bad_syntax, file, "the token is more than one line"};
  return token;
}

SourceReason reason_of(FetchFailure::Kind kind) {
  switch (kind) {
    case FetchFailure::Kind::timeout: return SourceReason::timeout;
    case FetchFailure::Kind::tls: return SourceReason::tls_failed;
    case FetchFailure::Kind::too_large: return SourceReason::too_large;
    default: return SourceReason::unreachable;
  }
}

}  // namespace exporter
