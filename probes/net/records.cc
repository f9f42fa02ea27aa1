#include "probes/net/records.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace probes::net {

namespace {

struct Question {
  RecordType type;
  std::function<void(RecordsAnswer)> take;
};

// The number of the type in a question (RFC 1035 3.2.2, RFC 3596, RFC 2782).
constexpr int number_of(RecordType type) {
  switch (type) {
    case RecordType::a: return 1;
    case RecordType::aaaa: return 28;
    case RecordType::srv: return 33;
  }
  return 1;
}

void add_address(int family, const void* address, std::vector<Record>& found) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(family, address, text.data(), text.size()) != nullptr) found.push_back({.host = text.data()});
}

void add_service(std::string_view host, std::uint16_t port, std::vector<Record>& found) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!host.empty()) found.push_back({.host = std::string(host), .port = port});
}

#if ARES_VERSION >= 0x011c00  // 1.28: records read by the library; the functions below are deprecated from there on

void add(RecordType type, const ares_dns_rr_t* record, std::vector<Record>& found) {
  if (type == RecordType::a) {
    if (const auto* v4 = ares_dns_rr_get_addr(record, ARES_RR_A_ADDR)) add_address(AF_INET, v4, found);
  } else if (type == RecordType::aaaa) {
    if (const auto* v6 = ares_dns_rr_get_addr6(record, ARES_RR_AAAA_ADDR)) add_address(AF_INET6, v6, found);
  } else if (const char* host = ares_dns_rr_get_str(record, ARES_RR_SRV_TARGET)) {
    add_service(host, ares_dns_rr_get_u16(record, ARES_RR_SRV_PORT), found);
  }
}

void receive(void* argument, ares_status_t status, std::size_t timeouts, const ares_dns_record_t* message) {
  const std::unique_ptr<Question> question(static_cast<Question*>(argument));
  RecordsAnswer answer{.status = static_cast<int>(status), .timeouts = static_cast<int>(timeouts), .records = {}};
  if (status == ARES_SUCCESS) {
    answer.status = ARES_ENODATA;
    for (std::size_t i = 0; i < ares_dns_record_rr_cnt(message, ARES_SECTION_ANSWER); ++i) {
      const ares_dns_rr_t* record = ares_dns_record_rr_get_const(message, ARES_SECTION_ANSWER, i);
      if (record == nullptr || static_cast<int>(ares_dns_rr_get_type(record)) != number_of(question->type)) continue;
      answer.status = ARES_SUCCESS;
      add(question->type, record, answer.records);
    }
  }
  question->take(std::move(answer));
}

void ask(ares_channel channel, const std::string& name, Question* question) {
  const auto type = static_cast<ares_dns_rec_type_t>(number_of(question->type));
  ares_query_dnsrec(channel, name.c_str(), ARES_CLASS_IN, type, &receive, question, nullptr);
}

#else

int read_addresses(RecordType type, const unsigned char* message, int size, std::vector<Record>& found) {
  hostent* raw = nullptr;
  const int status = type == RecordType::a ? ares_parse_a_reply(message, size, &raw, nullptr, nullptr)
                                           : ares_parse_aaaa_reply(message, size, &raw, nullptr, nullptr);
  const std::unique_ptr<hostent, decltype(&ares_free_hostent)> answer(raw, &ares_free_hostent);
  if (status != ARES_SUCCESS || !answer) return status;
  for (char** address = answer->h_addr_list; address != nullptr && *address != nullptr; ++address)
    add_address(answer->h_addrtype, *address, found);
  return found.empty() ? ARES_ENODATA : ARES_SUCCESS;
}

int read_services(const unsigned char* message, int size, std::vector<Record>& found) {
  ares_srv_reply* raw = nullptr;
  const int status = ares_parse_srv_reply(message, size, &raw);
  const std::unique_ptr<ares_srv_reply, decltype(&ares_free_data)> answer(raw, &ares_free_data);
  for (const ares_srv_reply* service = raw; service != nullptr; service = service->next)
    add_service(service->host, service->port, found);
  return status == ARES_SUCCESS && raw == nullptr ? ARES_ENODATA : status;
}

void receive(void* argument, int status, int timeouts, unsigned char* message, int size) {
  const std::unique_ptr<Question> question(static_cast<Question*>(argument));
  RecordsAnswer answer{.status = status, .timeouts = timeouts, .records = {}};
  if (status == ARES_SUCCESS && question->type == RecordType::srv) answer.status = read_services(message, size, answer.records);
  else if (status == ARES_SUCCESS) answer.status = read_addresses(question->type, message, size, answer.records);
  question->take(std::move(answer));
}

void ask(ares_channel channel, const std::string& name, Question* question) {
  ares_query(channel, name.c_str(), /*IN*/ 1, number_of(question->type), &receive, question);
}

#endif

}  // namespace

void ask_records(ares_channel channel, const std::string& name, RecordType type, std::function<void(RecordsAnswer)> take) {
  ask(channel, name, new Question{.type = type, .take = std::move(take)});
}

}  // namespace probes::net
