#include "exporter/cluster/secret_json.h"

#include <nlohmann/json.hpp>

namespace exporter::cluster {

Json parsed(std::string_view text) { return Json::parse(text.begin(), text.end(), nullptr, false); }

const Json* member(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

const Json* member(const Json& object, const char* key) { return member(&object, key); }

std::string_view text(const Json* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const SecretText&>()) : std::string_view();
}

std::string text_of(const Json& object, const char* key) { return std::string(text(member(object, key))); }

const std::vector<Json>& items(const Json* value) {
  static const std::vector<Json> none;
  return value != nullptr && value->is_array() ? value->get_ref<const std::vector<Json>&>() : none;
}

}  // namespace exporter::cluster
