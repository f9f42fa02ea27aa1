#include "probes/protocols/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include "probes/protocols/http1.h"

namespace probes::protocols {

namespace {

// nghttp2's view of the one exchange.
struct Exchange {
  Answer answer;
  std::optional<int> announced;  // the status of a block of fields that has not ended
  bool finished = false;         // the stream was closed, or enough of it was read
  std::string body = {};         // of the request
  std::size_t sent = 0;          // ... of which so much has gone
};

struct Release {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};
using SessionPtr = std::unique_ptr<nghttp2_session, Release>;

int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
              std::size_t value_size, std::uint8_t, void* user) {
  const std::string_view field(reinterpret_cast<const char*>(name), name_size);
  if (field != ":status") return 0;
  const auto* text = reinterpret_cast<const char*>(value);
  int status = 0;
  if (std::from_chars(text, text + value_size, status).ec == std::errc{} && status >= 200)
    static_cast<Exchange*>(user)->announced = status;
  return 0;
}

// A block of fields that never ends (CONTINUATION without end) is no answer.
int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (frame->hd.type == NGHTTP2_HEADERS && exchange.announced) exchange.answer.status = exchange.announced;
  exchange.answer.refused_stream |= frame->hd.type == NGHTTP2_RST_STREAM;
  return 0;
}

int on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t room = answer_text_limit - std::min(answer_text_limit, exchange.answer.text.size());
  exchange.answer.text.append(reinterpret_cast<const char*>(data), std::min(size, room));
  exchange.finished |= exchange.answer.text.size() >= answer_text_limit;
  return 0;
}

int on_close(nghttp2_session*, std::int32_t, std::uint32_t, void* user) {
  static_cast<Exchange*>(user)->finished = true;
  return 0;
}

SessionPtr make_session(Exchange& exchange) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  const std::unique_ptr<nghttp2_session_callbacks, Release> owner(callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new(&session, callbacks, &exchange);
  return SessionPtr(session);
}

nghttp2_nv field(const std::string& name, const std::string& value) {
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t room, std::uint32_t* flags,
                  nghttp2_data_source*, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t size = std::min(room, exchange.body.size() - exchange.sent);
  std::memcpy(into, exchange.body.data() + exchange.sent, size);
  exchange.sent += size;
  if (exchange.sent == exchange.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

void submit(nghttp2_session* session, const Question& question) {
  // RFC 9113 8.2: field names are lower case; 8.3.1: the pseudo-header fields come first.
  std::vector<std::pair<std::string, std::string>> lines = {{":method", question.method},
                                                            {":scheme", "https"},
                                                            {":authority", question.host},
                                                            {":path", question.path},
                                                            {"user-agent", "mtls_exporter"}};
  for (const auto& [name, value] : question.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c); });
    if (lower == "user-agent") lines[4].second = value;
    else if (lower != "host" && lower != "connection") lines.emplace_back(lower, value);
  }
  std::vector<nghttp2_nv> fields;
  for (const auto& [name, value] : lines) fields.push_back(field(name, value));
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  const nghttp2_data_provider body{.source = {}, .read_callback = read_body};
  nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), question.body.empty() ? nullptr : &body, nullptr);
}

// Everything nghttp2 wants to send now.
std::string outgoing(nghttp2_session* session) {
  std::string bytes;
  const std::uint8_t* data = nullptr;
  while (true) {
    const auto size = nghttp2_session_mem_send(session, &data);
    if (size <= 0) return bytes;
    bytes.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  }
}

}  // namespace

asio::awaitable<Answer> http2(net::Stream& stream, Question question) {
  Exchange exchange;
  exchange.body = question.body;
  const SessionPtr session = make_session(exchange);
  submit(session.get(), question);
  std::array<char, 16384> buffer{};
  while (!exchange.finished) {
    if (const std::string bytes = outgoing(session.get()); !bytes.empty())
      if (const auto written = co_await stream.write_all(bytes); written.end == net::End::too_late)
        exchange.answer.end = written.end;
    if (exchange.answer.end == net::End::too_late) break;
    // nghttp2 has given up on what came: its goodbye is on the way.
    if (exchange.answer.malformed || nghttp2_session_want_read(session.get()) == 0) break;
    const net::Transfer transfer = co_await stream.read_some(buffer);
    exchange.answer.end = transfer.end;
    if (transfer.end != net::End::ok) break;
    exchange.answer.any = true;
    const auto used =
        nghttp2_session_mem_recv(session.get(), reinterpret_cast<const std::uint8_t*>(buffer.data()), transfer.bytes);
    exchange.answer.malformed = used < 0;
  }
  if (exchange.answer.status) exchange.answer.end = net::End::ok;
  else if (exchange.answer.end == net::End::ok) exchange.answer.malformed = !exchange.answer.refused_stream;
  co_return std::move(exchange.answer);
}

}  // namespace probes::protocols
