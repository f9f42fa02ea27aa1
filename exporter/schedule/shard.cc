#include "exporter/schedule/shard.h"

#include <cstdint>
#include <vector>

namespace exporter {

namespace {

// FNV-1a: stable across builds and machines, which std::hash is not.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

// SplitMix64's finaliser: every bit of the input moves every bit of the output.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

bool takes(const Shard& shard, std::string_view name) {
  const std::uint64_t seed = hash(name);
  const std::uint64_t ours = mixed(seed ^ mixed(shard.index));
  for (unsigned other = 0; other < shard.count; ++other) {
    const std::uint64_t theirs = mixed(seed ^ mixed(other));
    if (theirs > ours || (theirs == ours && other < shard.index)) return false;
  }
  return true;
}

config::Settings share_of(const Shard& shard, config::Settings settings) {
  std::erase_if(settings.targets, [&](const auto& target) { return !takes(shard, target->name); });
  return settings;
}

}  // namespace exporter
