#include "exporter/telemetry/telemetry.h"

#include <CivetServer.h>
#include <arpa/inet.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <string_view>
#include <vector>

#include "exporter/telemetry/summary.h"
#include "exporter/web/listeners.h"

namespace exporter::telemetry {

namespace {

class Collected : public prometheus::Collectable {
 public:
  Collected(const Estate& estate, const metrics::OwnMetrics& own, std::function<WallTime()> now)
      : estate_(estate), own_(own), now_(std::move(now)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> all = own_.collect();
    for (prometheus::MetricFamily& family : summary(estate_, now_())) all.push_back(std::move(family));
    return all;
  }

 private:
  const Estate& estate_;
  const metrics::OwnMetrics& own_;
  const std::function<WallTime()> now_;
};

bool is_ipv6(const std::string& host) {
  in6_addr ignored;
  return inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool is_ipv4(const std::string& host) {
  in_addr ignored;
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

// What civetweb would pass over in silence, or end on, is said here.
std::string host_of(const config::Address& address) {
  const std::string flag = "--web.telemetry-listen-address: ";
  if (address.host.empty()) return "127.0.0.1";
  if (is_ipv4(address.host)) return address.host;
  if (!is_ipv6(address.host))
    throw web::ListenError(flag + "`" + address.host + "` is no address; write one like 127.0.0.1:10220");
  if (mg_check_feature(MG_FEATURES_IPV6) == 0)
    throw web::ListenError(flag + "this civetweb (" + mg_version() + ") has no IPv6: write an IPv4 address");
  return "[" + address.host + "]";
}

constexpr std::string_view path = "/metrics";

// civetweb takes a path for the beginning of others: whatever is not just ours is answered before its handlers are asked.
int refuse_other_paths(mg_connection* connection) {
  constexpr int go_on = 0, not_found = 404;
  const char* asked = mg_get_request_info(connection)->local_uri;
  if (asked != nullptr && asked == path) return go_on;
  mg_send_http_error(connection, not_found, "%s", "Only /metrics is here.");
  return not_found;
}

CivetCallbacks callbacks() {
  CivetCallbacks made;
  made.begin_request = refuse_other_paths;
  return made;
}

std::vector<std::string> options(const std::string& listening) {
  return {"listening_ports",
          listening,
          "num_threads",
          std::to_string(threads),
          "request_timeout_ms",
          std::to_string(request_timeout_ms),
          "enable_keep_alive",
          "no",
          "enable_directory_listing",
          "no",
          "access_control_allow_origin",
          "",
          "access_control_allow_methods",
          "",
          "access_control_allow_headers",
          ""};
}

}  // namespace

bool is_loopback(const config::Address& address) {
  return address.host.empty() || address.host == "::1" || (is_ipv4(address.host) && address.host.starts_with("127."));
}

struct Telemetry::Parts {
  std::shared_ptr<Collected> collected;
  std::unique_ptr<prometheus::Exposer> exposer;  // ends first: it asks the other
};

Telemetry::Telemetry(const config::Address& address, const Estate& estate, const metrics::OwnMetrics& own,
                     std::function<WallTime()> now)
    : parts_(std::make_unique<Parts>()) {
  const std::string host = host_of(address);
  const std::string listening = host + ":" + std::to_string(address.port);
  parts_->collected = std::make_shared<Collected>(estate, own, std::move(now));
  try {
    const CivetCallbacks ours = callbacks();  // copied
    parts_->exposer = std::make_unique<prometheus::Exposer>(options(listening), &ours);
  } catch (const std::exception&) {  // says no more than that it could not
    throw web::ListenError("cannot listen on \"" + listening +
                           "\" for telemetry: the address is taken, or is none of this machine");
  }
  parts_->exposer->RegisterCollectable(parts_->collected, std::string(path));
  address_ = host + ":" + std::to_string(parts_->exposer->GetListeningPorts().at(0));
}

Telemetry::~Telemetry() = default;

}  // namespace exporter::telemetry
