// What the operator wrote, as plain values: durations are std::chrono types, every name has been checked
// to exist, and every target already carries the outcome of "defaults < module < target". A Settings is
// built once by load() (load.h), is immutable afterwards and may be read from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/callers_settings.h"
#include "config/discovery_settings.h"
#include "config/links_settings.h"
#include "config/network.h"
#include "config/proxy.h"
#include "config/rotation_settings.h"
#include "config/storage_settings.h"
#include "config/vault_settings.h"

namespace config {

// Label name -> value. Names are valid Prometheus label names and none of ours; values are valid UTF-8.
using Labels = std::map<std::string, std::string>;

// How much of the estate is published; each level includes the ones before it.
enum class Detail { lean, standard, full };

// A named set of trust anchors.
struct TrustStore {
  std::string name;
  std::vector<std::string> ca_files;               // paths, directories or globs; absolute, or relative to the configuration file
  bool system = false;                             // also trust the operating system's store
  bool partial_chain = false;                      // an intermediate, or a leaf, in ca_files ends a chain as a root does
  std::vector<std::string> crl_files;              // revocation lists, as ca_files
  std::vector<std::string> passphrase_files = {};  // tried in order on every keystore among ca_files
  Labels labels;
};

// A named client identity. Exactly one of certificate_file and pkcs12_file is set.
struct Identity {
  std::string name;
  std::string certificate_file;  // PEM: the leaf, then its intermediates
  std::string key_file;          // PEM; empty: the key stands in certificate_file
  std::string key;               // a "pkcs11:" URI instead of key_file
  std::string pin_file;          // the token's PIN
  std::string pkcs12_file;
  std::string passphrase_file;  // for an encrypted key_file or for pkcs12_file
  std::string trust;            // the trust store this identity should chain to; empty: not judged
  Labels labels;
};

enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };

// How the handshake is offered. Empty strings and lists mean OpenSSL's default.
struct Tls {
  TlsVersion min_version = TlsVersion::tls1_2;
  TlsVersion max_version = TlsVersion::tls1_3;
  std::string ciphers;               // TLS 1.2 and below, OpenSSL's notation
  std::string cipher_suites;         // TLS 1.3
  std::string groups;                // "X25519:P-256"
  std::string signature_algorithms;  // "ECDSA+SHA256:RSA-PSS+SHA256": of two certificates behind a port, which one is served
  std::optional<std::vector<std::string>> alpn;  // absent: what the protocol offers; empty: nothing
  int security_level = 2;                        // 0 to 5, OpenSSL's security level
  bool send_server_name = true;                  // false: no SNI; the name is judged all the same
};

// An inclusive range of HTTP status codes: "2xx" is 200 to 299, "495" is 495 to 495.
struct StatusRange {
  int first = 0;
  int last = 0;
  bool operator==(const StatusRange&) const = default;
};

struct Http {
  std::string method = "GET";
  std::string path = "/";
  std::map<std::string, std::string> headers;
  std::vector<StatusRange> accepted_status;  // empty: any status that is not a refusal of the certificate
  std::vector<StatusRange> refused_status;   // refusals of the client certificate besides 495 and 496
};

enum class ClientAuthExpectation { required, optional, none };

// What is expected of the door: who must be let in, and who must be turned away.
struct ClientAuth {
  std::optional<ClientAuthExpectation> expect;  // absent: not judged
  std::vector<std::string> must_refuse;         // "anonymous", "rogue" or the name of an identity
  std::chrono::milliseconds every = std::chrono::minutes(15);
};

// The header that names the client's address ahead of everything else on a connection, where a server insists on it.
enum class ProxyProtocol : std::uint8_t { off, v1, v2 };

struct Findings {
  std::vector<std::string> ignore;                // words of the findings table that are not reported
  std::optional<int> certificate_threshold_days;  // published for alert rules; not judged here
  std::optional<int> maximum_validity_days;       // leaf validity above this is a finding; absent: not judged
};

// How a method of revocation counts. `require`: whatever is not good breaks what is expected.
enum class RevocationCheck { off, check, require };

// What nobody wrote is never connected to: lists are fetched where `crl` is written, and responders asked where `ocsp` is.
struct Revocation {
  RevocationCheck staple = RevocationCheck::check;  // OCSP answers that servers send in the handshake
  RevocationCheck ocsp = RevocationCheck::off;      // responders
  RevocationCheck crl = RevocationCheck::check;     // the revocation lists of the trust store
  bool fetch_lists = false;                         // and those at the certificates' distribution points
  std::string responder;                            // asked in the place of those that certificates name; empty: those
  bool nonce = false;                               // a responder is to answer anew, and is asked with POST
  std::chrono::milliseconds refresh =
      std::chrono::hours(1);  // a fetched list, and an answer without an end, are this old at most
};

// How to probe: one entry of `modules`, completed by `defaults`, and by the target's own keys when it has any.
struct Module {
  std::string name;
  std::string protocol = "auto";        // a row of the protocol table
  bool protocol_written = false;        // by any layer: then what a server's own configuration says of it does not count
  std::string trust;                    // empty: the system store
  std::vector<std::string> identities;  // empty: no client certificate is offered
  ClientAuth client_auth;
  Tls tls;
  std::shared_ptr<const Proxy> proxy;  // null: servers are reached directly
  bool all_addresses = false;          // each address of a name is watched by itself
  ProxyProtocol proxy_protocol = ProxyProtocol::off;
  std::string user;  // who we say we are where the protocol wants a name; empty: the protocol's own default
  Http http;
  Findings findings;
  Revocation revocation;
  std::chrono::milliseconds interval = std::chrono::seconds(60);
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of a whole probe; never above interval
  std::chrono::milliseconds certificate_retention = std::chrono::hours(24);
};

// One server to watch. Targets that add nothing to their module share it.
struct Target {
  std::string name;  // unique in the estate
  std::string host;  // a name or an IP literal without brackets
  std::uint16_t port = 0;
  std::string path = {};         // of a URL, with its query: what is asked for over HTTP; empty: the module's
  std::string server_name;       // SNI and the name the certificate must carry; empty: host
  std::string address = {};      // which of the addresses of a name `host` is; empty: the name was not fanned out
  std::size_t addresses = 0;     // that the name has, where it was fanned out
  bool name_judged = true;       // false: the certificate is watched, and no name is expected of it (discovery)
  std::string certificate_file;  // the file the server is meant to serve; empty: unknown
  std::optional<ProxyProtocol> proxy_protocol = {};  // absent: the module's
  Labels labels;
  std::shared_ptr<const Module> module;
  std::optional<Holder> holder = {};  // of its port, where that is one of this host
};

// The name that `target`'s certificate must carry, and that is asked for. The zone of an address ("fe80::1%eth0") is no part of
// it: RFC 4007 6: it has meaning on this machine only.
[[nodiscard]] inline std::string server_name(const Target& target) {
  const std::string& name = target.server_name.empty() ? target.host : target.server_name;
  return name.substr(0, name.find('%'));
}

// What is asked for over HTTP.
[[nodiscard]] inline const std::string& http_path(const Target& target) {
  return target.path.empty() ? target.module->http.path : target.path;
}

// What goes ahead of TLS on connections to `target`.
[[nodiscard]] inline ProxyProtocol proxy_protocol(const Target& target) {
  return target.proxy_protocol.value_or(target.module->proxy_protocol);
}

// What of a source of many certificates becomes series of its own; what is left out is counted.
struct Publishing {
  std::optional<std::chrono::milliseconds> within;  // only certificates that end within this; absent: all
  std::size_t max_series = 10000;                   // certificates at most, those that end first
  bool operator==(const Publishing&) const = default;
};

// The name of the source that reports on the targets' certificate_file; no file set is called so.
inline constexpr std::string_view served_files = "certificate_file";

// A named set of files that may hold certificates.
struct FileSet {
  std::string name;
  std::vector<std::string> paths;         // files, folders or globs with `**`; absolute, or relative to the configuration file
  std::vector<std::string> exclude = {};  // patterns of files and folders that are passed over; without a slash, of names
  std::string root = {};                  // absolute paths and links in the files lead below it; empty: /
  std::vector<std::string> passphrase_files;                     // tried in order on every keystore of the set
  std::string trust;                                             // what leaves should chain to; empty: not judged
  bool follow_symlinks = false;                                  // also out of the folder a path names
  std::chrono::milliseconds interval = std::chrono::minutes(5);  // between scans; changes are noticed sooner where inotify works
  Publishing publish;
  Labels labels;
  bool operator==(const FileSet&) const = default;
};

// What a certificate authority has issued. Exactly one of openssl_index, issued and vault_pki is set.
struct Authority {
  std::string name;
  std::string openssl_index;        // index.txt of `openssl ca` or easy-rsa
  std::vector<std::string> issued;  // files, folders or globs of issued certificates
  std::optional<VaultPki> vault_pki = {};
  // The lists that the index is compared with; empty: those of the trust stores, and of Vault its own.
  std::vector<std::string> crl_files;
  bool publish_superseded = false;  // also certificates whose subject has a later one
  bool ledger = false;              // callers are looked up in all of it
  std::chrono::milliseconds interval = std::chrono::minutes(5);
  Publishing publish = {.within = std::chrono::days(90)};
  Labels labels;
  bool operator==(const Authority&) const = default;
};

// Whom /probe may reach besides the configured targets: an open port, and an address in an open network or a name that is open.
// Where networks are given, the address that an open name leads to must be in one, too.
struct ProbeAllow {
  std::vector<Network> networks;
  std::vector<std::uint16_t> ports;
  std::vector<std::string> names;  // "web.example", "*.internal" (all names below it), "*"
};

struct WebProbe {
  ProbeAllow allow;
};

// What the endpoints may be used for.
struct Web {
  WebProbe probe;
  Links links;
};

struct Settings {
  std::map<std::string, TrustStore> trust;
  std::map<std::string, Identity> identities;
  std::map<std::string, std::shared_ptr<const Module>> modules;
  // Modules that leave their protocol open, by name, with each protocol that a URL may ask for (endpoint.h).
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const Module>> speaking;
  std::vector<std::shared_ptr<const Target>> targets;  // in the order written
  std::vector<Discovery> discovery;                    // in the order written: the first to find a target has it
  std::map<std::string, FileSet> files;
  std::map<std::string, Authority> authorities;
  std::map<std::string, Callers> callers;
  std::map<std::string, Rotation> rotations;  // their files are among `trust`
  std::set<std::string> certificate_files;    // found in servers' configurations, besides those of the targets
  Web web;
  Storage storage;
  Labels labels;  // on every series of the estate
  Detail detail = Detail::standard;
};

}  // namespace config
