#include "exporter/at_rest/source_watch.h"

#include <algorithm>
#include <utility>

namespace exporter {

using std::chrono::milliseconds;

namespace {

// Whoever writes one file of a pair is about to write the other.
constexpr milliseconds settling(100);

// A folder in which something changes all the time takes a tenth of a core at most.
constexpr int rest_per_scan = 10;
constexpr milliseconds shortest_rest(500);

}  // namespace

SourceWatch::SourceWatch(milliseconds interval, Scan scan, Publish publish)
    : interval_(interval),
      scan_(std::move(scan)),
      publish_(std::move(publish)),
      thread_([this](const std::stop_token& stopping) { run(stopping); }) {}

SourceWatch::~SourceWatch() { stop(); }

void SourceWatch::wake() { changes_.wake(); }

void SourceWatch::request_stop() {
  thread_.request_stop();
  changes_.wake();
}

void SourceWatch::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
}

void SourceWatch::run(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    const auto start = std::chrono::steady_clock::now();
    Scanned found = scan_();
    if (stopping.stop_requested()) return;
    publish_(std::move(found.slot));
    scanned_ = true;
    // What changed before a folder was watched is seen by the next scan, which follows soon.
    if (changes_.watch(found.folders)) changes_.wake();
    rest(stopping, std::chrono::steady_clock::now() - start);
  }
}

// Until the interval has passed, or a while after a change. What changes during that while is seen by the scan that follows.
void SourceWatch::rest(const std::stop_token& stopping, std::chrono::steady_clock::duration scan_took) {
  using std::chrono::steady_clock;
  const auto least = std::min(interval_, std::max(shortest_rest, std::chrono::ceil<milliseconds>(scan_took * rest_per_scan)));
  const auto earliest = steady_clock::now() + least;
  if (!changes_.wait(interval_)) return;
  const auto next = std::max(earliest, steady_clock::now() + settling);
  while (!stopping.stop_requested() && steady_clock::now() < next)
    changes_.wait(std::chrono::ceil<milliseconds>(next - steady_clock::now()));
}

}  // namespace exporter
