// Which targets a shard takes: rendezvous hashing over the target's name, so that growing from COUNT to COUNT + 1 moves only the
// new shard's share. Pure.
#pragma once

#include <string_view>

#include "config/settings.h"

namespace exporter {

// This process takes the targets that fall to shard `index` of `count`.
struct Shard {
  unsigned index = 0;  // below count
  unsigned count = 1;
  bool operator==(const Shard&) const = default;
};

// Of all shards, `shard` is the one with the highest hash of (name, index).
[[nodiscard]] bool takes(const Shard& shard, std::string_view name);

// `settings` with only the targets that `shard` takes.
[[nodiscard]] config::Settings share_of(const Shard& shard, config::Settings settings);

}  // namespace exporter
