// The yardstick: a client loop as anybody would write it with OpenSSL. One SSL_CTX in the default library context, the server's
// certificate accepted unverified, the identity from PEM files, no session kept, closed after the handshake. Not to be made
// faster: what the exporter's probe costs is measured against it.
//
//   plain_loop ADDRESS PORT CERTIFICATE KEY COUNT     prints milliseconds of CPU for each handshake
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

double cpu_milliseconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto milliseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
}

int connected(const char* address, int port) {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, address, &server.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (connect(socket, reinterpret_cast<sockaddr*>(&server), sizeof server) == 0) return socket;
  close(socket);
  return -1;
}

bool shake_hands(SSL_CTX* context, const char* address, int port) {
  const int socket = connected(address, port);
  if (socket < 0) return false;
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket);
  const bool done = SSL_connect(ssl) == 1;
  SSL_shutdown(ssl);
  SSL_free(ssl);
  close(socket);
  return done;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) return 2;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(context, arguments[3]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, arguments[4], SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "plain_loop: the identity cannot be read\n");
    return 1;
  }
  const int wanted = std::atoi(arguments[5]);
  int done = 0;
  const double before = cpu_milliseconds();
  for (int i = 0; i < wanted; ++i) done += shake_hands(context, arguments[1], std::atoi(arguments[2]));
  std::printf("{\"handshakes\": %d, \"failed\": %d, \"cpu_milliseconds\": %.4f}\n", done, wanted - done,
              (cpu_milliseconds() - before) / wanted);
  SSL_CTX_free(context);
  return done == wanted ? 0 : 1;
}
