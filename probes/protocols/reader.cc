#include "probes/protocols/reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "probes/protocols/http1.h"

namespace probes::protocols {

namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string beginning(std::string text) {
  if (text.size() > answer_text_limit) text.resize(answer_text_limit);
  return text;
}

}  // namespace

asio::awaitable<Piece> Reader::more() {
  if (read_ >= dialogue_limit) co_return Piece{.too_long = true, .text = {}};
  std::array<char, 4096> piece{};
  const net::Transfer transfer = co_await stream_.read_some(piece);
  read_ += transfer.bytes;
  buffer_.append(piece.data(), transfer.bytes);
  co_return Piece{.end = transfer.end, .text = {}};
}

Piece Reader::take(std::size_t count, std::size_t drop) {
  Piece piece{.text = buffer_.substr(0, count)};
  buffer_.erase(0, count + drop);
  return piece;
}

asio::awaitable<Piece> Reader::line() {
  for (std::size_t searched = 0;;) {
    const std::size_t found = buffer_.find('\n', searched);
    if (found != std::string::npos && found <= line_limit) {
      Piece piece = take(found, 1);
      if (!piece.text.empty() && piece.text.back() == '\r') piece.text.pop_back();
      co_return piece;
    }
    if (found != std::string::npos || buffer_.size() > line_limit) co_return Piece{.too_long = true, .text = {}};
    searched = buffer_.size();
    if (Piece end = co_await more(); !end.ok()) co_return end;
  }
}

asio::awaitable<Piece> Reader::bytes(std::size_t count) {
  if (count > dialogue_limit) co_return Piece{.too_long = true, .text = {}};
  while (buffer_.size() < count)
    if (Piece end = co_await more(); !end.ok()) co_return end;
  co_return take(count);
}

// A coroutine, so that `mark` lives as long as it is looked for.
asio::awaitable<Piece> Reader::until(std::string_view mark) { co_return co_await until_any({&mark, 1}); }

asio::awaitable<Piece> Reader::until_any(std::span<const std::string_view> marks) {
  for (;;) {
    std::size_t end = std::string::npos;
    for (const std::string_view mark : marks)
      if (const std::size_t found = buffer_.find(mark); found != std::string::npos) end = std::min(end, found + mark.size());
    if (end != std::string::npos) co_return take(end);
    if (Piece stop = co_await more(); !stop.ok()) co_return stop;
  }
}

asio::awaitable<Piece> Reader::say(std::string_view text) {
  const net::Transfer written = co_await stream_.write_all(text);
  co_return Piece{.end = written.end, .text = {}};
}

Upgrade agreed(const Reader& reader) {
  if (reader.anything_left()) return {.result = Upgrade::Result::plaintext_left, .said = "more bytes came in the clear after it"};
  return {};
}

Upgrade refused(std::string said) { return {.result = Upgrade::Result::refused, .said = beginning(std::move(said))}; }
Upgrade needs_authentication(std::string said) {
  return {.result = Upgrade::Result::needs_authentication, .said = beginning(std::move(said))};
}
Upgrade malformed(std::string said) { return {.result = Upgrade::Result::malformed, .said = beginning(std::move(said))}; }

Upgrade stopped(const Piece& piece) {
  if (piece.too_long) return malformed("more came than this dialogue can need");
  return {.result = Upgrade::Result::ended, .end = piece.end, .said = {}};
}

Answer unread(const Reader& reader, const Piece& piece) {
  return {.end = piece.end, .malformed = piece.too_long, .any = reader.anything_came(), .status = {}, .text = {}};
}

Answer nonsense(std::string said) { return {.malformed = true, .any = true, .status = {}, .text = beginning(std::move(said))}; }

Answer answered(std::string said, bool refuses) {
  return {.any = true, .status = {}, .answered = true, .refuses = refuses, .text = beginning(std::move(said))};
}

Answer unsettled(Answer answer) {
  answer.settles = false;
  return answer;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return upper(c); });
  return result;
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

bool equal_words(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char one, char other) { return upper(one) == upper(other); });
}

bool speaks_of_certificate(std::string_view text) { return upper(text).find("CERTIFICATE") != std::string::npos; }

}  // namespace probes::protocols
