// Which names lead to which certificate of a listener, and which of them is to be asked for: one target for each name that a
// client would use. Of a wildcard that is a name it covers and that leads nowhere else; whether the certificate must carry it is
// judged only where that is certain. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

// A name as a configuration or a certificate has it, and what to ask for.
struct AskedName {
  std::string written;   // "*.shop.example"
  std::string asked;     // "wildcard.shop.example"
  bool judged = true;    // the certificate must carry `asked`
  bool made_up = false;  // nobody has written `asked`
  bool operator==(const AskedName&) const = default;
};

// "*.x.example" or "www.x.*".
[[nodiscard]] bool is_wildcard(std::string_view name);

// Whether a client that asks for `name` accepts the certificate: RFC 6125, the wildcard is the whole left-most label; the common
// name counts where there is no DNS name.
[[nodiscard]] bool carries(const Leaf& leaf, std::string_view name);

// Names that lead elsewhere, or are asked for already.
using Claimed = std::function<bool(const std::string& name)>;

// What to ask for so that `written` leads there. `leaf`: the
// certificate, where it could be read. Nothing: there is no such name (an IP address, "_", a pattern of another kind), or it is
// claimed.
[[nodiscard]] std::optional<AskedName> name_to_ask(const std::string& written, const std::optional<Leaf>& leaf,
                                                   const Claimed& claimed);

}  // namespace exporter::discovery
