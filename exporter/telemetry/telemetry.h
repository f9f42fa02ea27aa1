// --web.telemetry-listen-address: the exporter's own registry and the estate's summary, served by prometheus-cpp's Exposer on
// civetweb, the libraries' own way. Plain HTTP, one path, no document root, no CGI, no CORS, no forms. The public front is ours,
// for the reasons in exporter/web/server.h. The only user of civetweb.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/address.h"
#include "exporter/estate/estate.h"
#include "exporter/metrics/own.h"

namespace exporter::telemetry {

inline constexpr int threads = 16;
// Of each thread: an idle client holds one for so long, and waits for the next in line.
inline constexpr int request_timeout_ms = 500;

[[nodiscard]] bool is_loopback(const config::Address& address);  // an empty host is

class Telemetry {
 public:
  // Answers GET /metrics from now on, on threads of its own; an empty host is 127.0.0.1, port 0 a free port. Throws
  // web::ListenError. What is handed in outlives this.
  Telemetry(const config::Address& address, const Estate& estate, const metrics::OwnMetrics& own, std::function<WallTime()> now);
  ~Telemetry();  // ends its connections
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }  // where it listens: "127.0.0.1:10220"

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace exporter::telemetry
