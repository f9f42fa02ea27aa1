// For LD_PRELOAD: writes every connect(2) that a program attempts to the file that CONNECT_LOG names, one line each, "stream
// ADDRESS PORT", before it is attempted. What is not in that file was never tried.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

void record(int socket, const char* address, unsigned port) {
  const char* path = std::getenv("CONNECT_LOG");
  if (path == nullptr) std::abort();  // a recorder that records nothing would prove nothing
  int type = 0;
  socklen_t type_size = sizeof type;
  getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &type_size);
  char line[INET6_ADDRSTRLEN + 32];
  const int size = std::snprintf(line, sizeof line, "%s %s %u\n", type == SOCK_STREAM ? "stream" : "datagram", address, port);
  const int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || write(file, line, static_cast<std::size_t>(size)) != size) std::abort();
  close(file);
}

}  // namespace

extern "C" int connect(int socket, const sockaddr* to, socklen_t size) {
  char address[INET6_ADDRSTRLEN] = "";
  if (to->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(to);
    record(socket, inet_ntop(AF_INET, &v4->sin_addr, address, sizeof address), ntohs(v4->sin_port));
  } else if (to->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(to);
    record(socket, inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof address), ntohs(v6->sin6_port));
  }
  using Connect = int (*)(int, const sockaddr*, socklen_t);
  static const auto real = reinterpret_cast<Connect>(dlsym(RTLD_NEXT, "connect"));
  return real(socket, to, size);
}
