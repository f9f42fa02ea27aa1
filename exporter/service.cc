#include "exporter/service.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "config/load.h"
#include "exporter/api/callers_json.h"
#include "exporter/api/estate_json.h"
#include "exporter/api/expiries_ics.h"
#include "exporter/api/issuers_json.h"
#include "exporter/api/rotations_json.h"
#include "exporter/api/table_csv.h"
#include "exporter/at_rest/file_reader.h"
#include "exporter/log.h"
#include "exporter/metrics/family.h"
#include "exporter/metrics/scrape.h"
#include "exporter/notify.h"
#include "exporter/schedule/shard.h"
#include "exporter/version.h"
#include "exporter/vocabulary.h"
#include "exporter/web/endpoints.h"
#include "probes/chain/judge.h"
#include "probes/observations/wall_time.h"
#include "probes/tls/certificate_facts.h"

namespace exporter {

namespace {

WallTime now() { return probes::observations::wall_now(); }

// Changes whenever the file is written, replaced or touched; empty while there is none.
std::string stamp_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_ino) + "/" + std::to_string(status.st_size) + "/" + std::to_string(status.st_mtim.tv_sec) +
         "." + std::to_string(status.st_mtim.tv_nsec);
}

DescriptorNeeds needs_of(const Serve& options, const config::Settings& settings) {
  const auto asks_of = [](const config::Module& module) {
    return module.revocation.fetch_lists || module.revocation.ocsp != config::RevocationCheck::off;
  };
  const auto asks = [&](const auto& target) { return asks_of(*target->module); };
  const auto is_sweep = [](const config::Discovery& one) {
    return std::holds_alternative<config::Sweep>(one.source) || std::holds_alternative<config::Listeners>(one.source);
  };
  const auto fans = [](const auto& target) { return fans_out(*target); };
  return {.cores = std::max(1u, std::thread::hardware_concurrency()),
          .listen_addresses = std::max<std::size_t>(1, options.listen.size()),
          .health_server = options.probe_listen.has_value(),
          .telemetry = options.telemetry_listen.has_value(),
          .searches = settings.discovery.size() + (std::ranges::any_of(settings.targets, fans) ? 1 : 0),
          .sweeps = static_cast<std::size_t>(std::ranges::count_if(settings.discovery, is_sweep)),
          .revocation = std::ranges::any_of(settings.targets, asks) ||
                        std::ranges::any_of(settings.modules, [&](const auto& module) { return asks_of(*module.second); })};
}

// Who has less than they would without a limit is told to whoever can raise it.
void tell(const DescriptorShares& shares) {
  constexpr std::size_t low = 1024;  // what a process has where nobody has thought about it
  if (!shares.lowered) return;
  log(shares.limit < low ? LogLevel::warn : LogLevel::info, "the limit of open files is low: it is shared out",
      {{"limit", shares.limit},
       {"web_connections", shares.web + shares.health},
       {"probes_at_once", shares.probes},
       {"on_demand_at_once", shares.on_demand},
       {"each_sweep_at_once", shares.sweep},
       {"reserved", shares.fixed}});
}

// What a query asks for, as `make` makes it; or what is wrong with it.
template <typename Make>
web::Sources::Part part(const web::Sources::Query& query, Make make) {
  const auto filter = api::filter_of(query);
  if (const auto* mistake = std::get_if<std::string>(&filter)) return web::Sources::Mistake{*mistake};
  return make(std::get<api::Filter>(filter));
}

std::optional<web::Sources::Part> csv(const Estate& estate, const std::string& table, const web::Sources::Query& query) {
  bool known = true;
  const auto made = part(query, [&](const api::Filter& filter) {
    if (!api::takes_filter(table) && !query.empty())
      return web::Sources::Part(web::Sources::Mistake{table + ".csv is of the whole estate; leave the filter out"});
    auto text = api::table_csv(estate, table, now(), filter);
    known = text.has_value();
    return web::Sources::Part(std::move(text).value_or(""));
  });
  return known ? std::optional(made) : std::nullopt;
}

}  // namespace

Service::Service(const std::string& config_file, const Serve& options)
    : config_file_(config_file), options_(options), own_(build()) {
  estate_.follow([this](const State& state, WallTime at) { journal_.note(state, at); });
  const std::lock_guard one_at_a_time(reloading_);  // a request may come as soon as it listens
  stamp_ = stamp_of(config_file_);
  auto settings = std::make_shared<const config::Settings>(config::load(config_file_, vocabulary()));
  share_descriptors(*settings);
  tell(shares_);
  if (!settings->storage.path.empty()) {
    storage_ = std::make_unique<storage::Storage>(settings->storage.path, settings->storage.keep, now);
    kept_lists_.use(*storage_);
    renewals_ = std::make_unique<renewals::Renewals>(
        estate_, *storage_, [this] { return scope(); }, now);
  }
  on_demand_ = std::make_unique<on_demand::OnDemandProbes>(
      [this] { return materials_and_targets(); }, own_,
      on_demand::OnDemandOptions{.timeout_offset = options_.timeout_offset, .in_flight = shares_.on_demand});
  finder_ = std::make_unique<discovery::Finder>(estate_,
                                                discovery::Surroundings{.materials = [this] { return materials(); },
                                                                        .reserved_labels = metrics::reserved_labels(),
                                                                        .sweep_share = [this] { return sweep_share_.load(); }},
                                                [this] { found_something(); });
  fan_out_ = std::make_unique<FanOut>([this] { found_something(); });
  listen();
  schedule_ = std::make_unique<Schedule>(
      estate_, own_, [this] { return materials(); }, ScheduleLimits{.most_lanes = shares_.lanes});
  at_rest_ = std::make_unique<AtRest>(
      estate_, [this] { return materials(); }, file_reader, &MaterialWatch::system_time);
  callers_ = std::make_unique<callers::Reader>(
      estate_, [this] { return materials(); }, now, storage_.get());
  adopt(std::move(settings));
  follower_ = std::jthread([this](const std::stop_token& stopping) { follow_discovery(stopping); });
  own_.config_reloaded(true, now());
}

Service::~Service() { stop(); }

void Service::stop() {
  telemetry_.reset();
  for (auto& server : servers_) server->stop();
  if (on_demand_) on_demand_->stop();
  follower_.request_stop();
  if (follower_.joinable()) follower_.join();
  if (finder_) finder_->stop();
  if (fan_out_) fan_out_->stop();
  if (schedule_) schedule_->stop();
  remote_->stop();
  if (callers_) callers_->stop();
  if (renewals_) renewals_->stop();
  if (storage_) storage_->stop();
  if (at_rest_) at_rest_->stop();
  if (const auto materials = materials_.load()) materials->stop();
}

// The web and /probe keep what they have had from the start: their parts depend on the limit alone.
void Service::share_descriptors(const config::Settings& settings) {
  const std::size_t limit = open_file_limit();
  const auto found = shares_of(limit, needs_of(options_, settings));
  if (const auto* too_few = std::get_if<TooFewDescriptors>(&found))
    throw config::ConfigurationError(explanation(limit, *too_few));
  shares_ = std::get<DescriptorShares>(found);
  sweep_share_ = shares_.sweep;
}

void Service::listen() {
  const web::Sources sources{
      .scrape = [this](metrics::Format format) { return scrape(format); },
      .estate = [this] { return api::estate_json(estate_, now()); },
      .estate_part =
          [this](const web::Sources::Query& query) {
            return part(query, [this](const api::Filter& filter) { return api::estate_json(estate_, now(), filter); });
          },
      .table_csv = [this](const std::string& table, const web::Sources::Query& query) { return csv(estate_, table, query); },
      .expiries_ics =
          [this](const web::Sources::Query& query) {
            return part(query, [this](const api::Filter& filter) {
              return api::expiries_ics(estate_, now(), filter, options_.external_url);
            });
          },
      .target_named = [this](const std::string& name) { return api::target_json(estate_, name, now(), offers()); },
      .callers =
          [this](const web::Sources::Query& query) {
            return part(query, [this](const api::Filter& filter) { return api::callers_json(estate_, now(), filter); });
          },
      .forget_caller = [this](const std::string& fingerprint) { return forget_caller(fingerprint); },
      .issuers = [this](const std::string& issuer) { return api::issuers_json(estate_, issuer, now()); },
      .rotations = [this] { return api::rotations_json(estate_, now()); },
      .every_target_tried =
          [this] {
            return adopted_ && finder_->looked_once() && fan_out_->looked_once() && estate_.tried_once() &&
                   at_rest_->scanned_once();
          },
      .reload = [this] { return reload(); },
      .probe = [this](web::RequestPtr request, web::Reply reply) { on_demand_->answer(std::move(request), std::move(reply)); },
      .enable_lifecycle = options_.enable_lifecycle,
      .external_url = options_.external_url};
  web::ServerOptions main{.listen_addresses = {},
                          .systemd_sockets = options_.systemd_socket,
                          .web_config_file = options_.web_config_file,
                          .limits = {.connections = shares_.web}};
  for (const config::Address& address : options_.listen) main.listen_addresses.push_back(config::address_text(address));
  servers_.push_back(std::make_unique<web::Server>(std::move(main), web::endpoints(sources)));
  if (options_.probe_listen)
    servers_.push_back(
        std::make_unique<web::Server>(web::ServerOptions{.listen_addresses = {config::address_text(*options_.probe_listen)},
                                                         .web_config_file = "",
                                                         .limits = {.connections = shares_.health}},
                                      web::health_endpoints(sources)));
  if (options_.telemetry_listen) {
    if (!options_.web_config_file.empty() && !telemetry::is_loopback(*options_.telemetry_listen))
      throw web::ListenError(
          "--web.telemetry-listen-address has neither TLS nor passwords, and --web.config.file may ask for them: "
          "write a loopback address, like 127.0.0.1:" +
          std::to_string(options_.telemetry_listen->port));
    telemetry_ = std::make_unique<telemetry::Telemetry>(*options_.telemetry_listen, estate_, own_, now);
  }
  for (auto& server : servers_) server->start();
}

MaterialsPtr Service::materials() const {
  const auto watch = materials_.load();
  return watch ? watch->current() : nullptr;
}

// What /probe may ask for by name: targets that were found are targets.
MaterialsPtr Service::materials_and_targets() const {
  const MaterialsPtr materials = this->materials();
  const auto settings = watched_.load();
  if (!materials || !settings) return nullptr;
  auto both = std::make_shared<Materials>(*materials);
  both->settings = settings;
  return both;
}

// The links of the configuration that runs.
api::Offers Service::offers() const {
  const auto settings = watched_.load();
  return {.links = settings ? settings->web.links : config::Links(),
          .external_url = options_.external_url,
          .probe_now = options_.enable_lifecycle};
}

metrics::Scope Service::scope() const {
  const auto settings = watched_.load();
  return settings ? metrics::Scope{settings->detail, settings->labels} : metrics::Scope();
}

// Figures that its thread left behind: nobody waits for the file.
void Service::tell_storage() {
  if (!storage_) return;
  storage::Figures figures = storage_->figures();
  own_.storage({.up = figures.up, .bytes = figures.bytes, .rows = std::move(figures.rows), .written = figures.written});
}

// False where nobody of this fingerprint is known.
bool Service::forget_caller(const std::string& fingerprint) {
  const auto has = [&](const auto& caller) { return caller->fingerprint == fingerprint; };
  const auto sources = estate_.sources();
  const bool known = std::ranges::any_of(
      sources, [&](const auto& slot) { return slot->callers && std::ranges::any_of(slot->callers->callers, has); });
  if (known) callers_->forget(fingerprint);
  return known;
}

web::Pieces Service::scrape(metrics::Format format) {
  tell_storage();
  own_.read_and_judged(probes::tls::facts_extracted(), probes::chain::chains_judged());
  metrics::SlotTexts more;
  if (renewals_) more.push_back(renewals_->text());
  const auto exposition = std::make_shared<metrics::Exposition>(metrics::scrape(estate_, own_, format, now(), std::move(more)));
  return [exposition] { return exposition->next(); };
}

std::vector<std::string> Service::addresses() const {
  std::vector<std::string> all;
  for (const auto& server : servers_) all.insert(all.end(), server->addresses().begin(), server->addresses().end());
  return all;
}

bool Service::turns() {
  bool all = schedule_->turns();
  for (auto& server : servers_) all = server->turns() && all;
  return all;
}

std::string Service::status() const {
  std::string text = "watching " + std::to_string(watched_.load()->targets.size()) + " targets on";
  for (const std::string& address : addresses()) text += " " + address;
  return text;
}

// First what the probes use, then the slots they report to, then the probes.
void Service::adopt(std::shared_ptr<const config::Settings> settings) {
  share_descriptors(*settings);
  schedule_->limit(shares_.probes, shares_.probes < ScheduleLimits{}.in_flight);
  const auto previous = materials_.load();
  const auto next = std::make_shared<MaterialWatch>(
      settings, previous ? previous->current() : nullptr,
      [this](MaterialKind kind, const std::string& name) { publish(kind, name); }, MaterialWatch::usual_period,
      &MaterialWatch::system_time, remote_);
  materials_.store(next);
  if (previous) previous->stop();
  finder_->adopt(settings);
  merge_ = std::make_unique<discovery::Merge>(settings);
  adopt_targets();
  for (const auto& [name, identity] : settings->identities) publish(MaterialKind::identity, name);
  for (const auto& [name, store] : settings->trust) publish(MaterialKind::trust, name);
  adopted_ = true;
  if (previous && settings->storage != previous->current()->settings->storage)
    log(LogLevel::warn, "the storage of the configuration changed: it is taken at the next start", {});
  log(LogLevel::info, "configuration loaded",
      {{"file", config_file_}, {"targets", settings->targets.size()}, {"identities", settings->identities.size()}});
}

// The configured targets and those that were found. REQUIRES: reloading_ is held.
void Service::adopt_targets() {
  {
    const std::lock_guard lock(discovering_);
    discovered_ = false;
  }
  const auto settings = std::make_shared<const config::Settings>(share_of(options_.shard, merge_->with(finder_->found())));
  std::set<std::string> targets;
  for (const auto& target : settings->targets) targets.insert(target->name);
  fan_out_->adopt(*settings);
  const config::Settings watched = fan_out_->spread(*settings);
  estate_.adopt(watched);
  journal_.keep(targets);
  schedule_->adopt(watched);
  at_rest_->adopt(*settings);
  callers_->adopt(*settings);
  own_.targets(settings->targets.size());
  watched_ = settings;
}

void Service::found_something() {
  const std::lock_guard lock(discovering_);
  discovered_ = true;
  discovers_.notify_one();
}

// What several sources find at about the same time is adopted once.
void Service::follow_discovery(const std::stop_token& stopping) {
  constexpr std::chrono::milliseconds settling(200);
  const auto never = [] { return false; };
  std::unique_lock lock(discovering_);
  while (discovers_.wait(lock, stopping, [this] { return discovered_; })) {
    discovers_.wait_for(lock, stopping, settling, never);
    lock.unlock();
    if (const std::lock_guard one_at_a_time(reloading_); !stopping.stop_requested()) adopt_targets();
    if (stopping.stop_requested()) return;  // what was found stays found: the wait would not stop for it
    lock.lock();
  }
}

// A file that stays unreadable is told once.
void Service::publish(TrustSlot slot) {
  const auto before = estate_.trusts();
  const auto known = std::ranges::find_if(before, [&](const auto& one) { return one->name == slot.name; });
  for (const auto& trouble : slot.troubles) {
    if (known != before.end() && std::ranges::find((*known)->troubles, trouble) != (*known)->troubles.end()) continue;
    log(LogLevel::warn, "a trust store cannot be read in full",
        {{"trust", slot.name}, {"reason", word(trouble.reason)}, {"path", trouble.path}, {"detail", trouble.detail}});
  }
  estate_.set_trust(std::move(slot));
}

void Service::publish(MaterialKind kind, const std::string& name) {
  const MaterialsPtr materials = materials_.load()->current();
  const config::Settings& settings = *materials->settings;
  if (kind == MaterialKind::trust) {
    if (const auto store = settings.trust.find(name); store != settings.trust.end())
      publish(trust_slot(*materials, store->second));
    at_rest_->trust_changed(name);
    return;
  }
  const auto identity = settings.identities.find(name);
  if (identity == settings.identities.end()) return;
  const IdentitySlot slot = identity_slot(*materials, identity->second);
  const auto before = estate_.identities();
  const auto known = std::ranges::find_if(before, [&](const auto& one) { return one->name == name; });
  for (const auto& problem : slot.problems) {
    const auto is_this = [&](const auto& one) { return one.finding == problem.finding && one.detail == problem.detail; };
    if (known != before.end() && std::ranges::any_of((*known)->problems, is_this)) continue;  // a problem that stays is told once
    log(LogLevel::warn, "identity has a problem",
        {{"identity", name}, {"problem", probes::observations::word(problem.finding)}, {"detail", problem.detail}});
  }
  estate_.set_identity(slot);
}

void Service::tell_changes() { journal_.turn(now()); }

std::optional<std::string> Service::reload() {
  const std::lock_guard one_at_a_time(reloading_);
  return reload_locked();
}

std::optional<std::string> Service::reload_locked() {
  stamp_ = stamp_of(config_file_);
  try {
    adopt(std::make_shared<const config::Settings>(config::load(config_file_, vocabulary())));
  } catch (const config::ConfigurationError& error) {
    own_.config_reloaded(false, now());
    log(LogLevel::error, "configuration not loaded, the old one keeps running", {{"error", error.what()}});
    return error.what();
  }
  own_.config_reloaded(true, now());
  return std::nullopt;
}

void Service::reload_if_changed() {
  const std::lock_guard one_at_a_time(reloading_);
  const std::string stamp = stamp_of(config_file_);
  if (!stamp.empty() && stamp != stamp_) reload_locked();
}

}  // namespace exporter
