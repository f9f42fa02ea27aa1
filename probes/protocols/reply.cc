#include "probes/protocols/reply.h"

#include <algorithm>
#include <utility>

namespace probes::protocols {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "250-text" or "250 text" or "250": its code; 0 for anything else.
int code_of(const std::string& line) {
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::string Reply::said() const { return std::to_string(code) + (lines.empty() ? "" : " " + lines.front()); }

// Lines between the first and the last need no digits (FTP); those that have them must have the same (SMTP).
asio::awaitable<Reply> read_reply(Reader& reader) {
  Reply reply;
  for (;;) {
    reply.piece = co_await reader.line();
    if (!reply.piece.ok()) co_return reply;
    const std::string& line = reply.piece.text;
    const int code = code_of(line);
    if (reply.lines.empty()) reply.code = code;
    if (reply.code == 0) co_return reply;
    reply.lines.push_back(code == reply.code ? line.substr(std::min<std::size_t>(line.size(), 4)) : line);
    const bool last = code == reply.code && (line.size() == 3 || line[3] == ' ');
    if (last) co_return reply;
  }
}

asio::awaitable<Reply> command(Reader& reader, std::string_view line) {
  const std::string whole = std::string(line) + "\r\n";
  Piece said = co_await reader.say(whole);
  if (!said.ok()) co_return Reply{.piece = std::move(said), .lines = {}};
  co_return co_await read_reply(reader);
}

Upgrade no_reply(const Reply& reply) { return reply.piece.ok() ? malformed(reply.piece.text) : stopped(reply.piece); }

Answer no_answer(const Reader& reader, const Reply& reply) {
  return reply.piece.ok() ? nonsense(reply.piece.text) : unread(reader, reply.piece);
}

}  // namespace probes::protocols
