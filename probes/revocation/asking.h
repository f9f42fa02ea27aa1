// One attempt to have a list from its URL, or an answer from a responder. Blocking; never on a probe's thread. Bounded in time
// and size, redirects go to the same host alone, and no address is connected to that config/closed.h closes. Whatever comes of it
// is a value.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "probes/observations/inventory.h"
#include "probes/revocation/list.h"
#include "probes/revocation/remote.h"
#include "probes/tls/handles.h"

namespace probes::revocation {

inline constexpr std::size_t largest_list = 64u << 20;  // bytes: a million entries take some 40 MB
inline constexpr int most_redirects = 3;

// What of the answer before lets a server say that nothing has changed.
struct Validators {
  std::string etag, last_modified;  // as the server wrote them; empty: it did not
};

struct Attempt {
  std::optional<observations::Trouble> trouble;   // absent: it succeeded
  bool host_fails = false;                        // with this trouble everything of that host fails
  ListPtr list;                                   // of a list's URL; null: unchanged
  std::shared_ptr<const std::string> body;        // that list as it came, in DER or PEM
  Validators validators;                          // of the list
  std::shared_ptr<const std::string> answer;      // of a responder
  std::optional<std::chrono::sys_seconds> until;  // when what was told must have been replaced
};

// What a list's URL has answered: DER, or PEM. Null: it is no list.
[[nodiscard]] ListPtr read_list(std::string_view body);

[[nodiscard]] Attempt fetch_list(const std::string& url, const Validators& known, std::chrono::milliseconds timeout,
                                 const std::stop_token& stopping);

// What a responder is asked about; keeps shares.
struct Asked {
  std::string url;
  tls::Ptr<X509> certificate, issuer;
  bool nonce = false;
};

// `at`: the time that the answer must hold at. That it does not know the certificate holds until somebody asks again.
[[nodiscard]] Attempt ask_responder(const Asked& asked, std::chrono::milliseconds timeout, std::chrono::sys_seconds at,
                                    const std::stop_token& stopping);

}  // namespace probes::revocation
