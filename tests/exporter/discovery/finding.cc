#include "tests/exporter/discovery/finding.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "config/address.h"
#include "config/load.h"
#include "exporter/vocabulary.h"

namespace exporter::discovery {

namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

}  // namespace

Finding::Finding(const std::string& folder, const std::string& configuration) : folder_(folder) {
  const auto materials = [this] {
    const std::lock_guard lock(mutex_);
    return materials_;
  };
  finder_ = std::make_unique<Finder>(
      estate_, Surroundings{.materials = materials, .reserved_labels = vocabulary().reserved_labels}, [] {});
  reconfigure(configuration);
}

void Finding::reconfigure(const std::string& configuration) {
  settings_ = std::make_shared<const config::Settings>(config::load_text(configuration, folder_ + "/estate.yml", vocabulary()));
  {
    const std::lock_guard lock(mutex_);
    materials_ = load_materials(settings_, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  }
  finder_->adopt(settings_);
  merge_ = std::make_unique<Merge>(settings_);
  estate_.adopt(merged());
}

const config::Settings& Finding::merged() { return merged_ = merge_->with(finder_->found()); }

std::vector<std::string> Finding::targets() {
  std::vector<std::string> found;
  for (const auto& target : merged().targets)
    found.push_back(target->name + " " + config::address_text({target->host, target->port}) + " " + or_dash(target->server_name) +
                    " " + target->module->name);
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> Finding::addresses() {
  std::vector<std::string> found;
  for (const auto& target : merged().targets) found.push_back(config::address_text({target->host, target->port}));
  std::ranges::sort(found);
  return found;
}

std::shared_ptr<const DiscoverySlot> Finding::slot(const std::string& name) const {
  for (const auto& slot : estate_.discoveries())
    if (slot->name == name) return slot;
  return nullptr;
}

std::uint64_t Finding::errors(const std::string& name, SourceReason reason) const {
  const auto found = slot(name);
  const auto count = found ? found->errors.find(reason) : decltype(found->errors.find(reason)){};
  return found && count != found->errors.end() ? count->second : 0;
}

bool Finding::wait_until(const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!reached()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace exporter::discovery
