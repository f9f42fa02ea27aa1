#include "exporter/web/listeners.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace exporter::web {
namespace {

constexpr int backlog = 1024;  // connections the kernel holds for us during a pause; capped by net.core.somaxconn

struct HostAndPort {
  std::string host;  // empty: every address
  std::string port;
};

[[noreturn]] void fail(const std::string& address, const std::string& why) {
  throw ListenError("cannot listen on \"" + address + "\": " + why);
}

bool is_port(const std::string& text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos &&
         std::stoi(text) <= 65535;
}

HostAndPort split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) fail(address, "a port is missing; write \":10219\", \"127.0.0.1:10219\" or \"[::1]:10219\"");
  HostAndPort parts{address.substr(0, colon), address.substr(colon + 1)};
  if (!is_port(parts.port)) fail(address, "the port must be a number from 0 to 65535");
  const bool bracketed = parts.host.size() >= 2 && parts.host.front() == '[' && parts.host.back() == ']';
  if (bracketed) parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (!bracketed && parts.host.find_first_of(":[]") != std::string::npos)
    fail(address, "an IPv6 address is written in brackets, as in \"[::1]:10219\"");
  if (parts.host == "::") parts.host.clear();
  return parts;
}

std::string reason(int error) { return std::generic_category().message(error); }

// Binds one address; the descriptor is -1 and errno set when that fails.
Descriptor bound(const addrinfo& at, bool dual_stack) {
  Descriptor socket(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return {};
  const int on = 1;
  const int only = dual_stack ? 0 : 1;
  setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ai_family == AF_INET6) setsockopt(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (::bind(socket.number(), at.ai_addr, at.ai_addrlen) != 0 || ::listen(socket.number(), backlog) != 0) {
    const int error = errno;
    socket = Descriptor();
    errno = error;
    return {};
  }
  return socket;
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses resolved(const std::string& address, const char* host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host, port.c_str(), &hints, &found); error != 0) fail(address, gai_strerror(error));
  return {found, freeaddrinfo};
}

Listener listener(Descriptor socket) {
  std::string address = local_address(socket.number());
  return {.descriptor = std::move(socket), .address = std::move(address)};
}

// One socket for everything; IPv4 alone where IPv6 is absent.
Listener any_address(const std::string& address, const std::string& port) {
  int error = EADDRNOTAVAIL;
  for (const char* host : {"::", "0.0.0.0"}) {
    Descriptor socket = bound(*resolved(address, host, port), true);
    if (socket.number() >= 0) return listener(std::move(socket));
    error = errno;
    if (error != EAFNOSUPPORT && error != EADDRNOTAVAIL) break;
  }
  fail(address, reason(error));
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::vector<Listener> listen_on(const std::string& address) {
  const auto [host, port] = split(address);
  std::vector<Listener> listeners;
  if (host.empty()) {
    listeners.push_back(any_address(address, port));
    return listeners;
  }
  int error = 0;
  const Addresses addresses = resolved(address, host.c_str(), port);
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
    Descriptor socket = bound(*at, false);
    if (socket.number() < 0) error = errno;
    else listeners.push_back(listener(std::move(socket)));
  }
  // A name whose IPv6 address does not exist on this machine still listens on its IPv4 one; a port in use is an error.
  if (listeners.empty() || error == EADDRINUSE || error == EACCES) fail(address, reason(error));
  return listeners;
}

std::vector<Listener> systemd_listeners() {
  const int count = sd_listen_fds(1);
  if (count < 0) throw ListenError("cannot take systemd's sockets: " + reason(-count));
  if (count == 0) throw ListenError("systemd passed no sockets to this process: is it started by its .socket unit?");
  std::vector<Listener> listeners;
  for (int number = SD_LISTEN_FDS_START; number < SD_LISTEN_FDS_START + count; ++number) {
    if (sd_is_socket(number, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
      throw ListenError("systemd passed a socket that is not a listening stream socket: the .socket unit needs ListenStream=");
    fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
    listeners.push_back(listener(Descriptor(number)));
  }
  return listeners;
}

std::string local_address(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return "unknown";
  if (storage.ss_family == AF_UNIX) return std::string("unix:") + reinterpret_cast<const sockaddr_un*>(&storage)->sun_path;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  const bool brackets = storage.ss_family == AF_INET6;
  return (brackets ? "[" : "") + std::string(host) + (brackets ? "]:" : ":") + port;
}

}  // namespace exporter::web
