#include "exporter/journal.h"

#include <utility>

namespace exporter {

namespace {

constexpr std::size_t names_of_a_sum = 5;
constexpr std::size_t sums_told = 20;  // kinds of change; the reasons are a closed list, and most do not come together

}  // namespace

Journal::Journal(Write write) : write_(std::move(write)) {}

void Journal::note(const State& state, WallTime now) {
  const std::lock_guard lock(mutex_);
  auto [found, first] =
      known_.try_emplace({state.kind, state.name, state.identity, state.address}, Known{std::string(state.word), now});
  Known& known = found->second;
  if (!first && known.word == state.word) return;
  if (now - window_began_ >= window) sum_up(now);
  const std::string before = first ? "unknown" : std::exchange(known.word, std::string(state.word));
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(now - std::exchange(known.since, now));
  if (first && !state.bad) {
    write_(LogLevel::debug, "state seen",
           {{"kind", state.kind}, {"name", state.name}, {"identity", state.identity}, {"state", state.word}});
    return;
  }
  if (++lines_ > lines_in_a_window) {
    Sum& sum = sums_[{state.kind, std::string(state.word), state.reason}];
    ++sum.count;
    sum.bad = state.bad;
    if (sum.names.size() < names_of_a_sum) sum.names.push_back(state.name);
    return;
  }
  const bool of_a_target = state.kind == "watch" || state.kind == "door";
  LogFields fields{{"kind", state.kind},
                   {of_a_target ? "target" : "name", state.name},
                   {"identity", state.identity},
                   {"from", before},
                   {"to", state.word},
                   {"reason", state.reason},
                   {"lasted_seconds", lasted.count()},
                   {"detail", state.detail}};
  if (!state.address.empty()) fields.emplace_back("address", state.address);
  write_(state.bad ? LogLevel::warn : LogLevel::info, "state changed", fields);
}

void Journal::turn(WallTime now) {
  const std::lock_guard lock(mutex_);
  if (now - window_began_ >= window) sum_up(now);
}

void Journal::sum_up(WallTime now) {
  std::size_t told = 0;
  std::uint64_t more = 0;
  for (const auto& [what, sum] : sums_) {
    if (++told > sums_told) {
      more += sum.count;
      continue;
    }
    std::string names;
    for (const std::string& name : sum.names) names += (names.empty() ? "" : ", ") + name;
    write_(sum.bad ? LogLevel::warn : LogLevel::info, "more states changed",
           {{"kind", std::get<0>(what)},
            {"to", std::get<1>(what)},
            {"reason", std::get<2>(what)},
            {"count", sum.count},
            {"among_them", names}});
  }
  if (more > 0) write_(LogLevel::warn, "more states changed", {{"count", more}});
  sums_.clear();
  lines_ = 0;
  window_began_ = now;
}

void Journal::keep(const std::set<std::string>& targets) {
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const auto& one) {
    return (one.first.kind == "watch" || one.first.kind == "door") && !targets.contains(one.first.name);
  });
}

}  // namespace exporter
