// Where a certificate lies: a file, and the entry in it where a file has entries with names. Everything that speaks of one place
// shares one text, for there are hundreds of thousands: a copy costs a pointer. Immutable; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string_view>

namespace probes::observations {

class Location {
 public:
  Location() = default;  // nowhere: everything is empty
  explicit Location(std::string_view path, std::string_view alias = {});

  std::string_view path() const;
  std::string_view alias() const;  // the keystore entry, kubeconfig user or Secret key; else empty
  std::string_view text() const;   // the path, or `path#alias`

  friend bool operator==(const Location& one, const Location& other) { return one.text() == other.text(); }
  friend auto operator<=>(const Location& one, const Location& other) { return one.text() <=> other.text(); }
  friend bool operator==(const Location& one, std::string_view text) { return one.text() == text; }
  friend auto operator<=>(const Location& one, std::string_view text) { return one.text() <=> text; }

 private:
  // The text stands behind it in the same block.
  struct Sizes {
    std::uint32_t path;
    std::uint32_t text;
  };
  std::shared_ptr<const Sizes> sizes_;
};

}  // namespace probes::observations
