// Targets with `all_addresses`: each name is looked up at its target's interval, on a thread of its own, and in the settings that
// are watched each of its addresses is a target of its own, with the same name and the label `address`. An address that left the
// name goes with its watch. A name that does not exist (any more) is one plain target, whose probe says so; while no name server
// answers, the addresses of before stay.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <asio/awaitable.hpp>

#include "config/settings.h"
#include "probes/net/resolver.h"

namespace exporter {

class FanOut {
 public:
  // `changed`: on the thread of the look-ups, when spread() says something else than before; the calls of one round are not
  // gathered. `servers`: for tests.
  explicit FanOut(std::function<void()> changed, probes::net::NameServers servers = {});
  ~FanOut();
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

  // From now on the names of these settings are looked up. One thread at a time.
  void adopt(const config::Settings& settings);

  // `settings` with a target for each address. Names that were not looked up yet are left out: changed() will tell. Any thread.
  [[nodiscard]] config::Settings spread(config::Settings settings) const;

  // Every name was looked up once; true where there is none. Any thread.
  [[nodiscard]] bool looked_once() const;

  void stop();  // no call of changed() runs once this has returned; not from such a call

 private:
  struct Name {
    std::chrono::milliseconds interval{};
    std::optional<std::vector<std::string>> addresses;  // absent: not known yet; empty: it has none
    std::size_t count = 0;                              // all it has
    std::uint64_t turn = 0;                             // of the look-ups that go on
  };

  asio::awaitable<void> look_up_again_and_again(std::string host, std::uint64_t turn);  // on the thread of the look-ups
  bool take(Name& name, const probes::net::Resolved& resolved);

  const std::function<void()> changed_;
  mutable std::mutex mutex_;  // guards names_
  std::map<std::string, Name> names_;
  std::uint64_t turns_ = 0;
  const probes::net::NameServers servers_;
  struct Work;
  std::unique_ptr<Work> work_;  // from the first name on
};

// Is this target's name to be fanned out? An address is no name.
[[nodiscard]] bool fans_out(const config::Target& target);

}  // namespace exporter
