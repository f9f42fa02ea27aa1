#include "exporter/callers/syslog_receiver.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "exporter/callers/call.h"

namespace exporter::callers {

using config::SyslogSocket;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

constexpr int waiting_connections = 64;
constexpr int receive_buffer = 4 << 20;  // bytes; the kernel gives what net.core.rmem_max allows

bool is_stream(SyslogSocket::Kind kind) { return kind == SyslogSocket::Kind::unix_stream || kind == SyslogSocket::Kind::tcp; }
bool is_unix(SyslogSocket::Kind kind) {
  return kind == SyslogSocket::Kind::unix_stream || kind == SyslogSocket::Kind::unix_datagram;
}

struct Name {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Name name_of(const SyslogSocket& socket) {
  Name name;
  if (is_unix(socket.kind)) {
    auto& address = reinterpret_cast<sockaddr_un&>(name.storage);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.path.data(), std::min(socket.path.size(), sizeof address.sun_path - 1));
    name.size = sizeof(sockaddr_un);
    return name;
  }
  auto& four = reinterpret_cast<sockaddr_in&>(name.storage);
  auto& six = reinterpret_cast<sockaddr_in6&>(name.storage);
  if (inet_pton(AF_INET, socket.host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(socket.port);
    name.size = sizeof four;
  } else if (inet_pton(AF_INET6, socket.host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(socket.port);
    name.size = sizeof six;
  }
  return name;
}

// A socket's file outlives its process. Nobody answers at one that is left over.
void remove_left_over(const SyslogSocket& socket, const Name& name) {
  struct stat status {};
  if (lstat(socket.path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const int probe = ::socket(AF_UNIX, (is_stream(socket.kind) ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return;
  const bool answers = connect(probe, name.address(), name.size) == 0 || errno != ECONNREFUSED;
  ::close(probe);
  if (!answers) unlink(socket.path.c_str());
}

// Who may write to it; what went wrong, or nothing.
std::string give_to_writers(const config::Callers& door) {
  if (chmod(door.syslog.path.c_str(), static_cast<mode_t>(door.socket_mode)) != 0)
    return std::string("its mode cannot be set: ") + std::strerror(errno);
  if (door.socket_group.empty()) return {};
  group entry{};
  group* found = nullptr;
  std::vector<char> memory(16 * 1024);
  if (getgrnam_r(door.socket_group.c_str(), &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return "there is no group " + door.socket_group;
  if (chown(door.syslog.path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
    return "it cannot be given to the group " + door.socket_group + ": " + std::strerror(errno);
  return {};
}

std::string place_of(const SyslogSocket& socket) {
  return socket.path.empty() ? socket.host + ":" + std::to_string(socket.port) : socket.path;
}

Trouble trouble_of(const SyslogSocket& socket, int code) {
  const bool forbidden = code == EACCES || code == EPERM;
  const bool missing = code == ENOENT || code == ENOTDIR;
  return {.reason = forbidden ? SourceReason::permission_denied
                    : missing ? SourceReason::not_found
                              : SourceReason::read_failed,
          .path = place_of(socket),
          .detail = std::string("cannot listen: ") + std::strerror(code)};
}

}  // namespace

std::variant<std::unique_ptr<SyslogReceiver>, Trouble> SyslogReceiver::open(const config::Callers& door) {
  const SyslogSocket& settings = door.syslog;
  const Name name = name_of(settings);
  const bool stream = is_stream(settings.kind);
  const int descriptor = ::socket(name.storage.ss_family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return trouble_of(settings, errno);
  std::unique_ptr<SyslogReceiver> receiver(new SyslogReceiver(descriptor, settings));
  const int on = 1;
  if (settings.kind == SyslogSocket::Kind::tcp) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!stream) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (is_unix(settings.kind)) remove_left_over(settings, name);
  if (bind(descriptor, name.address(), name.size) != 0 || (stream && listen(descriptor, waiting_connections) != 0)) {
    const int code = errno;
    return trouble_of(settings, code);
  }
  if (!is_unix(settings.kind)) return receiver;
  if (std::string wrong = give_to_writers(door); !wrong.empty())
    return Trouble{.reason = SourceReason::permission_denied, .path = settings.path, .detail = std::move(wrong)};
  return receiver;
}

SyslogReceiver::SyslogReceiver(int descriptor, const SyslogSocket& settings)
    : descriptor_(descriptor), settings_(settings), buffer_(line_limit + 1024, '\0') {}

// The file of a Unix socket stays: the next run replaces it, and until then servers meet a refusal rather than a missing file.
SyslogReceiver::~SyslogReceiver() {
  for (const auto& [connection, frames] : connections_) ::close(connection);
  ::close(descriptor_);
}

void SyslogReceiver::wait_for(std::vector<pollfd>& descriptors) const {
  descriptors.push_back({.fd = descriptor_, .events = POLLIN, .revents = 0});
  for (const auto& [connection, frames] : connections_) descriptors.push_back({.fd = connection, .events = POLLIN, .revents = 0});
}

bool SyslogReceiver::receive(std::size_t messages, const Frames::Take& take) {
  if (!is_stream(settings_.kind)) return receive_datagrams(messages, take);
  accept();
  return receive_streams(messages, take);
}

// One datagram is one line, or several with line feeds between them.
bool SyslogReceiver::receive_datagrams(std::size_t messages, const Frames::Take& take) {
  Frames frames;
  for (; messages > 0; --messages) {
    const ssize_t size = recv(descriptor_, buffer_.data(), buffer_.size(), MSG_TRUNC);
    if (size < 0) return false;
    if (static_cast<std::size_t>(size) > line_limit) {
      ++too_long_;
      continue;
    }
    frames.feed({buffer_.data(), static_cast<std::size_t>(size)}, take);
    frames.feed("\n", take);
  }
  return true;
}

void SyslogReceiver::accept() {
  for (std::size_t tries = 0; tries < connections_limit; ++tries) {
    const int connection = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return;
    if (connections_.size() >= connections_limit) ::close(connection);
    else connections_.emplace(connection, Frames(Frames::Counting::allowed));
  }
}

bool SyslogReceiver::receive_streams(std::size_t messages, const Frames::Take& take) {
  constexpr std::size_t message = 512;  // bytes, about
  bool more = false;
  const std::size_t share =
      std::max<std::size_t>(1, messages * message / buffer_.size() / std::max<std::size_t>(1, connections_.size()));
  for (auto at = connections_.begin(); at != connections_.end();) {
    auto& [connection, frames] = *at;
    ssize_t size = 1;
    for (std::size_t reads = 0; reads < share && size > 0 && !frames.broken(); ++reads) {
      size = recv(connection, buffer_.data(), buffer_.size(), 0);
      if (size > 0) frames.feed({buffer_.data(), static_cast<std::size_t>(size)}, take);
    }
    const bool waits = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    too_long_ += frames.take_too_long();
    if (size > 0 && !frames.broken()) more = true;
    if ((size > 0 || waits) && !frames.broken()) {
      ++at;
      continue;
    }
    if (size == 0) frames.feed("\n", take);  // the last line needs no end
    ::close(connection);
    at = connections_.erase(at);
  }
  return more;
}

std::uint64_t SyslogReceiver::take_too_long() { return std::exchange(too_long_, 0); }

std::uint16_t SyslogReceiver::port() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  return 0;
}

}  // namespace exporter::callers
