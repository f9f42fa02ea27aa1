// JSON that may hold secrets: every piece of text that it held is wiped when it is released, the parser's own included. Short
// texts (fifteen bytes and less) lie in their objects, and are not. Any thread.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
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
[[nodiscard]] Json parsed(std::string_view text);

// What stands under `key`, borrowed; null where there is nothing, or `object` is no object.
[[nodiscard]] const Json* member(const Json* object, const char* key);
[[nodiscard]] const Json* member(const Json& object, const char* key);

// Borrowed; empty where it is no text.
[[nodiscard]] std::string_view text(const Json* value);
[[nodiscard]] std::string text_of(const Json& object, const char* key);

// The items of an array, borrowed; none where it is none.
[[nodiscard]] const std::vector<Json>& items(const Json* value);

}  // namespace exporter::cluster
