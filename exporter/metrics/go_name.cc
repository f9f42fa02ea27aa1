#include "exporter/metrics/go_name.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace exporter::metrics {

namespace {

using Attribute = std::pair<std::string_view, std::string_view>;  // OpenSSL's name of the type, the escaped value

// OpenSSL's names and Go's, in Go's order. The first two are single there: the last one written counts.
constexpr std::array<Attribute, 9> order = {{{"serialNumber", "SERIALNUMBER"},
                                             {"CN", "CN"},
                                             {"postalCode", "POSTALCODE"},
                                             {"street", "STREET"},
                                             {"ST", "ST"},
                                             {"L", "L"},
                                             {"OU", "OU"},
                                             {"O", "O"},
                                             {"C", "C"}}};
constexpr std::size_t single = 2;

// In the order of the certificate, which RFC 2253 writes backwards.
std::vector<Attribute> attributes(std::string_view name) {
  std::vector<Attribute> found;
  std::size_t start = 0;
  for (std::size_t at = 0; at <= name.size(); ++at) {
    if (at + 1 < name.size() && name[at] == '\\') ++at;
    else if (at == name.size() || name[at] == ',' || name[at] == '+') {
      const std::string_view part = name.substr(start, at - start);
      const std::size_t equals = std::min(part.find('='), part.size());
      found.emplace_back(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
      start = at + 1;
    }
  }
  std::reverse(found.begin(), found.end());
  return found;
}

void append(std::string& text, char separator, std::string_view type, std::string_view value) {
  if (!text.empty()) text += separator;
  text.append(type).append("=").append(value);
}

}  // namespace

std::string go_name(std::string_view name) {
  if (name.empty()) return {};
  const std::vector<Attribute> all = attributes(name);
  std::string text;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    std::string values;
    for (const auto& [type, value] : all) {
      if (type != order[rank].first) continue;
      if (rank < single) values.clear();
      append(values, '+', order[rank].second, value);
    }
    if (!values.empty()) text += (text.empty() ? "" : ",") + values;
  }
  for (const auto& [type, value] : all)
    if (std::none_of(order.begin(), order.end(), [&](const Attribute& known) { return known.first == type; }))
      append(text, ',', type, value);
  return text;
}

}  // namespace exporter::metrics
