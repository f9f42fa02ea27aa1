#include "tests/support/name_server.h"

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>
#include <atomic>
#include <mutex>
#include <thread>

namespace tests::support {

namespace {

// RFC 1035 4.1: a header of 12 bytes, then the question: labels, type, class.
constexpr std::size_t header = 12;

// RDLENGTH's last byte and RDATA of the address number `index` of a name.
std::string rdata(const std::string& label, int index, const std::string& own) {
  const std::string metadata("\xa9\xfe\xa9\xfe", 4);
  if (label == "metadata") return "\4" + metadata;
  if (label == "mapped") return "\x10" + std::string(10, '\0') + "\xff\xff" + metadata;
  if (label == "who" || label == "set") return "\4" + own;
  return std::string("\4\x7f\0\0", 4) + static_cast<char>(index + 1);
}

// `own`: the four bytes of the server's address.
// `set`: the last octets of the addresses of "set.x" in 127.0.0.0/24; absent: the name does not exist.
std::string answer_to(const std::string& query, const std::string& own, const std::optional<std::string>& set) {
  if (query.size() < header + 6) return {};
  const auto label_size = static_cast<unsigned char>(query[header]);
  const std::string label = query.substr(header + 1, label_size);
  if (label == "silent") return {};
  std::size_t end = header;
  while (end < query.size() && query[end] != 0) end += 1u + static_cast<unsigned char>(query[end]);
  const std::size_t question_end = end + 5;
  if (question_end > query.size()) return {};
  const bool wants_a = query[end + 2] == 1;
  const bool wants_aaaa = query[end + 2] == 28;
  const bool inner =
      query.substr(header + 1 + label_size, end + 1 - header - 1 - label_size) == std::string("\4corp\7example\0", 14);
  const bool single = wants_a ? label == "a" || label == "metadata" || label == "who" || (label == "inner" && inner)
                              : wants_aaaa && label == "mapped";
  const int count = single                             ? 1
                    : wants_a && label == "many"       ? 28
                    : wants_a && label == "set" && set ? static_cast<int>(set->size())
                                                       : 0;
  const int code = label == "missing" || (label == "set" && !set) || (label == "inner" && !inner) ? 3 : label == "broken" ? 2 : 0;
  std::string answer = query.substr(0, 2) + std::string("\x81", 1) + static_cast<char>(0x80 | code) + std::string("\0\1\0", 3) +
                       static_cast<char>(count) + std::string(4, '\0') + query.substr(header, question_end - header);
  for (int i = 0; i < count; ++i)
    answer += std::string("\xc0\x0c\0", 3) + query[end + 2] + std::string("\0\1\0\0\0\x3c\0", 7) +
              rdata(label, i, label == "set" ? std::string("\x7f\0\0", 3) + (*set)[static_cast<std::size_t>(i)] : own);
  return answer;
}

}  // namespace

struct NameServer::State {
  asio::io_context loop;
  asio::ip::udp::socket socket;
  std::atomic<bool> silent = false;
  asio::ip::udp::endpoint sender;
  std::array<char, 4096> buffer{};
  std::thread thread;
  std::string own;
  std::mutex mutex;  // guards set
  std::optional<std::string> set;

  State(const asio::ip::address_v4& ip, std::uint16_t port) : socket(loop, {ip, port}) {
    for (const unsigned char byte : ip.to_bytes()) own += static_cast<char>(byte);
  }

  void receive() {
    socket.async_receive_from(asio::buffer(buffer), sender, [this](const asio::error_code& error, std::size_t size) {
      if (error) return;
      std::unique_lock lock(mutex);
      const auto now = set;
      lock.unlock();
      if (const std::string answer = answer_to({buffer.data(), size}, own, now); !answer.empty() && !silent) {
        asio::error_code ignored;
        socket.send_to(asio::buffer(answer), sender, 0, ignored);
      }
      receive();
    });
  }
};

NameServer::NameServer(std::uint16_t port, const std::string& ip)
    : state_(std::make_unique<State>(asio::ip::make_address_v4(ip), port)) {
  state_->receive();
  state_->thread = std::thread([this] { state_->loop.run(); });
}

NameServer::~NameServer() {
  state_->loop.stop();
  state_->thread.join();
}

std::string NameServer::address() const {
  return state_->socket.local_endpoint().address().to_string() + ":" + std::to_string(port());
}

std::uint16_t NameServer::port() const { return state_->socket.local_endpoint().port(); }

void NameServer::set(std::optional<std::string> last_octets) {
  const std::lock_guard lock(state_->mutex);
  state_->set = std::move(last_octets);
}

void NameServer::keep_silent(bool silent) { state_->silent = silent; }

}  // namespace tests::support
