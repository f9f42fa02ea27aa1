// One probe in the words of the blackbox_exporter: its names, labels and meanings (prober/{tcp,http,tls,utils}.go), from what we
// saw. What it measures and we do not, the length and transfer of bodies, is left out.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

#include "config/address.h"
#include "config/network.h"
#include "exporter/metrics/family.h"
#include "exporter/metrics/go_name.h"
#include "exporter/web/tls_words.h"

namespace exporter::metrics {

using namespace probes::observations;

namespace {

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

double timestamp(std::chrono::sys_seconds at) { return static_cast<double>(at.time_since_epoch().count()); }

// Where the probe went; absent when it went nowhere.
std::optional<config::AddressBytes> address(const Handshake& seen) {
  const auto endpoint = config::parse_address(seen.endpoint);
  const auto* where = std::get_if<config::Address>(&endpoint);
  if (where == nullptr) return {};
  const auto network = config::parse_network(where->host.substr(0, where->host.find('%')));
  const auto* literal = std::get_if<config::Network>(&network);
  return literal == nullptr ? std::nullopt : std::optional(literal->first);
}

// FNV-1a of 32 bits over the 4 or 16 bytes of the address, as Go's hash/fnv has it.
std::uint32_t address_hash(const config::AddressBytes& address) {
  std::uint32_t hash = 2166136261;
  const std::span<const std::uint8_t> all(address);
  for (const std::uint8_t byte : config::is_ipv4(address) ? all.subspan(12) : all) hash = (hash ^ byte) * 16777619;
  return hash;
}

// "TLSv1.3" is "TLS 1.3" there, "TLSv1" is "TLS 1.0".
std::string version_words(const std::string& version) {
  constexpr std::string_view prefix = "TLSv";
  if (!version.starts_with(prefix)) return version;
  const std::string number = version.substr(prefix.size());
  return "TLS " + number + (number.find('.') == std::string::npos ? ".0" : "");
}

// Go has the IANA's names of cipher suites, as the web configuration does.
std::string_view cipher_words(const std::string& openssl_name) {
  for (const auto& [word, name] : web::cipher_words())
    if (name == openssl_name) return word;
  return openssl_name;
}

std::string dns_names(const Certificate& certificate) {
  std::string joined;
  for (const auto& name : certificate.subject_alternative_names())
    if (name.kind == SubjectAlternativeName::Kind::dns) joined.append(joined.empty() ? "" : ",").append(name.value);
  return joined;
}

bool asks_http(const BlackboxRow& row) { return row.module->protocol == "https"; }

// Absent phases are those it never came to; it shows all of them as soon as it knows where to go.
void add_phases(const BlackboxRow& row, Samples& out) {
  const Phases& phases = row.seen->phases;
  out.add(seconds(phases.resolve), {"resolve"});
  if (row.seen->endpoint.empty()) return;
  out.add(seconds(phases.connect + phases.proxy), {"connect"});
  out.add(seconds(phases.handshake), {"tls"});
  out.add(seconds(phases.verdict), {"processing"});
}

constexpr Family table[] = {
    {.name = "probe_success",
     .help = "1 when everything expected of the target held, else 0: mtls_probe_success.",
     .samples = [](const BlackboxRow& row, Samples& out) { out.add(row.success); }},
    {.name = "probe_duration_seconds",
     .help = "How long the probe took.",
     .samples = [](const BlackboxRow& row, Samples& out) { out.add(seconds(row.seen->duration)); }},
    {.name = "probe_dns_lookup_time_seconds",
     .help = "How long resolving the name took.",
     .samples = [](const BlackboxRow& row, Samples& out) { out.add(seconds(row.seen->phases.resolve)); }},
    {.name = "probe_ip_protocol",
     .help = "4 or 6; 0 when no address was found.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           const auto where = address(*row.seen);
           out.add(!where ? 0 : config::is_ipv4(*where) ? 4 : 6);
         }},
    {.name = "probe_ip_addr_hash",
     .help = "Changes with the address the probe went to; 0 when no address was found.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           const auto where = address(*row.seen);
           out.add(where ? address_hash(*where) : 0);
         }},
    {.name = "probe_failed_due_to_regex",
     .help = "0: nothing is matched with regular expressions here.",
     .samples = [](const BlackboxRow&, Samples& out) { out.add(0); }},
    {.name = "probe_ssl_earliest_cert_expiry",
     .help = "The earliest notAfter among the certificates the server sent; absent where one cannot be read.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           const auto& sent = row.seen->certificates;
           if (sent.empty()) return;
           Date first = sent.front()->not_after();
           for (const CertificatePtr& certificate : sent) first = earlier(first, certificate->not_after());
           if (first) out.add(timestamp(*first));
         }},
    {.name = "probe_ssl_last_chain_expiry_timestamp_seconds",
     .help = "The earliest notAfter on the trusted path that lasts longest; absent without one.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (row.seen->chain && row.seen->chain->expiry) out.add(timestamp(*row.seen->chain->expiry));
         }},
    {.name = "probe_ssl_last_chain_info",
     .more = {"fingerprint_sha256", "subject", "issuer", "subjectalternative", "serialnumber"},
     .help = "1: what the server's leaf says.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (row.seen->certificates.empty()) return;
           const Certificate& leaf = *row.seen->certificates.front();
           out.add(1,
                   {leaf.fingerprint_sha256(), go_name(leaf.subject()), go_name(leaf.issuer()), dns_names(leaf), leaf.serial()});
         }},
    {.name = "probe_tls_version_info",
     .more = {"version"},
     .help = "1: the TLS version negotiated.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (const auto& was = row.seen->negotiated) out.add(1, {version_words(was->version)});
         }},
    {.name = "probe_tls_cipher_info",
     .more = {"cipher"},
     .help = "1: the cipher suite negotiated.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (const auto& was = row.seen->negotiated) out.add(1, {cipher_words(was->cipher)});
         }},
    {.name = "probe_http_status_code",
     .help = "With protocol https: the status of the answer; 0 without one.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (asks_http(row)) out.add(row.seen->application_status.value_or(0));
         }},
    {.name = "probe_http_ssl",
     .help = "With protocol https: 1 when an answer came, else 0.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (asks_http(row)) out.add(row.seen->application_status.has_value());
         }},
    {.name = "probe_http_version",
     .help = "With protocol https: 2 when ALPN chose h2, else 1.1; 0 without an answer.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (!asks_http(row)) return;
           const bool h2 = row.seen->negotiated && row.seen->negotiated->alpn == "h2";
           out.add(!row.seen->application_status ? 0.0 : h2 ? 2.0 : 1.1);
         }},
    {.name = "probe_http_redirects",
     .help = "With protocol https: 0, redirects are not followed.",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (asks_http(row)) out.add(0);
         }},
    {.name = "probe_http_duration_seconds",
     .more = {"phase"},
     .help = "With protocol https, by phase: resolve, connect, tls, processing (from the request to the answer's head).",
     .samples =
         [](const BlackboxRow& row, Samples& out) {
           if (asks_http(row)) add_phases(row, out);
         }},
};

}  // namespace

std::span<const Family> blackbox_families() { return table; }

}  // namespace exporter::metrics
