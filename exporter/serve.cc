// The service from its start to the signal that ends it.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <sstream>

#include "exporter/log.h"
#include "exporter/notify.h"
#include "exporter/service.h"
#include "exporter/version.h"

namespace exporter {

namespace {

// The signals this program waits for; blocked before any thread begins, so that every thread leaves them to serve().
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// How long to wait for a signal before looking at the configuration file and, when a watchdog waits for it, at our loops: its
// time is to hold a few looks.
timespec glance() {
  constexpr std::chrono::nanoseconds usual = std::chrono::seconds(2);
  const auto watchdog = notify::watchdog();
  const auto wait = watchdog ? std::min<std::chrono::nanoseconds>(usual, *watchdog / 4) : usual;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
  return {seconds.count(), (wait - seconds).count()};
}

void reload(Service& service) {
  notify::reloading();
  service.reload();
  notify::ready(service.status());
}

void wait_for_the_end(Service& service, const sigset_t& signals) {
  const timespec wait = glance();
  notify::ready(service.status());
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) reload(service);
    else service.reload_if_changed();
    service.tell_changes();
    if (service.turns()) notify::alive();
  }
}

}  // namespace

int serve(const std::string& config_file, const Serve& options) {
  const sigset_t signals = awaited_signals();
  raise_open_file_limit();
  try {
    Service service(config_file, options);
    for (const std::string& address : service.addresses())
      log(LogLevel::info, "listening", {{"address", address}, {"version", version()}, {"openssl", build().openssl}});
    if (const std::string address = service.telemetry_address(); !address.empty())
      log(LogLevel::info, "telemetry", {{"address", address}});
    wait_for_the_end(service, signals);
    notify::stopping();
    log(LogLevel::info, "stopping");
    service.stop();
    return 0;
  } catch (const std::exception& error) {
    // A configuration may have several mistakes: a line for each.
    std::istringstream lines(error.what());
    for (std::string line; std::getline(lines, line);) log(LogLevel::error, "cannot start", {{"error", line}});
    return 2;
  }
}

}  // namespace exporter
