// What a certificate authority has issued, as its database or the certificates themselves tell. A state is what alerts ask for:
// a certificate that was revoked, or renewed under the same name, must wake nobody when it ends. Text is hostile: nothing here
// has been cleaned for any output.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observations/certificate.h"
#include "probes/observations/inventory.h"

namespace probes::observations {

// The values of the label `state`. The first that holds, read from the end: an expired certificate that was revoked is revoked.
enum class IssuedState : std::uint8_t {
  valid,
  expired,     // by the clock, whatever the database says
  unreadable,  // its end cannot be read: neither of the two
  superseded,  // its subject has a later certificate in good standing
  held,        // revoked for the time being: certificateHold
  revoked,
};
inline constexpr std::size_t issued_states = 6;

[[nodiscard]] std::string_view word(IssuedState state);
[[nodiscard]] std::span<const IssuedState> all_issued_states();

struct IssuedCertificate {
  CertificatePtr certificate;
  bool listed_only = false;  // from a list that gives serial, subject and notAfter: the rest of the certificate is empty
  IssuedState state = IssuedState::valid;
};

// What one of an authority's database and its published lists says is revoked, and the other does not know.
struct PublishedRevocations {
  std::uint64_t only_in_database = 0;  // revoked there, not expired, and in no list: nobody who checks lists knows of it
  std::uint64_t only_in_lists = 0;     // in a list, and not revoked in the database
  std::vector<std::string> unlisted;   // serials of the first, hexadecimal as the database has them; the first few
  std::vector<std::string> lists;      // the files or URLs that were compared
};

class IssuedLedger;  // issued_ledger.h

// What one issuer has issued that is valid: neither expired, nor revoked, held or superseded.
struct ValidIssued {
  std::string issuer;                      // its name; empty: not known
  std::string key_identifier = {};         // of its key, lower-case hexadecimal; empty: not named
  std::uint64_t certificates = 0;          // valid ones
  Date first_end = {};                     // of them
  std::vector<CertificatePtr> named = {};  // those of them that end first, at most named_limit
};
inline constexpr std::size_t named_limit = 1000;  // for people; a database may hold a million

struct IssuedCertificates {
  std::array<std::uint64_t, issued_states> counts{};  // by IssuedState
  std::vector<IssuedCertificate> published;           // those that end first, by their end
  std::uint64_t left_out = 0;                         // would have been published, were it not for the limit
  std::vector<Trouble> troubles;
  std::optional<PublishedRevocations> published_revocations;  // absent: no list of the authority is known
  std::vector<ValidIssued> valid = {};                        // by issuer
  std::shared_ptr<const IssuedLedger> ledger = {};            // where single certificates are looked up; else null
  bool readable = true;                                       // false: nothing is known, and the troubles say why
};

}  // namespace probes::observations
