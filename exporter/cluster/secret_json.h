// JSON that may hold secrets: every piece of text that it held is wiped when it is released, the parser's own included. Short
// texts (fifteen bytes and less) lie in their objects, and are not. Any thread.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace exporter::cluster {

template <typename Value>
struct Wiping {
  using value_type = Value;
  Wiping() = default;
  template <typename Other>
  Wiping(const Wiping<Other>&) {}
  Value* allocate(std::size_t count) { return std::allocator<Value>().allocate(count); }
  void deallocate(Value* memory, std::size_t count) {
    OPENSSL_cleanse(memory, count * sizeof(Value));
    std::allocator<Value>().deallocate(memory, count);
  }
  template <typename Other>
  bool operator==(const Wiping<Other>&) const {
    return true;
  }
};

using SecretText = std::basic_string<char, std::char_traits<char>, Wiping<char>>;
using Json = nlohmann::basic_json<std::map, std::vector, SecretText>;

// Discarded where it is none.
[[nodiscard]] inline Json parsed(std::string_view text) { return Json::parse(text.begin(), text.end(), nullptr, false); }

// What stands under `key`; null where there is nothing, or `object` is no object.
[[nodiscard]] inline const Json* member(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}
[[nodiscard]] inline const Json* member(const Json& object, const char* key) { return member(&object, key); }

// Borrowed; empty where it is no text.
[[nodiscard]] inline std::string_view text(const Json* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const SecretText&>()) : std::string_view();
}
[[nodiscard]] inline std::string text_of(const Json& object, const char* key) { return std::string(text(member(object, key))); }

// The items of an array; none where it is none.
[[nodiscard]] inline const std::vector<Json>& items(const Json* value) {
  static const std::vector<Json> none;
  return value != nullptr && value->is_array() ? value->get_ref<const std::vector<Json>&>() : none;
}

}  // namespace exporter::cluster
