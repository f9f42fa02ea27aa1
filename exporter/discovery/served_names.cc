#include "exporter/discovery/served_names.h"

#include <algorithm>

#include "config/address.h"

namespace exporter::discovery {

namespace {

constexpr int most_tries = 100;  // of made-up names

bool has_dot(std::string_view name) { return name.find('.') != std::string_view::npos; }

bool is_address(const std::string& name) {
  const auto parsed = config::parse_address("[" + name + "]:1");
  const bool v6 = std::holds_alternative<config::Address>(parsed);
  const bool digits = name.find_first_not_of("0123456789.") == std::string::npos;
  return v6 || digits;
}

// Whether the wildcard of a server covers the name: any depth, as nginx has it.
bool covers(std::string_view wildcard, std::string_view name) {
  if (wildcard.starts_with("*.")) {
    const std::string_view suffix = wildcard.substr(1);
    return name.size() > suffix.size() && name.ends_with(suffix);
  }
  const std::string_view prefix = wildcard.substr(0, wildcard.size() - 1);
  return name.size() > prefix.size() && name.starts_with(prefix);
}

std::string made_up(std::string_view wildcard, const Claimed& claimed) {
  const bool leading = wildcard.starts_with("*.");
  const std::string stem = leading ? "wildcard" : "invalid";
  const std::string rest(leading ? wildcard.substr(1) : wildcard.substr(0, wildcard.size() - 1));
  for (int number = 1; number <= most_tries; ++number) {
    const std::string word = number == 1 ? stem : stem + "-" + std::to_string(number);
    std::string name = leading ? word + rest : rest + word;
    if (!claimed(name)) return config::is_host(name) ? name : std::string();
  }
  return {};
}

// A name of the certificate's own comes first: there is a client that uses it.
std::optional<AskedName> of_wildcard(const std::string& written, const std::optional<Leaf>& leaf, const Claimed& claimed) {
  if (leaf) {
    for (const std::string& name : leaf->names)
      if (!is_wildcard(name) && covers(written, name) && !claimed(name)) return AskedName{written, name};
  }
  std::string name = made_up(written, claimed);
  if (name.empty()) return std::nullopt;
  const bool judged = leaf && carries(*leaf, name);
  return AskedName{.written = written, .asked = std::move(name), .judged = judged, .made_up = true};
}

}  // namespace

bool is_wildcard(std::string_view name) {
  const bool leading = name.starts_with("*.") && name.size() > 2;
  return leading || (name.ends_with(".*") && name.size() > 2);
}

bool carries(const Leaf& leaf, std::string_view name) {
  if (leaf.names.empty()) return !leaf.common_name.empty() && leaf.common_name == name;
  const std::size_t dot = name.find('.');
  return std::ranges::any_of(leaf.names, [&](std::string_view own) {
    if (own == name) return true;
    return own.starts_with("*.") && dot != std::string_view::npos && dot > 0 && name.substr(dot) == own.substr(1);
  });
}

std::optional<AskedName> name_to_ask(const std::string& written, const std::optional<Leaf>& leaf, const Claimed& claimed) {
  if (is_wildcard(written)) return of_wildcard(written, leaf, claimed);
  if (claimed(written) || is_address(written) || written == "_" || !config::is_host(written)) return std::nullopt;
  // "localhost", "shop": what a name without a dot stands for is known to the search list of a client, and not to us.
  const bool judged = has_dot(written) || (leaf && carries(*leaf, written));
  return AskedName{.written = written, .asked = written, .judged = judged};
}

}  // namespace exporter::discovery
