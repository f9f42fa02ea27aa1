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

ares_ssize_t receive(ares_socket_t socket, void* data, std::size_t size, int flags, sockaddr* from, ares_socklen_t* from_size,
                     void*) {
  return ::recvfrom(socket, data, size, flags, from, from_size);
}

#if ARES_VERSION >= 0x012200  // 1.34: the older interface is deprecated

int connect_socket(ares_socket_t socket, const sockaddr* address, ares_socklen_t size, unsigned int, void*) {
  return ::connect(socket, address, size);
}

ares_ssize_t send(ares_socket_t socket, const void* data, std::size_t size, int flags, const sockaddr* to, ares_socklen_t to_size,
                  void*) {
  return ::sendto(socket, data, size, flags | MSG_NOSIGNAL, to, to_size);
}

// c-ares asks for buffer sizes and the like only where somebody configured them, and takes this for "not here".
int set_option(ares_socket_t, ares_socket_opt_t, const void*, ares_socklen_t, void*) {
  errno = ENOSYS;
  return -1;
}

#else

int connect_socket(ares_socket_t socket, const sockaddr* address, ares_socklen_t size, void*) {
  return ::connect(socket, address, size);
}

ares_ssize_t send(ares_socket_t socket, const iovec* pieces, int count, void*) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

#endif

}  // namespace

void DnsSockets::serve(ares_channel channel) {
#if ARES_VERSION >= 0x012200
  static const ares_socket_functions_ex functions{.version = 1,
                                                  .flags = 0,
                                                  .asocket = &DnsSockets::open,
                                                  .aclose = &close_socket,
                                                  .asetsockopt = &set_option,
                                                  .aconnect = &connect_socket,
                                                  .arecvfrom = &receive,
                                                  .asendto = &send,
                                                  .agetsockname = nullptr,
                                                  .abind = nullptr,
                                                  .aif_nametoindex = nullptr,
                                                  .aif_indextoname = nullptr};
  ares_set_socket_functions_ex(channel, &functions, this);
#else
  // All or none: c-ares 1.18 calls them without looking.
  static const ares_socket_functions functions{
      .asocket = &DnsSockets::open, .aclose = &close_socket, .aconnect = &connect_socket, .arecvfrom = &receive, .asendv = &send};
  ares_set_socket_functions(channel, &functions, this);
#endif
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
