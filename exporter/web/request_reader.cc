#include "exporter/web/request_reader.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace exporter::web {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

// Text of a head: visible characters, space, tab, and bytes above 0x7f, which RFC 9110 5.5 calls obs-text.
bool is_text(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

std::string lower(beast::string_view text) {
  std::string out(text.data(), text.size());
  for (char& character : out)
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  return out;
}

struct Refused {
  int status = 0;
  const char* why = "";
};

// "HTTP/2.0", at the end of a request line: a version, but none of ours.
bool names_another_version(std::string_view line) {
  if (line.size() < 9) return false;
  const std::string_view version = line.substr(line.size() - 9);
  const auto digit = [&](std::size_t at) { return version[at] >= '0' && version[at] <= '9'; };
  return version.starts_with(" HTTP/") && digit(6) && version[7] == '.' && digit(8) && version.substr(6) != "1.0" &&
         version.substr(6) != "1.1";
}

Refused why_refused(const beast::error_code& error, std::string_view head) {
  if (error == http::error::bad_version && names_another_version(head.substr(0, head.find('\r'))))
    return {505, "HTTP version not supported"};
  if (error == http::error::body_limit) return {413, "Body too large"};
  if (error == http::error::header_limit) return {431, "Request headers too large"};
  return {400, "Malformed request"};
}

// RFC 9112 6.1 and 6.3: framing that two readers could see differently is an attack until proven otherwise.
Refused check_framing(const http::request<http::empty_body>& message) {
  const auto lengths = message.count(http::field::content_length);
  const auto codings = message.count(http::field::transfer_encoding);
  if (lengths + codings > 1) return {400, "Ambiguous message length"};
  const auto length = message[http::field::content_length];  // RFC 9110 8.6 lets a reader take "1, 1"; not every reader does
  if (lengths == 1 && length.find_first_not_of("0123456789") != beast::string_view::npos)
    return {400, "Malformed Content-Length"};
  if (codings == 1 && message.version() < 11) return {400, "Transfer-Encoding in HTTP/1.0"};
  if (codings == 1 && !beast::iequals(message[http::field::transfer_encoding], "chunked"))
    return {501, "Unknown transfer coding"};
  if (codings == 1) return {411, "A body needs Content-Length"};
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return {400, "Exactly one Host is required"};
  if (message.count(http::field::expect) != 0) return {417, "Expectations are not met here"};
  return {};
}

void copy_headers(const http::request<http::empty_body>& message, Request& request) {
  for (const auto& field : message) {
    std::string value(field.value().data(), field.value().size());
    const auto [at, fresh] = request.headers.try_emplace(lower(field.name_string()), value);
    if (!fresh) at->second += ", " + value;
  }
}

}  // namespace

RequestReader::State RequestReader::take(std::string_view bytes) {
  if (state_ == State::more && !head_done_) bytes.remove_prefix(take_head(bytes));
  if (state_ == State::more && head_done_) take_body(bytes);
  return state_;
}

// Scans as bytes come, so that an irregular request is refused at once instead of at the deadline. Returns the bytes used.
std::size_t RequestReader::take_head(std::string_view bytes) {
  for (std::size_t used = 0; used < bytes.size(); ++used) {
    const char byte = bytes[used];
    const bool after_return = !head_.empty() && head_.back() == '\r';
    if (after_return != (byte == '\n')) return refuse(400, "Bare CR or LF"), used;
    if (byte != '\n' && byte != '\r' && !is_text(byte)) return refuse(400, "Control character in the head"), used;
    const bool first_of_line = head_.size() == line_start_;
    if (first_of_line && (byte == ' ' || byte == '\t')) return refuse(400, "Folded header"), used;
    head_ += byte;
    if (lines_ == 0 && head_.size() > limits_.target_bytes) return refuse(414, "Request target too long"), used;
    if (head_.size() > limits_.head_bytes || lines_ > limits_.headers + 1) return refuse(431, "Request headers too large"), used;
    if (byte != '\n') continue;
    const bool empty_line = head_.size() - line_start_ == 2;
    line_start_ = head_.size();
    ++lines_;
    if (!empty_line) continue;
    head_done_ = true;
    parse_head();
    return used + 1;
  }
  return bytes.size();
}

void RequestReader::parse_head() {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
  parser.body_limit(limits_.body_bytes);
  beast::error_code error;
  parser.put(boost::asio::buffer(head_), error);
  if (error && error != http::error::need_more) {
    const Refused refused = why_refused(error, head_);
    return refuse(refused.status, refused.why);
  }
  if (!parser.is_header_done()) return refuse(400, "Malformed request");
  const auto& message = parser.get();
  if (const Refused refused = check_framing(message); refused.status != 0) return refuse(refused.status, refused.why);
  request_.method = std::string(message.method_string().data(), message.method_string().size());
  request_.http_1_0 = message.version() < 11;
  if (!split_target({message.target().data(), message.target().size()}, request_)) return refuse(400, "Malformed request target");
  copy_headers(message, request_);
  body_left_ = static_cast<std::size_t>(parser.content_length().value_or(0));  // at most body_bytes, or put() had failed
  if (body_left_ == 0) state_ = State::complete;
}

void RequestReader::take_body(std::string_view bytes) {
  const std::string_view ours = bytes.substr(0, body_left_);
  request_.body.append(ours);
  body_left_ -= ours.size();
  if (body_left_ == 0) state_ = State::complete;
}

void RequestReader::refuse(int status, const char* why) {
  state_ = State::refused;
  refusal_ = Response{.status = status, .body = std::string(why) + ".\n"};
}

}  // namespace exporter::web
