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
    std::erase_if(said_, [&](const auto& entry) { return named(*settings, entry.first) == nullptr; });
  }
  for (const config::Discovery& discovery : settings->discovery) {
    DiscoverySlot slot{
        .name = discovery.name, .labels = discovery.labels, .awaited = true, .errors = {}, .refreshed = std::nullopt};
    for (const SourceReason reason : row_of(discovery.source).reasons) slot.errors[reason] = 0;
    if (searches_.contains(discovery.name)) continue;
    estate_.set_discovery(std::move(slot));
    searches_[discovery.name] = std::make_unique<Search>(*this, discovery);
  }
}

// A trouble that stays is said once, and again when it had gone. REQUIRES: called on the thread of the source.
void Finder::log_new(const std::string& name, const Troubles& troubles) {
  constexpr std::size_t most_lines = 20;
  std::vector<Trouble> said;
  {
    const std::lock_guard lock(mutex_);
    said = std::exchange(said_[name], troubles.named());
  }
  std::size_t lines = 0, fresh = 0;
  for (const Trouble& trouble : troubles.named()) {
    if (std::ranges::find(said, trouble) != said.end()) continue;
    ++fresh;
    if (++lines <= most_lines)
      log(LogLevel::warn, "discovery met trouble",
          {{"name", name}, {"reason", word(trouble.reason)}, {"place", place_text(trouble)}, {"detail", trouble.detail}});
  }
  const std::uint64_t more = fresh > 0 ? troubles.total() - troubles.named().size() + (fresh - std::min(fresh, most_lines)) : 0;
  if (more > 0) log(LogLevel::warn, "discovery met more trouble", {{"name", name}, {"count", more}});
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
  put_in_order(look);
  std::shared_ptr<const config::Settings> settings;
  bool changes = false;
  const std::size_t targets = look.found.size();
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
    ListPtr& list = found_[name];
    List now{.candidates = std::move(look.found), .certificate_files = std::move(look.certificate_files)};
    changes = !list || *list != now;
    if (changes) list = std::make_shared<const List>(std::move(now));
    name_unknown(list->candidates, *settings, name, look.troubles);
  }
  log_new(name, look.troubles);
  const config::Discovery* written = named(*settings, name);
  estate_.set_discovery({.name = name,
                         .labels = written != nullptr ? written->labels : search.settings().labels,
                         .up = look.complete,
                         .targets = targets,
                         .errors = look.troubles.counts(),
                         .troubles = look.troubles.named(),
                         .troubles_total = look.troubles.total(),
                         .refreshed = look.complete ? std::optional(probes::observations::wall_now()) : std::nullopt});
  if (changes) changed_();
}

}  // namespace exporter::discovery
