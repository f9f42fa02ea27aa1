// What lies in a source of certificates at rest: a set of files, a keystore, an authority's database. Readers never fail: what
// they could read is an entry, what they could not is a trouble beside it, so that one bad file never hides its neighbours. No
// private key is ever part of it. Text is hostile: nothing here has been cleaned for any output.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/chain.h"
#include "probes/observations/finding.h"
#include "probes/observations/location.h"

namespace probes::observations {

// Why a source, or a file of it, could not be read in part or whole: the values of the label `reason`.
enum class SourceReason : std::uint8_t {
  not_found,
  permission_denied,
  read_failed,
  irregular_file,        // a FIFO, a device, a socket, a file of /proc or /sys
  too_large,             // above the cap on a file's size, a certificate's, or on entries
  too_deep,              // folders nested beyond the cap
  out_of_scope_symlink,  // leads out of the folder that was named
  symlink_loop,
  changed_while_read,
  bad_pem,
  bad_der,
  bad_pkcs12,
  bad_pkcs7,
  bad_jks,
  bad_kubeconfig,
  bad_manifest,
  bad_index,
  bad_crl,
  bad_passphrase,      // none that was given opens it
  unsupported_format,  // recognised, and not readable here: BKS
  no_certificates,
  // Discovery: lists of targets.
  bad_syntax,    // not the format it should be; the last good list stays
  bad_target,    // one entry that cannot be a target
  bad_label,     // a label that our own metrics have; the target stays without it
  not_followed,  // configuration of a server that cannot be followed here: a variable, a kind of listener
  unknown_module,
  unknown_identity,
  unreachable,  // no connection to the server of a list
  timeout,
  tls_failed,
  http_status,  // any but 200; redirects are not followed
  name_not_found,
  resolve_failed,
  // What is asked over HTTP of revocation.
  bad_ocsp,          // no OCSP answer, one that cannot be used, or a responder's refusal
  redirect_refused,  // to another host, or one too many
  address_refused,   // link-local, a metadata service: never connected to
};

[[nodiscard]] std::string_view word(SourceReason reason);
[[nodiscard]] std::span<const SourceReason> all_source_reasons();

struct Trouble {
  SourceReason reason = SourceReason::read_failed;
  std::string path;
  std::string detail;      // for people; never a secret
  std::uint32_t line = 0;  // in the file, from 1; 0: the whole of it
  bool operator==(const Trouble&) const = default;
};

// Null: there are none.
using ProblemsPtr = std::shared_ptr<const std::vector<Problem>>;

struct StoredCertificate {
  Location place;
  CertificatePtr certificate;
  ChainJudgementPtr chain;     // of leaves that were judged against a trust store
  ProblemsPtr problems;        // of all others: the certificate's own
  std::uint32_t position = 0;  // in the file, or in the chain of its entry
  // It is there to vouch for others, and stands for nobody: a CA that is no server's own certificate. Absent: not examined, and
  // every CA is taken for one.
  std::optional<bool> vouches = {};
};

[[nodiscard]] inline bool vouches(const StoredCertificate& stored) {
  return stored.vouches.value_or(stored.certificate->authority());
}

// A certificate revocation list.
struct RevocationList {
  std::string path;
  std::string issuer;  // RFC 2253
  std::string number;  // decimal; empty: carries none
  std::chrono::sys_seconds this_update{};
  std::optional<std::chrono::sys_seconds> next_update;
  std::uint64_t revoked = 0;    // entries
  std::string part;             // which part of its issuer's certificates it is for, opaque; empty: all of them
  bool delta = false;           // it says what has changed since another list
  std::optional<bool> genuine;  // the issuer's signature verifies; absent: the issuer is not known
};

struct Inventory {
  std::vector<StoredCertificate> certificates;
  std::vector<RevocationList> revocation_lists;
  std::vector<Trouble> troubles;
};

}  // namespace probes::observations
