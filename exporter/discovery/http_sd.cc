// http_sd: Prometheus's list of targets as JSON from an HTTP server. https://prometheus.io/docs/prometheus/latest/http_sd
#include <chrono>

#include "exporter/discovery/candidates.h"
#include "exporter/discovery/target_groups.h"
#include "exporter/materials/server_access.h"
#include "exporter/version.h"
#include "probes/net/fetch.h"

namespace exporter::discovery {

namespace {

using probes::net::FetchFailure;
using enum SourceReason;

class HttpSd final : public Source {
 public:
  HttpSd(config::HttpSd settings, std::chrono::milliseconds interval, const Surroundings& surroundings)
      : settings_(std::move(settings)),
        interval_(std::chrono::ceil<std::chrono::seconds>(interval)),
        surroundings_(surroundings) {}

  Look look(const std::stop_token& stopping) override {
    Look look;
    look.complete = read(stopping, look.troubles);
    look.found = last_good_;
    return look;
  }

 private:
  bool read(const std::stop_token& stopping, Troubles& troubles) {
    const probes::net::FetchRequest request{
        .url = settings_.url,
        // As Prometheus says it, so that a server knows how soon to expect the next request.
        .headers = {"Accept: application/json", "User-Agent: mtls_exporter/" + std::string(version()),
                    "X-Prometheus-Refresh-Interval-Seconds: " + std::to_string(interval_.count())},
        .timeout = settings_.timeout,
        .limit = largest_list,
        .prepare_tls = tls_of(surroundings_.materials(), settings_.trust, settings_.identity)};
    const auto fetched = probes::net::fetch(request, stopping);
    if (const auto* failure = std::get_if<FetchFailure>(&fetched)) {
      troubles.add(reason_of(failure->kind), {settings_.url}, "not fetched: " + failure->why);
      return false;
    }
    const auto& answer = std::get<probes::net::Fetched>(fetched);
    if (answer.status != 200) {
      troubles.add(http_status, {settings_.url}, "answered with status " + std::to_string(answer.status));
      return false;
    }
    auto list = read_target_groups(answer.body, ListFormat::json, settings_.url, surroundings_.reserved_labels, troubles);
    if (list) last_good_ = std::move(*list);
    return list.has_value();
  }

  const config::HttpSd settings_;
  const std::chrono::seconds interval_;
  const Surroundings surroundings_;
  std::vector<Candidate> last_good_;
};

}  // namespace

std::unique_ptr<Source> http_sd(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<HttpSd>(std::get<config::HttpSd>(discovery.source), discovery.interval, surroundings);
}

}  // namespace exporter::discovery
