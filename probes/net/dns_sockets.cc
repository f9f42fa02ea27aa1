#include "probes/net/dns_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "probes/net/connect_failure.h"

namespace probes::net {

using observations::Reason;
using observations::Stage;

namespace {

int close_socket(ares_socket_t socket, void*) { return ::close(socket); }

int connect_socket(ares_socket_t socket, const sockaddr* address, ares_socklen_t size, void*) {
  return ::connect(socket, address, size);
}

ares_ssize_t receive(ares_socket_t socket, void* data, std::size_t size, int flags, sockaddr* from, ares_socklen_t* from_size,
                     void*) {
  return ::recvfrom(socket, data, size, flags, from, from_size);
}

ares_ssize_t send(ares_socket_t socket, const iovec* pieces, int count, void*) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

}  // namespace

// All or none: c-ares 1.18 calls them without looking.
void DnsSockets::serve(ares_channel channel) {
  static const ares_socket_functions functions{
      .asocket = &DnsSockets::open, .aclose = &close_socket, .aconnect = &connect_socket, .arecvfrom = &receive, .asendv = &send};
  ares_set_socket_functions(channel, &functions, this);
}

// As c-ares opens its own. It leaves alone what others have opened.
ares_socket_t DnsSockets::open(int family, int type, int protocol, void* self) {
  const int descriptor = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  const int error = errno;
  if (descriptor < 0) {
    if (exhausted(std::error_code(error, std::generic_category())))
      static_cast<DnsSockets*>(self)->lacking_ = Moment::clock::now();
    errno = error;
    return ARES_SOCKET_BAD;
  }
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

observations::Failure no_socket_for_look_up() {
  return {.stage = Stage::internal, .reason = Reason::internal, .alert = {}, .detail = "no socket to ask the name server with"};
}

}  // namespace probes::net
