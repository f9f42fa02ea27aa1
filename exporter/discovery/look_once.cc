#include "exporter/discovery/look_once.h"

#include <exception>
#include <system_error>
#include <thread>

#include "exporter/log.h"

namespace exporter::discovery {

namespace {

// Nothing may leave the thread it is on: that would end the process.
Look looked_at(const config::Discovery& discovery, const config::Settings& settings, const Surroundings& surroundings,
               const std::stop_token& stopping) {
  try {
    Look look = row_of(discovery.source).make(discovery, surroundings)->look(stopping);
    put_in_order(look);
    name_unknown(look.found, settings, discovery.name, look.troubles);
    return look;
  } catch (const std::exception& error) {
    log(LogLevel::error, "a discovery failed", {{"name", discovery.name}, {"detail", error.what()}});
  }
  Look failed{.complete = false};
  failed.troubles.add(SourceReason::read_failed, {discovery.name}, "the discovery failed");
  return failed;
}

}  // namespace

std::vector<Looked> look_once(const config::Settings& settings, Effort most, const Surroundings& surroundings) {
  std::vector<Looked> all;
  for (const config::Discovery& discovery : settings.discovery)
    all.push_back({.discovery = discovery, .at_all = row_of(discovery.source).effort <= most, .look = {}});
  std::vector<std::jthread> looking;
  for (Looked& each : all) {
    if (!each.at_all) continue;
    const auto look = [&](const std::stop_token& stopping) {
      each.look = looked_at(each.discovery, settings, surroundings, stopping);
    };
    try {
      looking.emplace_back(look);
    } catch (const std::system_error&) {  // no thread is to be had: it takes longer, and no less is found
      look({});
    }
  }
  for (std::jthread& thread : looking) thread.join();  // the end of a jthread would ask it to stop first
  return all;
}

Found found(std::vector<Looked> looked) {
  Found found;
  for (Looked& each : looked)
    if (each.at_all)
      found[each.discovery.name] = std::make_shared<const List>(
          List{.candidates = std::move(each.look.found), .certificate_files = std::move(each.look.certificate_files)});
  return found;
}

}  // namespace exporter::discovery
