#include "exporter/discovery/tls_trial.h"

#include <arpa/inet.h>

#include <array>
#include <utility>

#include "config/network.h"
#include "exporter/discovery/candidates.h"
#include "probes/probe.h"
#include "probes/protocols/protocol.h"

namespace exporter::discovery {

namespace {

using probes::observations::Handshake;

constexpr std::chrono::seconds handshake_patience(5);

bool spoke_tls(const Handshake& seen) {
  return !seen.certificates.empty() || (seen.failure() != nullptr && seen.failure()->alert.has_value());
}

}  // namespace

std::string address_text(const config::AddressBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = config::is_ipv4(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), text.data(), text.size());
  return text.data();
}

std::string written_protocol(const config::Discovery& discovery) {
  if (!discovery.module || !discovery.module->protocol_written) return {};
  const auto* row = probes::protocols::find_protocol(discovery.module->protocol);
  return row != nullptr && row->starttls != nullptr ? discovery.module->protocol : std::string(any_protocol);
}

TlsTrial::TlsTrial(asio::io_context& loop, std::function<MaterialsPtr()> materials)
    : materials_(std::move(materials)), resolver_(loop.get_executor()) {}

std::vector<std::string_view> TlsTrial::protocols_of(std::uint16_t port) {
  const std::string_view own = probes::protocols::protocol_of_port(port).name;
  if (own == any_protocol) return {own};
  return {own, any_protocol};
}

asio::awaitable<TlsTrial::Outcome> TlsTrial::of(Endpoint endpoint, std::vector<std::string_view> protocols) {
  Outcome outcome;
  for (const std::string_view protocol : protocols) {
    auto target = std::make_shared<config::Target>();
    target->host = address_text(endpoint.address);
    target->port = endpoint.port;
    target->module = module_of(protocol);
    const MaterialsPtr materials = materials_();
    const probes::Surroundings surroundings{resolver_, contexts_, signer_.get_executor(), worker_.get_executor()};
    probes::Assignment assignment{.target = target, .identity = nullptr, .trust = trust_named(*materials, "")};
    assignment.exhausted = [&] { outcome.exhausted = true; };
    const Handshake seen = co_await probes::probe(surroundings, assignment);
    if (!spoke_tls(seen)) continue;
    outcome.speaks = Candidate{.host = target->host, .port = endpoint.port, .protocol = std::string(protocol)};
    if (!seen.certificates.empty()) outcome.speaks->server_name = leaf_name(*seen.certificates.front());
    break;
  }
  co_return outcome;
}

std::shared_ptr<const config::Module> TlsTrial::module_of(std::string_view protocol) {
  auto& module = modules_[std::string(protocol)];
  if (module) return module;
  config::Module made{.name = "sweep", .protocol = std::string(protocol), .timeout = handshake_patience};
  made.tls.min_version = config::TlsVersion::tls1_0;
  made.tls.security_level = 0;  // this is about finding servers; judging them is the probes' work
  return module = std::make_shared<const config::Module>(std::move(made));
}

}  // namespace exporter::discovery
