#include "exporter/on_demand/question.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "config/address.h"
#include "config/endpoint.h"
#include "config/mistakes.h"
#include "config/values.h"
#include "probes/protocols/protocol.h"

namespace exporter::on_demand {

using config::quote;
using std::chrono::milliseconds;

namespace {

constexpr std::array<std::string_view, 6> parameters = {"target", "module", "identity", "server_name", "address", "debug"};

// Ends the reading of a request.
struct Refusal {
  int status = 400;
  std::string why;
};

[[noreturn]] void refuse(const std::string& why, int status = 400) { throw Refusal{status, why}; }

void check_parameters(const web::Request& request) {
  for (const auto& [name, value] : request.query) {
    if (std::find(parameters.begin(), parameters.end(), name) == parameters.end())
      refuse("unknown parameter " + quote(name) + "; " + config::advice(name, parameters));
    if (request.query.count(name) > 1) refuse("`" + name + "` is given more than once; give it once");
    if (value.empty()) refuse("`" + name + "` is empty; give it a value or leave it out");
  }
}

const config::Target* named(const config::Settings& settings, const std::string& name) {
  const auto found =
      std::find_if(settings.targets.begin(), settings.targets.end(), [&](const auto& target) { return target->name == name; });
  return found == settings.targets.end() ? nullptr : found->get();
}

const config::Target* at(const config::Settings& settings, const config::Address& address) {
  const std::string host = canonical_host(address.host);
  const auto found = std::find_if(settings.targets.begin(), settings.targets.end(), [&](const auto& target) {
    return target->port == address.port && canonical_host(target->host) == host;
  });
  return found == settings.targets.end() ? nullptr : found->get();
}

std::string unknown_target(const config::Settings& settings, const std::string& text, const std::string& wrong) {
  std::vector<std::string_view> known;
  for (const auto& target : settings.targets) known.push_back(target->name);
  const std::string_view near = config::nearest(text, known);  // not all that is known: there may be a hundred thousand
  return quote(config::without_secrets(text)) + " is no configured target" +
         (near.empty() ? "" : " (did you mean " + quote(near) + "?)") + ", and no address: " + wrong;
}

// The parameters that stand, one by one, against the settings.
class Reading {
 public:
  Reading(const web::Request& request, const config::Settings& settings) : request_(request), settings_(settings) {}

  Question read(milliseconds timeout_offset) {
    check_parameters(request_);
    find_target();
    if (const auto module = request_.parameter("module")) target_.module = module_named(*module);
    take_endpoint();
    if (const auto name = request_.parameter("server_name")) take_server_name(*name);
    Reach reach = take_address();
    // A word alone is rather the name of a target that is mistyped.
    if (!reach.refusal().empty() && endpoint_ && endpoint_->port == 0)
      refuse(unknown_target(settings_, target_.name,
                            config::address_text({target_.host, target_.port}) + " may not be probed: " + reach.refusal()));
    if (!reach.refusal().empty())
      refuse(quote(config::address_text({target_.host, target_.port})) + " may not be probed: " + reach.refusal(), 403);
    Question question{
        .target = nullptr, .identity = identity(), .reach = std::move(reach), .at_most = time(timeout_offset), .debug = debug()};
    question.target = std::make_shared<const config::Target>(std::move(target_));
    return question;
  }

 private:
  void find_target() {
    const auto text = request_.parameter("target");
    if (!text) refuse("`target` is missing; write /probe?target=NAME with a configured target's name, or host:port");
    configured_ = named(settings_, *text);
    if (configured_ == nullptr) {
      auto parsed = config::parse_endpoint(*text, probes::protocols::default_ports());
      if (const auto* wrong = std::get_if<std::string>(&parsed)) refuse(unknown_target(settings_, *text, *wrong));
      endpoint_ = std::get<config::Endpoint>(std::move(parsed));
      target_ = {.name = *text, .host = endpoint_->host, .port = endpoint_->port, .module = settings_.modules.at("default")};
    }
    if (configured_ != nullptr) target_ = *configured_;
  }

  // An address that is no configured target's name: of a module, which may say the port. A configured target at that place is
  // that target, its own module included.
  void take_endpoint() {
    if (!endpoint_) return;
    aim();
    configured_ = at(settings_, {target_.host, target_.port});
    if (configured_ == nullptr) return;
    const std::string path = target_.path;
    target_ = *configured_;
    if (const auto module = request_.parameter("module")) target_.module = module_named(*module);
    aim();
    target_.host = configured_->host;
    // A stranger chooses no requests that are sent with our certificate.
    const bool same = path.empty() || path == config::http_path(*configured_);
    if (!same && !Reach::opened(settings_.web.probe.allow, target_.host, target_.port).refusal().empty())
      refuse(quote(path) + " may not be asked for: the target's own path is " + quote(config::http_path(*configured_)) +
                 "; `web.probe.allow` opens others",
             403);
    if (path.empty() || same) target_.path = configured_->path;
  }

  void aim() {
    const std::string wrong = config::aim(target_, *endpoint_, probes::protocols::default_ports(), settings_);
    if (!wrong.empty()) refuse("`target` is " + quote(config::without_secrets(*request_.parameter("target"))) + ": " + wrong);
  }

  std::shared_ptr<const config::Module> module_named(const std::string& name) const {
    const auto found = settings_.modules.find(name);
    if (found == settings_.modules.end())
      refuse("unknown module " + quote(name) + "; " + config::advice(name, config::names(settings_.modules)));
    return found->second;
  }

  void take_server_name(const std::string& name) {
    if (!config::is_host(name))
      refuse("`server_name` is " + quote(name) + ", neither a host name nor an IP address; write it without a port");
    target_.server_name = name;
  }

  // Another address of the target, or another one altogether where that is open: then the name to present stays the target's.
  Reach take_address() {
    const auto address = request_.parameter("address");
    if (!address)
      return configured_ != nullptr ? Reach::of_target(*configured_)
                                    : Reach::opened(settings_.web.probe.allow, target_.host, target_.port);
    if (!config::is_host(*address))
      refuse("`address` is " + quote(*address) + ", neither a host name nor an IP address; write it without a port");
    if (configured_ != nullptr && canonical_host(*address) == canonical_host(configured_->host))
      return Reach::of_target(*configured_);
    Reach open = Reach::opened(settings_.web.probe.allow, *address, target_.port);
    const auto one = literal(*address);
    if (!open.refusal().empty() && configured_ != nullptr && one && !literal(configured_->host))
      return Reach::of_target(*configured_, one);
    if (target_.server_name.empty()) target_.server_name = target_.host;
    target_.host = *address;
    return open;
  }

  std::string identity() const {
    const auto name = request_.parameter("identity");
    if (!name) return target_.module->identities.empty() ? "" : target_.module->identities.front();
    if (!settings_.identities.contains(*name))
      refuse("unknown identity " + quote(*name) + "; " + config::advice(*name, config::names(settings_.identities)));
    return *name;
  }

  bool debug() const {
    const auto word = request_.parameter("debug");
    if (word && *word != "true" && *word != "false") refuse("`debug` is " + quote(*word) + "; write debug=true or leave it out");
    return word && *word == "true";
  }

  // Prometheus says when it will give up: by then the answer must have come.
  milliseconds time(milliseconds offset) const {
    const std::string_view text = request_.header("x-prometheus-scrape-timeout-seconds");
    const milliseconds timeout = target_.module->timeout;
    if (text.empty()) return timeout;
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || !(seconds > 0))
      refuse("X-Prometheus-Scrape-Timeout-Seconds is " + quote(text) + ", no number of seconds above 0");
    const double left = seconds * 1000 - static_cast<double>(offset.count());
    if (left < 1)
      refuse("a scrape timeout of " + std::string(text) +
             " s leaves no time for a probe; raise scrape_timeout, or lower --timeout-offset");
    return left < static_cast<double>(timeout.count()) ? milliseconds(static_cast<milliseconds::rep>(left)) : timeout;
  }

  const web::Request& request_;
  const config::Settings& settings_;
  const config::Target* configured_ = nullptr;
  std::optional<config::Endpoint> endpoint_;  // written, and no name of a configured target
  config::Target target_;
};

}  // namespace

std::variant<Question, web::Response> read(const web::Request& request, const config::Settings& settings,
                                           milliseconds timeout_offset) {
  try {
    return Reading(request, settings).read(timeout_offset);
  } catch (const Refusal& refusal) {
    return web::Response{.status = refusal.status, .body = refusal.why + "\n"};
  }
}

}  // namespace exporter::on_demand
