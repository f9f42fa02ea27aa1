#include "probes/protocols/tds_wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "probes/bytes/big_endian.h"
#include "probes/protocols/tds.h"

namespace probes::protocols {

// A header, and where the bytes behind it are no packet's, its first octet is theirs.
ssize_t TdsWire::read_header() {
  while (header_read_ < header_.size()) {
    const std::size_t wanted = header_read_ == 0 ? 1 : header_.size() - header_read_;
    const ssize_t came = ::recv(socket_.descriptor(), header_.data() + header_read_, wanted, 0);
    if (came <= 0) return came;
    header_read_ += static_cast<std::size_t>(came);
    bare_ = tds::is_tls_record(header_[0]);
    if (bare_) return 1;
  }
  const std::size_t length = bytes::from_big_endian({header_.data() + 2, 2});
  // Neither is a packet that TLS could go on with.
  if (length < header_.size() || (header_[0] != tds::prelogin && header_[0] != tds::response)) {
    errno = EPROTO;
    return -1;
  }
  payload_left_ = length - header_.size();
  header_read_ = 0;
  return 1;
}

ssize_t TdsWire::receive(std::span<char> into) {
  while (!bare_ && payload_left_ == 0)
    if (const ssize_t came = read_header(); came <= 0) return came;
  if (bare_ && header_read_ > 0) {
    into[0] = header_[0];
    header_read_ = 0;
    return 1;
  }
  const std::size_t most = bare_ ? into.size() : std::min(into.size(), payload_left_);
  const ssize_t came = ::recv(socket_.descriptor(), into.data(), most, 0);
  if (came > 0 && !bare_) payload_left_ -= static_cast<std::size_t>(came);
  return came;
}

ssize_t TdsWire::flush() {
  while (!leaving_.empty()) {
    const ssize_t left = ::send(socket_.descriptor(), leaving_.data(), leaving_.size(), MSG_NOSIGNAL);
    if (left < 0) return left;
    leaving_.erase(0, static_cast<std::size_t>(left));
  }
  return 1;
}

ssize_t TdsWire::send(std::string_view bytes) {
  if (complete_ && leaving_.empty()) return ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (leaving_.empty()) leaving_ = tds::packets(tds::prelogin, bytes);
  const ssize_t flushed = flush();
  return flushed < 0 ? flushed : static_cast<ssize_t>(bytes.size());
}

}  // namespace probes::protocols
