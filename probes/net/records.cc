#include "probes/net/records.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <memory>
#include <string_view>

namespace probes::net {

namespace {

int read_addresses(RecordType type, const unsigned char* message, int size, std::vector<Record>& found) {
  hostent* raw = nullptr;
  const int status = type == RecordType::a ? ares_parse_a_reply(message, size, &raw, nullptr, nullptr)
                                           : ares_parse_aaaa_reply(message, size, &raw, nullptr, nullptr);
  const std::unique_ptr<hostent, decltype(&ares_free_hostent)> answer(raw, &ares_free_hostent);
  if (status != ARES_SUCCESS || !answer) return status;
  for (char** address = answer->h_addr_list; address != nullptr && *address != nullptr; ++address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(answer->h_addrtype, *address, text.data(), text.size()) != nullptr) found.push_back({.host = text.data()});
  }
  return ARES_SUCCESS;
}

int read_services(const unsigned char* message, int size, std::vector<Record>& found) {
  ares_srv_reply* raw = nullptr;
  const int status = ares_parse_srv_reply(message, size, &raw);
  const std::unique_ptr<ares_srv_reply, decltype(&ares_free_data)> answer(raw, &ares_free_data);
  for (const ares_srv_reply* service = raw; service != nullptr; service = service->next) {
    std::string_view host(service->host);
    if (host.ends_with('.')) host.remove_suffix(1);
    if (!host.empty()) found.push_back({.host = std::string(host), .port = service->port});
  }
  return status;
}

}  // namespace

int record_number(RecordType type) {
  switch (type) {
    case RecordType::a: return 1;
    case RecordType::aaaa: return 28;
    case RecordType::srv: return 33;
  }
  return 1;
}

int read_records(RecordType type, const unsigned char* message, int size, std::vector<Record>& found) {
  return type == RecordType::srv ? read_services(message, size, found) : read_addresses(type, message, size, found);
}

}  // namespace probes::net
