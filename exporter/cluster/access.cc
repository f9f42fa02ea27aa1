#include "exporter/cluster/access.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdlib>

#include "exporter/materials/server_access.h"
#include "exporter/version.h"
#include "probes/tls/secret_file.h"

namespace exporter::cluster {

using probes::chain::TrustStore;
using probes::observations::SourceReason;
using probes::observations::Trouble;
using probes::tls::FileContent;
using probes::tls::Ptr;

namespace {

Trouble unreadable(const std::string& path, const FileContent& content) {
  return {content.missing ? SourceReason::not_found : SourceReason::read_failed, path, content.trouble};
}

AccessOrTrouble in_pod(const Pod& pod) {
  if (pod.host.empty() || pod.port.empty())
    return Trouble{SourceReason::not_found, "KUBERNETES_SERVICE_HOST",
                   "this is no pod of a cluster; write `kubeconfig` or `url`"};
  const bool v6 = pod.host.find(':') != std::string::npos;
  Access found{.server = "https://" + (v6 ? "[" + pod.host + "]" : pod.host) + ":" + pod.port,
               .token = {},
               .trust = nullptr,
               .identity = nullptr};
  const std::string token = pod.folder + "/token", anchors = pod.folder + "/ca.crt";
  const FileContent read = probes::tls::read_file(token, 64 << 10);
  if (!read.good()) return unreadable(token, read);
  found.token = read.bytes.view();
  const FileContent pem = probes::tls::read_file(anchors, 1 << 20);
  if (!pem.good()) return unreadable(anchors, pem);
  found.trust = trust_of_pem(pem.bytes.view(), anchors);
  if (!found.trust) return Trouble{SourceReason::no_certificates, anchors, "no CA certificate in it"};
  return found;
}

AccessOrTrouble of_url(const config::Kubernetes& settings, const std::function<MaterialsPtr()>& materials) {
  const MaterialsPtr current = materials();
  Access found{.server = settings.url, .token = {}, .trust = trust_named(*current, settings.trust), .identity = nullptr};
  if (!settings.identity.empty()) found.identity = identity_named(*current, settings.identity);
  if (settings.token_file.empty()) return found;
  const FileContent read = probes::tls::read_file(settings.token_file, 64 << 10);
  if (!read.good()) return unreadable(settings.token_file, read);
  found.token = read.bytes.view();
  return found;
}

}  // namespace

Pod this_pod() {
  const auto said = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  return {said("KUBERNETES_SERVICE_HOST"), said("KUBERNETES_SERVICE_PORT"), "/var/run/secrets/kubernetes.io/serviceaccount"};
}

AccessOrTrouble access(const config::Kubernetes& settings, const std::function<MaterialsPtr()>& materials, const Pod& pod) {
  AccessOrTrouble found = !settings.kubeconfig.empty() ? read_kubeconfig_access(settings.kubeconfig, settings.context)
                          : !settings.url.empty()      ? of_url(settings, materials)
                                                       : in_pod(pod);
  auto* access = std::get_if<Access>(&found);
  if (access == nullptr) return found;
  while (!access->token.empty() && (access->token.back() == '\n' || access->token.back() == '\r')) access->token.pop_back();
  // A line end would begin another header.
  if (access->token.find_first_of("\r\n") != std::string::npos)
    return Trouble{SourceReason::bad_syntax, access->server, "the token is more than one line"};
  if (!access->token.empty() && !access->server.starts_with("https://"))
    return Trouble{SourceReason::tls_failed, access->server, "a token is sent over https:// only"};
  return found;
}

probes::net::FetchRequest request_of(const Access& access, const std::string& path_and_query) {
  probes::net::FetchRequest request{
      .url = access.server + path_and_query,
      .headers = {"Accept: application/json", "User-Agent: mtls_exporter/" + std::string(version())}};
  if (!access.token.empty()) request.headers.push_back("Authorization: Bearer " + access.token);
  request.prepare_tls = [access](void* context) { return prepare_tls(context, access.trust.get(), access.identity.get()); };
  return request;
}

probes::chain::TrustStorePtr trust_of_pem(std::string_view pem, const std::string& name) {
  const Ptr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Ptr<X509>> read;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) read.emplace_back(certificate);
  ERR_clear_error();
  std::vector<X509*> anchors;
  for (const Ptr<X509>& one : read) anchors.push_back(one.get());
  return anchors.empty() ? nullptr : TrustStore::of(name, anchors, true);
}

}  // namespace exporter::cluster
