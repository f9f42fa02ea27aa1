// The way in: public sockets that answer HTTP by themselves.
//
// Why no web server library here (the telemetry port has one, exporter/telemetry/): the exporter answers a handful of paths, and
// has to own its sockets anyway, for TLS with a reloadable configuration, dual stack, systemd sockets and deadlines. Debian 12's
// civetweb can do none of these (its TLS jumps to address 0 under OpenSSL 3, it knows no IPv6, and two idle connections stall a
// scrape), so it would have to stand behind a front that parses the request first; once parsed, the shortest way is to answer
// it. The grammar of HTTP is Boost.Beast's, applied to bytes in memory (request_reader.h); exactly one request is read per
// connection, which leaves nothing to smuggle a second one into.
//
// One thread owns all public sockets and never renders; handlers run on a small pool of their own, never on a probe's
// thread. Every connection is a coroutine with one deadline for whatever it is doing; when the place is full, the
// connection that has said nothing longest makes room (connections.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "exporter/heartbeat.h"
#include "exporter/web/listeners.h"
#include "exporter/web/request_reader.h"
#include "exporter/web/router.h"

namespace exporter::web {

struct ServerLimits {
  RequestLimits request;
  std::size_t connections = 1000;                     // each holds a file descriptor, and up to 50 KiB while it speaks TLS
  std::chrono::milliseconds request_time{10'000};     // from the accept to the request's last byte, TLS handshake included
  std::chrono::milliseconds answer_time{120'000};     // a handler's, /probe with its scrape timeout included; then 503
  std::chrono::milliseconds sending_time{30'000};     // a response's, first byte to last
  std::chrono::milliseconds farewell_time{2'000};     // to let the peer read the response and close
  std::chrono::milliseconds web_config_check{1'000};  // how often the files of the web configuration are looked at
  std::size_t handler_threads = 2;                    // a scrape and something else
  std::size_t passwords_waiting = 16;                 // to be hashed, one at a time; more are answered 503
};

struct ServerOptions {
  std::vector<std::string> listen_addresses;  // as listen_on() takes them
  bool systemd_sockets = false;               // take systemd's sockets instead
  std::string web_config_file;                // TLS, basic auth and headers; empty: plain HTTP
  ServerLimits limits;
};

class Server {
 public:
  Server(ServerOptions options, std::vector<Route> routes);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Reads the web configuration, opens the sockets and begins to answer. Throws ListenError or config::ConfigurationError. Call
  // once. Ignores SIGPIPE for the whole process: OpenSSL writes with write(2).
  void start();

  // Where it listens, in the order of the options: "[::]:10219". REQUIRES: started.
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }

  // Whether the thread of the sockets has turned since the last call. One thread at a time. REQUIRES: started.
  [[nodiscard]] bool turns();

  // Closes everything, after waiting for handlers that are running. Not from a handler. Harmless when repeated.
  void stop();

 private:
  Heartbeat heartbeat_;
  std::shared_ptr<struct ServerState> server_;
  ServerOptions options_;
  std::vector<std::string> addresses_;
  std::thread thread_;
};

}  // namespace exporter::web
