#include "exporter/discovery/look_once.h"

#include <thread>

namespace exporter::discovery {

std::vector<Looked> look_once(const config::Settings& settings, Effort most, const Surroundings& surroundings) {
  std::vector<Looked> all;
  for (const config::Discovery& discovery : settings.discovery)
    all.push_back({.discovery = discovery, .at_all = row_of(discovery.source).effort <= most, .look = {}});
  std::vector<std::jthread> looking;
  for (Looked& each : all) {
    if (!each.at_all) continue;
    looking.emplace_back([&](const std::stop_token& stopping) {
      each.look = row_of(each.discovery.source).make(each.discovery, surroundings)->look(stopping);
      put_in_order(each.look.found);
      count_unknown(each.look.found, settings, each.look.errors);
    });
  }
  for (std::jthread& thread : looking) thread.join();  // the end of a jthread would ask it to stop first
  return all;
}

Found found(std::vector<Looked> looked) {
  Found found;
  for (Looked& each : looked)
    if (each.at_all) found[each.discovery.name] = std::make_shared<const std::vector<Candidate>>(std::move(each.look.found));
  return found;
}

}  // namespace exporter::discovery
