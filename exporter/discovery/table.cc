#include <condition_variable>
#include <mutex>

#include "exporter/discovery/source.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;

const std::vector<SourceReason> of_files = {not_found, permission_denied, read_failed, irregular_file,
                                            too_large, bad_syntax,        bad_target};

std::vector<SourceReason> and_of_files(std::vector<SourceReason> more) {
  more.insert(more.begin(), of_files.begin(), of_files.end());
  return more;
}

}  // namespace

std::span<const SourceRow> sources() {
  static const std::vector<SourceRow> table = {
      {"file_sd", "Prometheus's target files, JSON or YAML, named by globs; a changed file is read at once.", Effort::files,
       &file_sd, and_of_files({bad_label, unknown_module, unknown_identity})},
      {"http_sd",
       "The same list as JSON over HTTP or HTTPS, with a trust store and an identity of its own; redirects are not followed.",
       Effort::question,
       &http_sd,
       {too_large, bad_syntax, bad_target, bad_label, unknown_module, unknown_identity, unreachable, timeout, tls_failed,
        http_status}},
      {"dns",
       "A, AAAA or SRV records; a name server that never answers delays only the names that need it.",
       Effort::question,
       &dns,
       {bad_target, timeout, name_not_found, resolve_failed}},
      {"sweep",
       "Address ranges and ports, at a bounded rate: what answers TLS is a target, under the first name its certificate carries.",
       Effort::sweep,
       &sweep,
       {read_failed, too_large}},
      {"nginx",
       "The TLS ports of nginx's configuration, with its includes: each name that a client would use, its certificate file, "
       "whether "
       "clients must have a certificate.",
       Effort::files, &nginx, and_of_files({not_followed})},
      {"haproxy",
       "The same of haproxy's configuration, with its folders, lists and stores of certificates and the environment of its "
       "service.",
       Effort::files, &haproxy, and_of_files({not_followed, no_certificates})},
      {"kubernetes",
       "A cluster, by its API: the hosts of Ingresses with TLS, and Services that ask for it by an annotation, whole or pod by "
       "pod; changes are seen at once. Certificates in its Secrets, ConfigMaps and webhooks are watched as files are.",
       Effort::question,
       &kubernetes,
       {not_found, permission_denied, read_failed, too_large, bad_pem, bad_kubeconfig, no_certificates, bad_syntax, bad_target,
        not_followed, unknown_module, unreachable, timeout, tls_failed, http_status}},
      {"listeners",
       "The TCP ports that listen on this host, but for our own: what speaks TLS is a target, with the process, unit and user "
       "that "
       "hold the port.",
       Effort::sweep,
       &listeners,
       {read_failed, too_large}},
      {"consul",
       "The instances of the services in a Consul's catalog, whatever their health; changes are seen at once. What Meta says of "
       "module, port and server name is followed.",
       Effort::question,
       &consul,
       {not_found, permission_denied, read_failed, too_large, bad_syntax, bad_target, unknown_module, unreachable, timeout,
        tls_failed, http_status}},
  };
  return table;
}

const SourceRow& row_of(const config::DiscoverySource& settings) { return sources()[settings.index()]; }

void Source::rest(const std::stop_token& stopping, std::chrono::milliseconds interval) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stopping, interval, [] { return false; });
}

}  // namespace exporter::discovery
