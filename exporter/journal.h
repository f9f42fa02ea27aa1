// What changed, for whoever is on call: one line of the log for each change of state of a watch, door, identity or source, with
// what it was, what it is, why, and how long it had been so. A network that fails with ten thousand targets is not told target by
// target: beyond a few lines in ten seconds, changes are counted and summed up by what they came to. Any thread; time is handed
// in.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "exporter/estate/state.h"
#include "exporter/log.h"

namespace exporter {

class Journal {
 public:
  using Write = std::function<void(LogLevel, std::string_view message, const LogFields& fields)>;
  explicit Journal(Write write = log);

  static constexpr std::size_t lines_in_a_window = 30;
  static constexpr std::chrono::seconds window{10};

  // Tells if the state is another than it was. What is seen for the first time and in order is told at debug.
  void note(const State& state, WallTime now);

  // To be called now and then: sums up what was counted in a window that is over.
  void turn(WallTime now);

  // Watches and doors of other targets are forgotten.
  void keep(const std::set<std::string>& targets);

 private:
  struct Key {
    std::string_view kind;
    std::string name;
    std::string identity;
    std::string address;
    auto operator<=>(const Key&) const = default;
  };
  struct Known {
    std::string word;
    WallTime since{};
  };
  // Changes that are only counted, by kind, new state and reason, with a few names.
  struct Sum {
    std::uint64_t count = 0;
    bool bad = false;
    std::vector<std::string> names;
  };
  using What = std::tuple<std::string_view, std::string, std::string>;

  void sum_up(WallTime now);

  const Write write_;
  std::mutex mutex_;
  std::map<Key, Known> known_;
  WallTime window_began_{};
  std::size_t lines_ = 0;  // in this window
  std::map<What, Sum> sums_;
};

}  // namespace exporter
