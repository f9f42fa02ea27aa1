#include "exporter/discovery/finder.h"

#include <algorithm>
#include <thread>

#include "exporter/log.h"
#include "probes/observations/wall_time.h"

namespace exporter::discovery {

namespace {

using probes::observations::word;

bool same_search(const config::Discovery& one, const config::Discovery& other) {
  return one.source == other.source && one.interval == other.interval;
}

const config::Discovery* named(const config::Settings& settings, const std::string& name) {
  const auto found = std::ranges::find(settings.discovery, name, &config::Discovery::name);
  return found == settings.discovery.end() ? nullptr : &*found;
}

}  // namespace

// A source and the thread on which it looks.
class Finder::Search {
 public:
  Search(Finder& finder, const config::Discovery& settings)
      : settings_(settings), source_(row_of(settings.source).make(settings, finder.surroundings_)) {
    thread_ = std::jthread([this, &finder](const std::stop_token& stopping) { run(finder, stopping); });
  }

  const config::Discovery& settings() const { return settings_; }

  void ask_to_stop() { thread_.request_stop(); }

 private:
  void run(Finder& finder, const std::stop_token& stopping) {
    while (!stopping.stop_requested()) {
      Look look = source_->look(stopping);
      if (stopping.stop_requested()) return;
      finder.take(*this, std::move(look));
      source_->rest(stopping, settings_.interval);
    }
  }

  const config::Discovery settings_;
  const std::unique_ptr<Source> source_;
  std::jthread thread_;  // last: it ends before what it uses
};

Finder::Finder(Estate& estate, Surroundings surroundings, std::function<void()> changed)
    : estate_(estate), surroundings_(std::move(surroundings)), changed_(std::move(changed)) {}

Finder::~Finder() { stop(); }

void Finder::stop() {
  for (auto& [name, search] : searches_) search->ask_to_stop();
  searches_.clear();
}

void Finder::adopt(std::shared_ptr<const config::Settings> settings) {
  const auto stays = [&](const Search& search) {
    const config::Discovery* wanted = named(*settings, search.settings().name);
    return wanted != nullptr && same_search(*wanted, search.settings());
  };
  for (auto& [name, search] : searches_)
    if (!stays(*search)) search->ask_to_stop();
  std::erase_if(searches_, [&](const auto& entry) { return !stays(*entry.second); });
  {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
    std::erase_if(found_, [&](const auto& entry) { return named(*settings, entry.first) == nullptr; });
  }
  for (const config::Discovery& discovery : settings->discovery) {
    DiscoverySlot slot{.name = discovery.name, .labels = discovery.labels, .errors = {}, .refreshed = std::nullopt};
    for (const SourceReason reason : row_of(discovery.source).reasons) slot.errors[reason] = 0;
    if (searches_.contains(discovery.name)) continue;
    estate_.set_discovery(std::move(slot));
    searches_[discovery.name] = std::make_unique<Search>(*this, discovery);
  }
}

Found Finder::found() const {
  const std::lock_guard lock(mutex_);
  return found_;
}

bool Finder::looked_once() const {
  const std::lock_guard lock(mutex_);
  return !settings_ || std::ranges::all_of(settings_->discovery,
                                           [&](const config::Discovery& discovery) { return found_.contains(discovery.name); });
}

void Finder::take(const Search& search, Look look) {
  const std::string& name = search.settings().name;
  put_in_order(look.found);
  std::shared_ptr<const config::Settings> settings;
  bool changes = false;
  const std::size_t targets = look.found.size();
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
    CandidatesPtr& list = found_[name];
    changes = !list || *list != look.found;
    if (changes) list = std::make_shared<const std::vector<Candidate>>(std::move(look.found));
    count_unknown(*list, *settings, look.errors);
  }
  for (const auto& [reason, count] : look.errors)
    if (count > 0)
      log(LogLevel::warn, "discovery met trouble", {{"name", name}, {"reason", word(reason)}, {"count", std::to_string(count)}});
  const config::Discovery* written = named(*settings, name);
  estate_.set_discovery({.name = name,
                         .labels = written != nullptr ? written->labels : search.settings().labels,
                         .up = look.complete,
                         .targets = targets,
                         .errors = std::move(look.errors),
                         .refreshed = look.complete ? std::optional(probes::observations::wall_now()) : std::nullopt});
  if (changes) changed_();
}

}  // namespace exporter::discovery
