#include "exporter/at_rest/vault_answers.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace exporter::vault {

using nlohmann::json;

namespace {

constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_error = 300;

json parsed(std::string_view text) { return json::parse(text, nullptr, /*allow_exceptions=*/false); }

// Null: it is not there, or `object` is none.
const json* member(const json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

bool may_stand_in_a_path(const std::string& key) {
  return !key.empty() && key.size() <= longest_key && key.find("..") == std::string::npos &&
         std::ranges::all_of(key, [](unsigned char c) {
           return std::isalnum(c) != 0 || std::string_view("-_.:").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

}  // namespace

std::optional<std::vector<std::string>> keys_in(std::string_view body) {
  const json answer = parsed(body);
  const json* keys = member(member(&answer, "data"), "keys");
  if (keys == nullptr || !keys->is_array()) return std::nullopt;
  std::vector<std::string> found;
  for (const json& key : *keys) {
    if (found.size() == most_keys) break;
    if (key.is_string() && may_stand_in_a_path(key.get_ref<const std::string&>())) found.push_back(key.get<std::string>());
  }
  return found;
}

bool is_nothing(int status, std::string_view body) {
  if (status != 404) return false;
  const json answer = parsed(body);
  const json* errors = member(&answer, "errors");
  return errors != nullptr && errors->is_array() && errors->empty();
}

bool is_unsupported(int status, std::string_view body) {
  return status == 405 || (status == 404 && errors_in(body).find("unsupported") != std::string::npos);
}

std::optional<Certificate> certificate_in(std::string_view body) {
  const json answer = parsed(body);
  const json* data = member(&answer, "data");
  const json* pem = member(data, "certificate");
  if (pem == nullptr || !pem->is_string()) return std::nullopt;
  // 0: it is not revoked. Some versions write the number as text.
  const json* at = member(data, "revocation_time");
  const bool number = at != nullptr && at->is_number_integer() && at->get<std::int64_t>() > 0;
  const bool text = at != nullptr && at->is_string() && at->get_ref<const std::string&>().find_first_of("123456789") == 0;
  return Certificate{.pem = pem->get<std::string>(), .revoked = number || text};
}

std::optional<bool> keeps_in(std::string_view body) {
  const json answer = parsed(body);
  const json* data = member(&answer, "data");
  if (data == nullptr || !data->is_object()) return std::nullopt;
  const json* no_store = member(data, "no_store");
  return no_store == nullptr || !no_store->is_boolean() || !no_store->get<bool>();
}

std::string errors_in(std::string_view body) {
  const json answer = parsed(body);
  const json* errors = member(&answer, "errors");
  std::string said;
  if (errors == nullptr || !errors->is_array()) return said;
  for (const json& error : *errors) {
    if (!error.is_string() || said.size() > longest_error) continue;
    said += (said.empty() ? "" : "; ") + error.get_ref<const std::string&>();
  }
  said.resize(std::min(said.size(), longest_error));
  std::ranges::replace_if(
      said, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return said;
}

std::string serial_of(std::string_view written) {
  std::string serial;
  for (const char c : written) {
    if (c == ':' || c == '-') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return {};
    if (c != '0' || !serial.empty()) serial += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return serial.empty() && !written.empty() ? "0" : serial;
}

}  // namespace exporter::vault
