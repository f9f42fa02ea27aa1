// The database of `openssl ca` and easy-rsa: index.txt, a line per certificate with tabs between flag, notAfter, revocation,
// serial, file and subject. Its flag E is set by hand (`openssl ca -updatedb`), so expiry goes by the clock; R stands whatever
// else is true. The lines are in the order of issue, which tells a renewal from what it replaced: the file has no notBefore. A
// line that is none is a trouble and the others are kept.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "probes/inventory/issued.h"
#include "probes/observations/authority.h"
#include "probes/revocation/lists.h"

namespace probes::inventory {

inline constexpr std::size_t index_limit = std::size_t{1} << 30;  // bytes; a million certificates take a tenth of it
inline constexpr std::size_t index_line_limit = 64 * 1024;        // bytes; a subject is at most a few hundred
inline constexpr std::size_t troubles_limit = 1000;               // bad lines told one by one; the last stands for the rest

// One line, borrowing from the text.
struct IndexRow {
  std::string_view serial;   // hexadecimal, as written
  std::string_view subject;  // as written: /C=SE/O=hej och h\xC3\xA5/CN=client
  std::chrono::sys_seconds not_after{};
  Standing standing = Standing::good;
};

struct IndexRows {
  std::vector<IndexRow> rows;
  std::vector<observations::Trouble> troubles;
  std::uint64_t bad = 0;  // lines that are none
};

// Reads `text`, the content of `path`. Never throws on any input. Pure; any thread.
[[nodiscard]] IndexRows parse_index(std::string_view text, const std::string& path);

// The lists that an index is compared with.
struct PublishedLists {
  std::vector<revocation::NamedList> lists;
  bool of_this_authority = false;  // they were named for it; else those of its issuer are looked for among them
};

// Reads and judges the file settings.openssl_index as of `now`, and compares what it says is revoked with `published`. Blocking;
// never on a probe's thread. Never throws: trouble is in the result.
[[nodiscard]] observations::IssuedCertificates read_openssl_index(const config::Authority& settings, std::chrono::sys_seconds now,
                                                                  const PublishedLists& published = {});

}  // namespace probes::inventory
