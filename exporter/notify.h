// What the service manager hears from us (sd_notify(3)): that we serve, that we are reading the configuration again, that we are
// going, and that our loops still turn. Started by hand, without NOTIFY_SOCKET, none of this does anything; a manager that does
// not listen is none of our business, so errors are dropped. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace exporter::notify {

// We serve; `status` is a line for `systemctl status`. Also the end of a reload.
void ready(const std::string& status);
void reloading();
void stopping();
void alive();  // for the watchdog

// How long the manager's watchdog waits for alive(), at least a microsecond; nothing when it does not watch.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog();

}  // namespace exporter::notify
