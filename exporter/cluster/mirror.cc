#include "exporter/cluster/mirror.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

namespace exporter::cluster {

using probes::observations::Trouble;

// A resource in a namespace, and whether it is being asked for.
struct Mirror::Part {
  Following following;
  bool asked = false;
  std::string server = {};  // that was asked last
};

namespace {

constexpr std::chrono::milliseconds longest_turn = std::chrono::seconds(1);

std::string query_of(const std::string& key, const std::string& value) {
  if (value.empty()) return {};
  return "&" + key + "=" + percent_encoded(value);
}

}  // namespace

Mirror::Mirror(const config::Kubernetes& settings, Side side, std::function<MaterialsPtr()> materials, Pod pod)
    : settings_(settings), materials_(std::move(materials)), pod_(std::move(pod)) {
  add_parts(side);
  thread_ = std::jthread([this](const std::stop_token& stopping) { run(stopping); });
}

Mirror::~Mirror() { stop(); }

void Mirror::add_parts(Side side) {
  using enum config::KubernetesResource;
  const std::string labels = query_of("labelSelector", settings_.label_selector);
  std::vector<std::string> spaces = settings_.namespaces;
  if (spaces.empty()) spaces = {""};
  const auto in_spaces = [&](const std::string& group, const std::string& resource, const std::string& query) {
    for (const std::string& space : spaces) add_part(group, resource, space, side, query);
  };
  for (const config::KubernetesResource resource : settings_.resources) {
    if (config::is_at_rest(resource) != (side == Side::at_rest)) continue;
    switch (resource) {
      // Packed charts are most of the bytes of many clusters.
      case secrets: in_spaces("/api/v1", "secrets", labels + query_of("fieldSelector", "type!=helm.sh/release.v1")); break;
      case configmaps: in_spaces("/api/v1", "configmaps", labels); break;
      case webhooks:
        add_part("/apis/admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", "", side, "");
        add_part("/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "", side, "");
        add_part("/apis/apiregistration.k8s.io/v1", "apiservices", "", side, "");
        add_part("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "", side, "");
        break;
      case ingresses: in_spaces("/apis/networking.k8s.io/v1", "ingresses", labels); break;
      case services: in_spaces("/api/v1", "services", labels); break;
      case endpointslices: in_spaces("/apis/discovery.k8s.io/v1", "endpointslices", ""); break;
    }
  }
}

void Mirror::add_part(const std::string& group, const std::string& resource, const std::string& space, Side side,
                      const std::string& query) {
  Following::What what{.path = group + (space.empty() ? "" : "/namespaces/" + space) + "/" + resource,
                       .query = query,
                       .words = resource + (space.empty() ? "" : " in namespace " + space),
                       .read = nullptr};
  if (side == Side::targets) what.read = [resource](const Json& object) { return read_targets(object, resource); };
  else what.read = [this, resource](const Json& object) { return read_certificates(object, resource, settings_); };
  parts_.push_back(std::make_unique<Part>(Part{.following = Following(std::move(what), std::random_device()())}));
}

void Mirror::run(const std::stop_token& stopping) {
  const std::stop_callback wakes(stopping, [this] { downloads_.wake(); });
  while (!stopping.stop_requested()) {
    const auto now = Following::Clock::now();
    auto next = now + longest_turn;
    for (const auto& part : parts_) {
      if (part->asked) continue;
      if (part->following.due() <= now) begin(*part);
      else next = std::min(next, part->following.due());
    }
    downloads_.turn(std::chrono::ceil<std::chrono::milliseconds>(next - now));
  }
}

void Mirror::begin(Part& part) {
  AccessOrTrouble found = access(settings_, materials_, pod_);
  if (const auto* trouble = std::get_if<Trouble>(&found)) {
    {
      const std::lock_guard lock(mutex_);
      part.following.not_asked(*trouble, Following::Clock::now());
    }
    return note();
  }
  const Access& access = std::get<Access>(found);
  part.asked = true;
  part.server = access.server;
  probes::net::Download download{
      .request = request_of(access, part.following.request()), .answered = nullptr, .take = nullptr, .ended = nullptr};
  download.request.timeout = part.following.timeout();
  download.answered = [this, &part](int status) {
    {
      const std::lock_guard lock(mutex_);
      part.following.answered(status);
    }
    note();
  };
  download.take = [this, &part](int status, std::string_view bytes) {
    bool good = false;
    {
      const std::lock_guard lock(mutex_);
      good = part.following.take(status, bytes);
    }
    note();
    return good;
  };
  download.ended = [this, &part](const Following::Outcome& outcome) {
    part.asked = false;
    {
      const std::lock_guard lock(mutex_);
      part.following.ended(outcome, part.server, Following::Clock::now());
    }
    note();
  };
  downloads_.begin(std::move(download));
}

// Tells of what has changed.
void Mirror::note() {
  std::function<void()> told;
  {
    const std::lock_guard lock(mutex_);
    bool any = false;
    for (const auto& part : parts_) any = part->following.changed() || any;
    if (!any) return;
    ++version_;
    told = told_;
  }
  changed_.notify_all();
  if (told) told();
}

void Mirror::tell(std::function<void()> told) {
  const std::lock_guard lock(mutex_);
  told_ = std::move(told);
}

void Mirror::wait_until_settled(const std::stop_token& stopping) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stopping, [this] {
    return stopped_ || std::ranges::all_of(parts_, [](const auto& part) { return part->following.settled(); });
  });
}

void Mirror::wait_for_change(const std::stop_token& stopping, std::uint64_t version, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stopping, longest, [&] { return stopped_ || version_ != version; });
}

Snapshot Mirror::snapshot() const {
  const std::lock_guard lock(mutex_);
  Snapshot taken{.objects = {}, .troubles = {}, .version = version_};
  for (const auto& part : parts_) {
    for (const auto& [name, object] : part->following.objects()) taken.objects.push_back(object);
    if (part->following.trouble()) taken.troubles.push_back(*part->following.trouble());
  }
  return taken;
}

void Mirror::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    told_ = nullptr;
  }
  changed_.notify_all();
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace exporter::cluster
