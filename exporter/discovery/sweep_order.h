// The addresses and ports of a sweep, in an order that looks random and costs no memory: a network is not knocked at address by
// address, and a pass can be resumed at any place. Every pair of the ranges comes exactly once in a pass (twice where ranges
// overlap), nothing else ever does. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "config/discovery_settings.h"

namespace exporter::discovery {

struct Endpoint {
  config::AddressBytes address{};
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

class SweepOrder {
 public:
  // `sweep` is borrowed. `seed`: passes with different seeds have different orders.
  SweepOrder(const config::Sweep& sweep, std::uint64_t seed);

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // The pair at `place`, below size(); nothing for one that is excluded.
  [[nodiscard]] std::optional<Endpoint> at(std::uint64_t place) const;

 private:
  [[nodiscard]] std::uint64_t shuffled(std::uint64_t place) const;
  [[nodiscard]] config::AddressBytes address(std::uint64_t number) const;

  const config::Sweep* sweep_;  // borrowed; outlives the order
  std::uint64_t seed_;
  std::uint64_t size_ = 0;
  int half_bits_ = 1;  // of the smallest square of a power of two that holds size_
};

}  // namespace exporter::discovery
