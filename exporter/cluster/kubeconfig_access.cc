// What a kubeconfig says of reaching a cluster: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. Programs that
// make tokens (`exec`, `auth-provider`) are not run.
#include <openssl/err.h>
#include <openssl/pem.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "config/yaml.h"
#include "exporter/cluster/access.h"
#include "probes/inventory/yaml_pieces.h"
#include "probes/tls/secret_file.h"

namespace exporter::cluster {

using probes::inventory::text_of;
using probes::observations::SourceReason;
using probes::observations::Trouble;
using probes::tls::FileContent;
using probes::tls::Identity;
using probes::tls::Ptr;
using probes::tls::Secret;

namespace {

// One kubeconfig being read. Throws Trouble, caught below: any piece may be what is wrong.
class Kubeconfig {
 public:
  Kubeconfig(const std::string& path, const config::Node& root) : path_(path), root_(root) {}

  Access read(std::string context) const {
    if (context.empty()) context = text_of(root_, "current-context");
    if (context.empty()) wrong(SourceReason::bad_kubeconfig, "no current-context; write `context`");
    const config::Node& chosen = named("contexts", "context", context);
    const config::Node& cluster = named("clusters", "cluster", text_of(chosen, "cluster"));
    Access found{.server = text_of(cluster, "server"), .token = {}, .trust = nullptr, .identity = nullptr};
    while (found.server.ends_with('/')) found.server.pop_back();
    if (!found.server.starts_with("https://") && !found.server.starts_with("http://"))
      wrong(SourceReason::bad_kubeconfig, "a cluster without a `server` of https://");
    if (text_of(cluster, "insecure-skip-tls-verify") == "true")
      wrong(SourceReason::not_followed, "insecure-skip-tls-verify: give the cluster its CA");
    for (const char* key : {"tls-server-name", "proxy-url"})
      if (!text_of(cluster, key).empty()) wrong(SourceReason::not_followed, std::string(key) + " is not supported");
    const Secret anchors = piece(cluster, "certificate-authority");
    if (!anchors.view().empty()) {
      found.trust = trust_of_pem(anchors.view(), path_);
      if (!found.trust) wrong(SourceReason::no_certificates, "no CA certificate in certificate-authority");
    }
    if (const std::string user = text_of(chosen, "user"); !user.empty()) read_user(named("users", "user", user), found);
    return found;
  }

 private:
  [[noreturn]] void wrong(SourceReason reason, std::string what) const { throw Trouble{reason, path_, std::move(what)}; }

  // The entry `kind` of the one called `name` in `list`.
  const config::Node& named(std::string_view list, std::string_view kind, const std::string& name) const {
    if (const config::Node* all = root_.find(list))
      for (const config::Node& item : all->items())
        if (text_of(item, "name") == name)
          if (const config::Node* entry = item.find(kind)) return *entry;
    wrong(SourceReason::bad_kubeconfig, "no " + std::string(kind) + " is called `" + name + "`");
  }

  void read_user(const config::Node& user, Access& found) const {
    for (const char* key : {"exec", "auth-provider", "username"})
      if (user.find(key) != nullptr)
        wrong(SourceReason::not_followed, std::string(key) + " is not supported; use a token or a client certificate");
    found.token = text_of(user, "token");
    if (const std::string file = text_of(user, "tokenFile"); found.token.empty() && !file.empty())
      found.token = content_of(file).view();
    const Secret certificate = piece(user, "client-certificate"), key = piece(user, "client-key");
    if (certificate.view().empty()) return;
    found.identity = identity_of(certificate.view(), key.view());
  }

  probes::tls::IdentityPtr identity_of(std::string_view certificates, std::string_view key) const {
    const Ptr<BIO> bio(BIO_new_mem_buf(certificates.data(), static_cast<int>(certificates.size())));
    std::vector<Ptr<X509>> read;
    while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) read.emplace_back(one);
    const Ptr<BIO> key_bio(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
    char no_passphrase[] = "";
    const Ptr<EVP_PKEY> private_key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, no_passphrase));
    ERR_clear_error();
    std::vector<X509*> chain;
    for (const Ptr<X509>& one : read) chain.push_back(one.get());
    const auto identity = Identity::of(path_, chain, private_key.get());
    if (!identity->usable()) wrong(SourceReason::bad_pem, "the client certificate and its key cannot be used");
    return identity;
  }

  // As kubectl does: data wins over a file. Empty: neither is there.
  Secret piece(const config::Node& node, const std::string& key) const {
    if (const std::string data = text_of(node, key + "-data"); !data.empty()) {
      std::string bytes;
      if (!probes::inventory::decode_base64(data, bytes)) wrong(SourceReason::bad_kubeconfig, key + "-data is not base64");
      Secret secret(bytes.size());
      bytes.copy(secret.data(), bytes.size());
      OPENSSL_cleanse(bytes.data(), bytes.size());
      return secret;
    }
    const std::string file = text_of(node, key);
    return file.empty() ? Secret() : content_of(file);
  }

  Secret content_of(const std::string& name) const {
    const std::string path = (std::filesystem::path(path_).parent_path() / name).string();
    FileContent content = probes::tls::read_file(path, probes::tls::identity_file_limit);
    if (!content.good())
      throw Trouble{content.missing ? SourceReason::not_found : SourceReason::read_failed, path, content.trouble};
    return std::move(content.bytes);
  }

  const std::string& path_;
  const config::Node& root_;
};

}  // namespace

AccessOrTrouble read_kubeconfig_access(const std::string& path, const std::string& context) {
  const FileContent content = probes::tls::read_file(path, probes::tls::identity_file_limit);
  if (!content.good())
    return Trouble{content.missing ? SourceReason::not_found : SourceReason::read_failed, path, content.trouble};
  config::Mistakes mistakes(path);
  const auto document = config::parse_yaml(content.bytes.view(), mistakes);
  if (!document || !mistakes.empty()) return Trouble{SourceReason::bad_kubeconfig, path, mistakes.text()};
  try {
    return Kubeconfig(path, document->root()).read(context);
  } catch (Trouble& trouble) {
    return std::move(trouble);
  }
}

}  // namespace exporter::cluster
