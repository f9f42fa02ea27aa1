#include "exporter/discovery/sweep_order.h"

#include <algorithm>
#include <bit>

namespace exporter::discovery {

namespace {

// SplitMix64's finaliser.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

std::uint64_t size_of(const config::Network& network) { return std::uint64_t{1} << std::min(128 - network.prefix, 63); }

// `first` with `offset` added to it, as a number of 128 bits.
config::AddressBytes plus(config::AddressBytes first, std::uint64_t offset) {
  for (std::size_t byte = first.size(); byte-- > 0 && offset > 0;) {
    offset += first[byte];
    first[byte] = static_cast<std::uint8_t>(offset & 0xff);
    offset >>= 8;
  }
  return first;
}

}  // namespace

SweepOrder::SweepOrder(const config::Sweep& sweep, std::uint64_t seed) : sweep_(&sweep), seed_(seed) {
  for (const config::Network& network : sweep.cidrs) size_ += size_of(network);
  size_ *= sweep.ports.size();
  half_bits_ = std::max(1, static_cast<int>(std::bit_width(size_) + 1) / 2);
}

std::optional<Endpoint> SweepOrder::at(std::uint64_t place) const {
  const std::uint64_t number = shuffled(place);
  const Endpoint endpoint{address(number / sweep_->ports.size()), sweep_->ports[number % sweep_->ports.size()]};
  const auto holds = [&](const config::Network& network) { return config::contains(network, endpoint.address); };
  if (std::ranges::any_of(sweep_->exclude, holds) || std::ranges::none_of(sweep_->cidrs, holds)) return std::nullopt;
  return endpoint;
}

// A Feistel network permutes the numbers of 2 * half_bits_ bits; walking on until one is in range permutes those below size_.
std::uint64_t SweepOrder::shuffled(std::uint64_t place) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = place >> half_bits_, right = place & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t next = left ^ (mixed(right ^ mixed(seed_ + round)) & mask);
      left = right;
      right = next;
    }
    place = left << half_bits_ | right;
  } while (place >= size_);
  return place;
}

config::AddressBytes SweepOrder::address(std::uint64_t number) const {
  for (const config::Network& network : sweep_->cidrs) {
    if (number < size_of(network)) return plus(network.first, number);
    number -= size_of(network);
  }
  return sweep_->cidrs.front().first;
}

}  // namespace exporter::discovery
