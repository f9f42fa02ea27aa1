// consul: instances of the services in a Consul's catalog. What there is is asked for service by service; then one request waits
// at the catalog until something in it changes, or for the interval.
#include <algorithm>
#include <map>
#include <set>

#include "exporter/cluster/following.h"
#include "exporter/discovery/consul_answers.h"
#include "exporter/materials/server_access.h"
#include "exporter/version.h"
#include "probes/net/fetch.h"

namespace exporter::discovery {

namespace {

using cluster::percent_encoded;
using probes::net::Fetched;
using probes::net::FetchFailure;
using namespace std::chrono_literals;
using enum SourceReason;

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_answer = 64u << 20;
constexpr std::size_t most_services = 5'000;
constexpr std::chrono::seconds longest_wait = 10min;  // Consul's own limit
constexpr std::chrono::milliseconds first_pause = 1s, longest_pause = 60s;
constexpr int most_wrong = 3;      // services in a look, before the server is left alone
constexpr int rest_per_look = 10;  // a catalog in which something changes all the time is asked a tenth of the time at most

class Consul final : public Source {
 public:
  Consul(config::Consul settings, const Surroundings& surroundings)
      : settings_(std::move(settings)), surroundings_(surroundings) {}

  Look look(const std::stop_token& stopping) override {
    const auto began = Clock::now();
    Look look;
    look.complete = read(stopping, look.troubles);
    failures_ = look.complete ? 0 : failures_ + 1;
    for (const auto& [service, candidates] : last_good_) {
      const std::size_t room = most_candidates - look.found.size();
      look.found.insert(look.found.end(), candidates.begin(),
                        candidates.begin() + static_cast<std::ptrdiff_t>(std::min(room, candidates.size())));
      if (room >= candidates.size()) continue;
      look.troubles.add(too_large, {settings_.url}, "more targets than " + std::to_string(most_candidates));
      break;
    }
    took_ = Clock::now() - began;
    return look;
  }

  // Until the catalog has changed. What cannot be asked now is asked again soon, and then less and less often.
  void rest(const std::stop_token& stopping, std::chrono::milliseconds interval) override {
    if (failures_ > 0) return pause(stopping, interval);
    Source::rest(stopping, std::min<std::chrono::milliseconds>(
                               interval, std::max<std::chrono::milliseconds>(
                                             first_pause, std::chrono::ceil<std::chrono::milliseconds>(took_ * rest_per_look))));
    if (stopping.stop_requested()) return;
    if (index_ == 0) return Source::rest(stopping, interval);
    const auto wait = std::clamp(std::chrono::ceil<std::chrono::seconds>(interval), 1s, longest_wait);
    Troubles unsaid;  // the look that follows meets the same, and says so
    const auto answer = ask("catalog/services", "index=" + std::to_string(index_) + "&wait=" + std::to_string(wait.count()) + "s",
                            wait + wait / 16 + settings_.timeout, stopping, unsaid);
    if (answer) return void(index_ = index_in(*answer, index_));
    failures_ = 1;
    pause(stopping, interval);
  }

 private:
  void pause(const std::stop_token& stopping, std::chrono::milliseconds interval) {
    const auto pause = std::min<std::chrono::milliseconds>(first_pause * (1 << std::min(failures_ - 1, 6)), longest_pause);
    Source::rest(stopping, std::min(interval, pause));
  }

  bool read(const std::stop_token& stopping, Troubles& troubles) {
    const auto catalog = ask("catalog/services", "", settings_.timeout, stopping, troubles);
    if (!catalog) return false;
    index_ = index_in(*catalog, 0);
    auto services = consul_services(catalog->body, settings_.tags);
    if (!services) {
      troubles.add(bad_syntax, {url_of("catalog/services")}, "the answer is no list of services");
      return false;
    }
    if (!settings_.services.empty()) services = settings_.services;
    const bool all = services->size() <= most_services;
    if (!all) {
      troubles.add(too_large, {url_of("catalog/services")}, "more services than " + std::to_string(most_services));
      services->resize(most_services);
    }
    const std::set<std::string> now(services->begin(), services->end());
    std::erase_if(last_good_, [&](const auto& entry) { return !now.contains(entry.first); });
    int wrong = 0;
    for (const std::string& service : now) {
      if (wrong == most_wrong || stopping.stop_requested()) break;
      if (!read_service(service, stopping, troubles)) ++wrong;
    }
    return all && wrong == 0;
  }

  // False: what was known of it stays.
  bool read_service(const std::string& service, const std::stop_token& stopping, Troubles& troubles) {
    const std::string path = "health/service/" + percent_encoded(service);
    const auto answer = ask(path, "", settings_.timeout, stopping, troubles);
    if (!answer) return false;
    auto instances = consul_instances(answer->body, settings_.tags, url_of(path), troubles);
    if (!instances) return false;
    last_good_[service] = std::move(*instances);
    return true;
  }

  std::string url_of(const std::string& path) const { return settings_.url + "/v1/" + path; }

  // Nothing where there is no good answer; troubles say why.
  std::optional<Fetched> ask(const std::string& path, std::string query, std::chrono::milliseconds timeout,
                             const std::stop_token& stopping, Troubles& troubles) const {
    const auto token = read_token(settings_.token_file);
    if (const auto* wrong = std::get_if<Trouble>(&token)) {
      troubles.add(wrong->reason, {wrong->path}, wrong->detail);
      return std::nullopt;
    }
    if (!settings_.datacenter.empty()) query += "&dc=" + percent_encoded(settings_.datacenter);
    if (!settings_.consul_namespace.empty()) query += "&ns=" + percent_encoded(settings_.consul_namespace);
    probes::net::FetchRequest request{
        .url = url_of(path) + (query.empty() ? "" : "?" + query.substr(query.starts_with('&') ? 1 : 0)),
        .headers = {"Accept: application/json", "User-Agent: mtls_exporter/" + std::string(version())},
        .timeout = timeout,
        .limit = largest_answer,
        .prepare_tls = tls_of(surroundings_.materials(), settings_.trust, settings_.identity)};
    if (const auto& text = std::get<std::string>(token); !text.empty()) request.headers.push_back("X-Consul-Token: " + text);
    auto fetched = probes::net::fetch(request, stopping);
    if (const auto* failure = std::get_if<FetchFailure>(&fetched)) {
      troubles.add(reason_of(failure->kind), {url_of(path)}, "not fetched: " + failure->why);
      return std::nullopt;
    }
    auto& answer = std::get<Fetched>(fetched);
    if (answer.status == 200) return std::move(answer);
    refused(answer, path, troubles);
    return std::nullopt;
  }

  void refused(const Fetched& answer, const std::string& path, Troubles& troubles) const {
    std::string detail = "status " + std::to_string(answer.status);
    if (!answer.body.empty()) detail += ": " + shown(answer.body.substr(0, 300));
    const bool denied = answer.status == 401 || answer.status == 403;
    if (denied) detail += R"(; the token needs service_prefix "" and node_prefix "" with policy = "read")";
    troubles.add(denied ? permission_denied : http_status, {url_of(path)}, detail);
  }

  static std::uint64_t index_in(const Fetched& answer, std::uint64_t before) {
    const auto header = answer.headers.find("x-consul-index");
    return consul_index(header == answer.headers.end() ? "" : header->second, before);
  }

  const config::Consul settings_;
  const Surroundings surroundings_;
  std::map<std::string, std::vector<Candidate>> last_good_;  // by service
  std::uint64_t index_ = 0;                                  // of the catalog; 0: not known
  int failures_ = 0;                                         // looks in a row
  Clock::duration took_{};                                   // the last look
};

}  // namespace

std::unique_ptr<Source> consul(const config::Discovery& discovery, const Surroundings& surroundings) {
  return std::make_unique<Consul>(std::get<config::Consul>(discovery.source), surroundings);
}

}  // namespace exporter::discovery
