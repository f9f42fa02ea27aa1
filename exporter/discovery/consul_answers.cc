#include "exporter/discovery/consul_answers.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "config/network.h"
#include "exporter/discovery/candidates.h"

namespace exporter::discovery {

using nlohmann::json;
using enum SourceReason;

namespace {

constexpr std::string_view consul_itself = "consul";

json parsed(std::string_view text) { return json::parse(text, nullptr, /*allow_exceptions=*/false); }

const json* member(const json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

std::string text(const json* value) { return value != nullptr && value->is_string() ? value->get<std::string>() : ""; }

bool has_all(const json* tags, std::span<const std::string> wanted) {
  return std::ranges::all_of(wanted, [&](const std::string& tag) {
    return tags != nullptr && tags->is_array() && std::ranges::any_of(*tags, [&](const json& one) { return one == tag; });
  });
}

// Absent: neither the instance nor its Meta names one, or it is none.
std::optional<std::uint16_t> port_of(const json* service, const std::string& written) {
  std::int64_t port = 0;
  const json* own = member(service, "Port");
  if (!written.empty()) {
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), port);
    if (error != std::errc() || end != written.data() + written.size()) return std::nullopt;
  } else if (own != nullptr && own->is_number_integer()) {
    port = own->get<std::int64_t>();
  }
  return port > 0 && port <= 65535 ? std::optional(static_cast<std::uint16_t>(port)) : std::nullopt;
}

// One entry: {Node: {Node, Address, Datacenter}, Service: {Service, Address, Port, Tags, Meta}, Checks}.
void take(const json& entry, const std::string& place, std::vector<Candidate>& found, Troubles& troubles) {
  const json *node = member(&entry, "Node"), *service = member(&entry, "Service"), *meta = member(service, "Meta");
  const auto said = [&](const char* key) { return text(member(meta, key)); };
  const std::string asked = said("mtls_exporter_probe"), written_port = said("mtls_exporter_port");
  const std::string instance = place + ": " + shown(text(member(service, "ID")));
  const auto wrong = [&](const std::string& what) { troubles.add(bad_target, {place}, instance + ": " + what); };
  if (asked == "false") return;
  if (!asked.empty() && asked != "true") return wrong("mtls_exporter_probe is " + shown(asked) + "; write true or false");
  const auto port = port_of(service, written_port);
  if (!port && written_port.empty()) return;  // it listens nowhere: a batch job, a service that others stand for
  if (!port) return wrong("mtls_exporter_port is " + shown(written_port) + ", which is no port");
  std::string address = text(member(service, "Address"));
  if (address.empty()) address = text(member(node, "Address"));
  Candidate candidate{.server_name = said("mtls_exporter_server_name"),
                      .module = said("mtls_exporter_module"),
                      .labels = {{"service", text(member(service, "Service"))},
                                 {"datacenter", text(member(node, "Datacenter"))},
                                 {"node", text(member(node, "Node"))}}};
  std::erase_if(candidate.labels, [](const auto& label) { return label.second.empty(); });
  const std::string bracketed = address.find(':') == std::string::npos ? address : "[" + address + "]";
  if (const std::string why = aim(candidate, bracketed + ":" + std::to_string(*port)); !why.empty()) return wrong(why);
  // Nobody has said which name stands in the certificate of an instance that is registered by its address.
  const bool numeric = std::holds_alternative<config::Network>(config::parse_network(candidate.host));
  candidate.name_judged = !candidate.server_name.empty() || !numeric;
  found.push_back(std::move(candidate));
}

}  // namespace

std::optional<std::vector<std::string>> consul_services(std::string_view body, std::span<const std::string> tags) {
  const json answer = parsed(body);
  if (!answer.is_object()) return std::nullopt;
  std::vector<std::string> found;
  for (const auto& [name, own] : answer.items())
    if (name != consul_itself && !name.empty() && has_all(&own, tags)) found.push_back(name);
  return found;
}

std::optional<std::vector<Candidate>> consul_instances(std::string_view body, std::span<const std::string> tags,
                                                       const std::string& place, Troubles& troubles) {
  const json answer = parsed(body);
  if (!answer.is_array()) {
    troubles.add(bad_syntax, {place}, "the answer is no list of instances");
    return std::nullopt;
  }
  std::vector<Candidate> found;
  for (const json& entry : answer)
    if (has_all(member(member(&entry, "Service"), "Tags"), tags)) take(entry, place, found, troubles);
  return found;
}

std::uint64_t consul_index(std::string_view header, std::uint64_t before) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), index);
  return error != std::errc() || end != header.data() + header.size() || index < before ? 0 : index;
}

}  // namespace exporter::discovery
