// Replies of three digits and a text, as SMTP, FTP and NNTP have them: "250-first", "250 last" (RFC 5321 4.2, RFC 959 4.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>

#include "probes/protocols/reader.h"

namespace probes::protocols {

struct Reply {
  Piece piece = {};                // not ok: how the reading ended
  int code = 0;                    // 0: what came is no reply
  std::vector<std::string> lines;  // the texts behind the digits

  bool ok() const { return piece.ok() && code != 0; }
  int kind() const { return code / 100; }
  std::string said() const;  // digits and first line
};

asio::awaitable<Reply> read_reply(Reader& reader);
asio::awaitable<Reply> command(Reader& reader, std::string_view line);  // writes it with CR LF, and reads the reply

[[nodiscard]] Upgrade no_reply(const Reply& reply);                        // REQUIRES: !reply.ok()
[[nodiscard]] Answer no_answer(const Reader& reader, const Reply& reply);  // REQUIRES: !reply.ok()

}  // namespace probes::protocols
