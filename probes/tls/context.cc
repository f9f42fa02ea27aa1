#include "probes/tls/context.h"

#include <openssl/err.h>

#include <algorithm>

#include "probes/tls/session.h"

namespace probes::tls {

namespace {

// After a rotation the old identity's context is never asked for again; more than this many are not in use at once.
constexpr std::size_t contexts_limit = 1024;

int version_number(config::TlsVersion version) {
  switch (version) {
    case config::TlsVersion::tls1_0: return TLS1_VERSION;
    case config::TlsVersion::tls1_1: return TLS1_1_VERSION;
    case config::TlsVersion::tls1_2: return TLS1_2_VERSION;
    case config::TlsVersion::tls1_3: return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

std::string openssl_words() {
  std::string words;
  while (const unsigned long code = ERR_get_error())
    if (const char* text = ERR_reason_error_string(code)) words = text;
  return words.empty() ? "OpenSSL refuses it" : words;
}

// RFC 7301 3.1: each name behind a byte with its length.
std::string alpn_wire(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) continue;
    wire.push_back(static_cast<char>(protocol.size()));
    wire += protocol;
  }
  return wire;
}

std::optional<std::string> apply(SSL_CTX* context, const config::Tls& settings) {
  ERR_clear_error();
  SSL_CTX_set_security_level(context, settings.security_level);
  SSL_CTX_set_min_proto_version(context, version_number(settings.min_version));
  SSL_CTX_set_max_proto_version(context, version_number(settings.max_version));
  if (!settings.ciphers.empty() && SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) != 1)
    return "ciphers `" + settings.ciphers + "`: " + openssl_words();
  if (!settings.cipher_suites.empty() && SSL_CTX_set_ciphersuites(context, settings.cipher_suites.c_str()) != 1)
    return "cipher_suites `" + settings.cipher_suites + "`: " + openssl_words();
  if (!settings.groups.empty() && SSL_CTX_set1_groups_list(context, settings.groups.c_str()) != 1)
    return "groups `" + settings.groups + "`: " + openssl_words();
  if (!settings.signature_algorithms.empty() && SSL_CTX_set1_sigalgs_list(context, settings.signature_algorithms.c_str()) != 1)
    return "signature_algorithms `" + settings.signature_algorithms + "`: " + openssl_words();
  if (const std::string wire = alpn_wire(settings.alpn.value_or(std::vector<std::string>())); !wire.empty())
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
  return std::nullopt;
}

std::optional<std::string> present(SSL_CTX* context, const Identity& identity) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate(context, identity.chain().front().get()) != 1) return openssl_words();
  for (std::size_t i = 1; i < identity.chain().size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, identity.chain()[i].get()) != 1) return openssl_words();
  if (SSL_CTX_use_PrivateKey(context, identity.key()) != 1) return openssl_words();
  return std::nullopt;
}

}  // namespace

std::variant<Ptr<SSL_CTX>, Unfit> make_context(const config::Tls& settings, const Identity* identity) {
  Ptr<SSL_CTX> context = bare_context();
  if (!context) return Unfit{.why = openssl_words()};
  if (const auto why = apply(context.get(), settings)) return Unfit{.why = *why};
  if (identity == nullptr) return context;
  if (!identity->usable())
    return Unfit{.why = "identity `" + identity->name() + "` has no usable certificate and key", .identity = true};
  if (const auto why = present(context.get(), *identity)) {
    const std::string level = std::to_string(settings.security_level);
    return Unfit{.why = "identity `" + identity->name() + "` cannot be used at security_level " + level + ": " + *why,
                 .identity = true};
  }
  return context;
}

std::optional<std::string> unfit(const config::Tls& settings) {
  const auto made = make_context(settings, nullptr);
  if (const auto* problem = std::get_if<Unfit>(&made)) return problem->why;
  return std::nullopt;
}

namespace {

config::Tls varied(config::Tls settings, std::span<const std::string_view> usual, Contexts::Variant variant) {
  using observations::Offer;
  if (!settings.alpn) settings.alpn.emplace(usual.begin(), usual.end());
  if (variant.offer == Offer::none) settings.alpn->clear();
  if (variant.offer == Offer::h2) settings.alpn->assign({"h2"});
  if (variant.tls12) settings.max_version = std::min(settings.max_version, config::TlsVersion::tls1_2);
  return settings;
}

}  // namespace

std::variant<SSL_CTX*, Unfit> Contexts::get(const std::shared_ptr<const config::Module>& module, const IdentityPtr& identity,
                                            std::span<const std::string_view> usual, Variant variant) {
  const std::tuple key(module.get(), identity ? identity->generation() : 0, variant);
  if (const auto found = entries_.find(key); found != entries_.end()) {
    found->second.used = ++uses_;
    return found->second.context.get();
  }
  auto made = make_context(varied(module->tls, usual, variant), identity.get());
  if (auto* problem = std::get_if<Unfit>(&made)) return std::move(*problem);
  if (entries_.size() >= contexts_limit) forget_the_oldest();
  SSL_CTX* context = std::get<Ptr<SSL_CTX>>(made).get();
  // RFC 6066 8: nine bytes of the hello.
  if (module->revocation.staple != config::RevocationCheck::off) SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
  entries_.emplace(key, Entry{.module = module, .context = std::get<Ptr<SSL_CTX>>(std::move(made)), .used = ++uses_});
  return context;
}

void Contexts::forget_the_oldest() {
  const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                       [](const auto& left, const auto& right) { return left.second.used < right.second.used; });
  entries_.erase(oldest);
}

}  // namespace probes::tls
