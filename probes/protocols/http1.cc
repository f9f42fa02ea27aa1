#include "probes/protocols/http1.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>
#include <optional>

namespace probes::protocols {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t header_limit = 64 * 1024;

std::string request(const Question& question) {
  std::string text = question.method + " " + question.path + " HTTP/1.1\r\nHost: " + question.host + "\r\n";
  bool agent = false;
  for (const auto& [name, value] : question.headers) {
    text += name + ": " + value + "\r\n";
    agent |= name == "User-Agent" || name == "user-agent";
  }
  if (!agent) text += "User-Agent: mtls_exporter\r\n";
  return text + "Accept: */*\r\nConnection: close\r\n\r\n";
}

// The beginning of a body. However long the peer says that it is, no more is kept than what came of what is looked at.
struct Beginning {
  using value_type = std::string;
  class reader {
   public:
    template <bool request, typename Fields>
    reader(http::header<request, Fields>&, value_type& text) : text_(text) {}
    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) { error = {}; }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers); ++at) {
        const boost::asio::const_buffer bytes(*at);
        const std::size_t room = answer_text_limit - std::min(answer_text_limit, text_.size());
        text_.append(static_cast<const char*>(bytes.data()), std::min(room, bytes.size()));
      }
      return boost::asio::buffer_size(buffers);
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& text_;
  };
};

// Reads answers until the final one; interim ones (RFC 9110 15.2) are passed over.
class Reader {
 public:
  explicit Reader(bool head) : head_(head) { begin(); }

  // False when the bytes are no HTTP.
  bool feed(std::string_view bytes) {
    pending_.append(bytes);
    boost::system::error_code error;
    while (!pending_.empty() && !enough()) {
      const std::size_t used = parser_->put(boost::asio::buffer(pending_), error);
      pending_.erase(0, used);
      if (parser_->is_done() && status() < 200 && status() != 101) begin();
      if (error == http::error::need_more || (!error && used == 0)) return true;
      if (error) return false;
    }
    return true;
  }

  // The head, and as much of the body as is kept, or all there is.
  bool enough() const {
    return parser_->is_done() || (parser_->is_header_done() && (head_ || text().size() >= answer_text_limit));
  }
  bool has_head() const { return parser_->is_header_done(); }
  int status() const { return static_cast<int>(parser_->get().result_int()); }
  const std::string& text() const { return parser_->get().body(); }

 private:
  void begin() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // reading stops by itself at answer_text_limit
    parser_->eager(true);
    parser_->skip(head_);
  }

  bool head_;
  std::optional<http::response_parser<Beginning>> parser_;
  std::string pending_;
};

}  // namespace

asio::awaitable<Answer> http1(net::Stream& stream, Question question) {
  Answer answer;
  if (const auto written = co_await stream.write_all(request(question)); written.end == net::End::too_late) {
    answer.end = written.end;
    co_return answer;
  }  // a failed write is met again by the read, which may find why
  Reader reader(question.method == "HEAD");
  std::array<char, 8192> buffer{};
  while (!reader.enough()) {
    const net::Transfer transfer = co_await stream.read_some(buffer);
    answer.end = transfer.end;
    if (transfer.end != net::End::ok) break;
    answer.any = true;
    if (reader.feed({buffer.data(), transfer.bytes})) continue;
    answer.malformed = !reader.has_head();
    break;
  }
  if (reader.has_head()) {
    answer.end = net::End::ok;
    answer.status = reader.status();
    answer.text = reader.text().substr(0, answer_text_limit);
  }
  co_return answer;
}

}  // namespace probes::protocols
