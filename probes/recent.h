// Remembers what was used most recently, up to a total weight; the least recently used goes first. Owns keys and values; not
// thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace probes {

template <typename Value>
class Recent {
 public:
  explicit Recent(std::size_t heaviest) : heaviest_(heaviest) {}

  // What is remembered under `key`, used just now; null: nothing. Valid until the next change.
  const Value* find(std::string_view key) {
    const auto known = places_.find(key);
    if (known == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return &known->second->value;
  }

  // Remembers `value` in place of what stood under `key`. What is heavier than everything together may be is not remembered.
  void remember(std::string key, Value value, std::size_t weight = 1) {
    forget(key);
    if (weight > heaviest_) return;
    std::list<Entry> made;
    made.push_front({std::move(key), std::move(value), weight});
    places_.emplace(made.front().key, made.begin());  // what can fail for want of memory comes before what must not
    entries_.splice(entries_.begin(), made);
    weight_ += weight;
    while (weight_ > heaviest_) forget(entries_.back().key);
  }

 private:
  struct Entry {
    std::string key;
    Value value;
    std::size_t weight;
  };

  void forget(std::string_view key) {
    const auto known = places_.find(key);
    if (known == places_.end()) return;
    const auto entry = known->second;
    weight_ -= entry->weight;
    places_.erase(known);
    entries_.erase(entry);
  }

  const std::size_t heaviest_;
  std::size_t weight_ = 0;
  std::list<Entry> entries_;                                                          // the most recently used first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> places_;  // by the keys in entries_
};

}  // namespace probes
