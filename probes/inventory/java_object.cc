#include "probes/inventory/java_object.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "probes/bytes/big_endian.h"

namespace probes::inventory {

namespace {

constexpr int deepest = 32;  // a sealed key is three deep
constexpr std::size_t most_handles = 10'000;

enum Tag : std::uint8_t {
  null_reference = 0x70,
  reference = 0x71,
  class_description = 0x72,
  object = 0x73,
  string = 0x74,
  array = 0x75,
  class_object = 0x76,
  block_data = 0x77,
  end_of_block_data = 0x78,
  long_block_data = 0x7a,
  long_string = 0x7c,
  proxy_class_description = 0x7d,
  enumeration = 0x7e,
};

enum Flag : std::uint8_t { has_write_method = 1, serializable = 2, externalizable = 4, has_block_data = 8 };

struct Class;
using ClassPtr = const Class*;  // lives as long as the Stream

// What of a class says how long its objects are.
struct Class {
  std::uint8_t flags = 0;
  std::string fields;  // the type of each: B C D F I J S Z, L or [
  char element = 0;    // of an array
  ClassPtr super = nullptr;
};

std::size_t size_of(char type) {
  switch (type) {
    case 'B':
    case 'Z': return 1;
    case 'C':
    case 'S': return 2;
    case 'I':
    case 'F': return 4;
    default: return 8;  // D, J
  }
}

class Stream {
 public:
  explicit Stream(std::string_view bytes) : cursor_(bytes), size_(bytes.size()) {}

  std::optional<std::size_t> object_size() {
    constexpr std::uint32_t magic_and_version = 0xaced0005;
    if (cursor_.u32() != magic_and_version || !content(0)) return std::nullopt;
    return size_ - cursor_.rest().size();
  }

 private:
  // One element of the stream; false where it is none, and the reading is over.
  bool content(int depth) {
    if (depth > deepest) return false;
    const auto tag = static_cast<std::uint8_t>(cursor_.number(1));
    return cursor_.good() && content(tag, depth) && cursor_.good();
  }

  bool content(std::uint8_t tag, int depth) {
    switch (tag) {
      case null_reference: return true;
      case reference: return cursor_.u32(), true;
      case string: return remember(nullptr), cursor_.bytes(cursor_.number(2)), true;
      case long_string: return remember(nullptr), cursor_.bytes(cursor_.number(8)), true;
      case block_data: return cursor_.bytes(cursor_.number(1)), true;
      case long_block_data: return cursor_.bytes(cursor_.u32()), true;
      case class_description:
      case proxy_class_description: return description(tag, depth).has_value();
      case class_object: return described(depth) && remember(nullptr);
      case enumeration: return described(depth) && remember(nullptr) && content(depth + 1);
      case object: return read_object(depth);
      case array: return read_array(depth);
      default: return false;
    }
  }

  bool remember(ClassPtr description) {
    if (handles_.size() == most_handles) return false;
    handles_.push_back(description);
    return true;
  }

  // A class as it stands before an object: written out, by reference, or none.
  std::optional<ClassPtr> described(int depth) {
    constexpr std::uint32_t first_handle = 0x7e0000;
    if (depth > deepest) return std::nullopt;
    const auto tag = static_cast<std::uint8_t>(cursor_.number(1));
    if (tag == null_reference) return ClassPtr(nullptr);
    if (tag != reference) return description(tag, depth + 1);
    const std::uint32_t handle = cursor_.u32() - first_handle;
    if (handle >= handles_.size() || handles_[handle] == nullptr) return std::nullopt;
    return handles_[handle];
  }

  std::optional<ClassPtr> description(std::uint8_t tag, int depth) {
    Class* const made = &classes_.emplace_back();
    if (tag == class_description) {
      const std::string name = cursor_.text();
      if (name.size() > 1 && name[0] == '[') made->element = name[1];
      cursor_.number(8);  // serialVersionUID
      if (!remember(made)) return std::nullopt;
      made->flags = static_cast<std::uint8_t>(cursor_.number(1));
      if (!read_fields(*made, depth)) return std::nullopt;
    } else if (tag == proxy_class_description) {
      made->flags = serializable;
      if (!remember(made)) return std::nullopt;
      for (std::uint32_t interfaces = cursor_.u32(); interfaces > 0 && cursor_.good(); --interfaces) cursor_.text();
    } else {
      return std::nullopt;
    }
    if (!annotation(depth)) return std::nullopt;
    const auto super = described(depth + 1);
    if (!super || !cursor_.good()) return std::nullopt;
    made->super = *super;
    return made;
  }

  bool read_fields(Class& of, int depth) {
    for (std::uint64_t count = cursor_.number(2); count > 0 && cursor_.good(); --count) {
      const char type = static_cast<char>(cursor_.number(1));
      cursor_.text();  // its name
      if ((type == 'L' || type == '[') && !content(depth + 1)) return false;
      of.fields.push_back(type);
    }
    return cursor_.good();
  }

  // What a class writes by itself, to its end.
  bool annotation(int depth) {
    while (cursor_.good()) {
      if (cursor_.rest().starts_with(static_cast<char>(end_of_block_data))) return cursor_.number(1), true;
      if (!content(depth + 1)) return false;
    }
    return false;
  }

  bool read_object(int depth) {
    const auto of = described(depth);
    return of && *of != nullptr && remember(nullptr) && values(**of, depth);
  }

  // Those of the class that stands highest come first.
  bool values(const Class& of, int depth) {
    if (depth > deepest || (of.super != nullptr && !values(*of.super, depth + 1))) return false;
    if ((of.flags & externalizable) != 0) return (of.flags & has_block_data) != 0 && annotation(depth);
    for (const char type : of.fields)
      if (!value(type, depth)) return false;
    return (of.flags & has_write_method) == 0 || annotation(depth);
  }

  bool value(char type, int depth) {
    if (type == 'L' || type == '[') return content(depth + 1);
    return cursor_.bytes(size_of(type)), cursor_.good();
  }

  bool read_array(int depth) {
    const auto of = described(depth);
    if (!of || *of == nullptr || !remember(nullptr)) return false;
    const std::uint64_t count = cursor_.u32();
    const char type = (*of)->element;
    if (type != 'L' && type != '[') return cursor_.bytes(count * size_of(type)), cursor_.good();
    for (std::uint64_t index = 0; index < count; ++index)
      if (!content(depth + 1)) return false;
    return true;
  }

  bytes::Cursor cursor_;
  std::size_t size_;
  std::deque<Class> classes_;
  std::vector<ClassPtr> handles_;  // null: of what is no class
};

}  // namespace

std::optional<std::size_t> java_object_size(std::string_view bytes) { return Stream(bytes).object_size(); }

}  // namespace probes::inventory
