// How far one /probe may go. By default to where the configured targets are; web.probe.allow opens more. Names are judged before
// they are looked up, and every address again right before it is connected to, so that a name which leads elsewhere by then (DNS
// rebinding) leads nowhere. Immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace exporter::on_demand {

// The host of a target as one comparable text: names in lower case without the last dot, addresses in one notation.
[[nodiscard]] std::string canonical_host(std::string_view host);

// The address that `host` is; absent for a name.
[[nodiscard]] std::optional<config::AddressBytes> literal(std::string_view host);

class Reach {
 public:
  // Where a configured target is: the address that was configured, or whatever its name leads to, but not the closed ones. With
  // `only`, nothing but that address of it.
  [[nodiscard]] static Reach of_target(const config::Target& target, std::optional<config::AddressBytes> only = std::nullopt);

  // What the configuration opens. `refusal` is empty, or says why `host` and `port` are not open as far as can be told without
  // looking the name up.
  [[nodiscard]] static Reach opened(const config::ProbeAllow& allow, const std::string& host, std::uint16_t port);
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

  // A proxy may be asked for the name: the operator wrote it. Of any other name the address is judged here.
  [[nodiscard]] bool names_may_leave() const { return !allow_ && !only_; }

  // Why the probe may not connect to `address`; empty: it may.
  [[nodiscard]] std::string refusal(const config::AddressBytes& address) const;

 private:
  std::optional<config::AddressBytes> configured_;  // written in the configuration: good whatever it is
  std::optional<config::AddressBytes> only_;
  std::optional<config::ProbeAllow> allow_;  // absent: a configured target
  bool by_name_ = false;                     // `allow_` let a name in
  std::string refusal_;
};

}  // namespace exporter::on_demand
