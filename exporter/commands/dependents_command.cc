#include "exporter/commands/dependents_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "exporter/explain/phrases.h"

namespace exporter {

using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? explain::safe(found->get<std::string>()) : "";
}

// "expires in 12.3 days (2026-12-31)".
std::string ending(const Json& object, const std::string& name) {
  const Json days = object.value(name + "_days", Json());
  const std::string date = text_of(object, name.c_str()).substr(0, 10);
  if (!days.is_number()) return "expiry not known";
  std::array<char, 64> text{};
  const double left = days.get<double>();
  std::snprintf(text.data(), text.size(), left < 0 ? "expired %.1f days ago (" : "expires in %.1f days (",
                left < 0 ? -left : left);
  return text.data() + date + ")";
}

void add_kind(std::string& text, const std::string& kind, const Json& of) {
  const auto count = of.value("count", std::uint64_t{0}), by_name = of.value("by_name", std::uint64_t{0});
  text += "  " + kind + ": " + std::to_string(count);
  if (by_name > 0)
    text += by_name == count ? ", by the CA's name alone" : ", " + std::to_string(by_name) + " of them by the CA's name alone";
  if (of.value("first_expiry_days", Json()).is_number()) text += "; the first " + ending(of, "first_expiry");
  text += '\n';
  const Json things = of.value("things", Json::array());
  for (const Json& thing : things) {
    text += "    " + text_of(thing, "name");
    if (thing.value("expiry_days", Json()).is_number()) text += ", " + ending(thing, "expiry");
    text += '\n';
  }
  if (things.size() < count) text += "    and " + std::to_string(count - things.size()) + " more\n";
}

std::string tree(const Json& issuers) {
  std::string text;
  for (const Json& issuer : issuers) {
    text += (text.empty() ? "" : "\n") + text_of(issuer, "issuer");
    if (issuer.value("issuer_key", Json()).is_string())
      text += ", key " + text_of(issuer, "issuer_key") + ", " + ending(issuer, "expiry") + '\n';
    else text += ": only the name is known, and it does not tell which key is meant\n";
    const Json kinds = issuer.value("kinds", Json::object());
    for (const auto& [kind, of] : kinds.items()) add_kind(text, explain::safe(kind), of);
    if (kinds.empty()) text += "  Nothing depends on it.\n";
  }
  return text;
}

[[noreturn]] void unknown(const ListDependents& wanted, const Json& near) {
  std::string text = "nobody knows the issuer `" + explain::safe(wanted.issuer) + "`";
  std::string names;
  for (const Json& name : near)
    if (name.is_string()) names.append(names.empty() ? "" : ", ").append("`" + explain::safe(name.get<std::string>()) + "`");
  throw std::runtime_error(names.empty() ? text + "; the page lists those that are known, under Issuers"
                                         : text + "; did you mean " + names + "?");
}

}  // namespace

std::string listed(const ListDependents& wanted, const std::string& answer) {
  const Json whole = Json::parse(answer, nullptr, false);
  if (!whole.is_object() || !whole.value("issuers", Json()).is_array())
    throw std::runtime_error("the answer is not that of an exporter that knows issuers");
  const Json& issuers = whole["issuers"];
  if (issuers.empty()) unknown(wanted, whole.value("near", Json::array()));
  if (wanted.format == ListDependents::Format::text) return tree(issuers);
  return Json({{"at", whole.value("at", "")}, {"issuers", issuers}}).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int dependents_command(const ListDependents& wanted, std::ostream& out, std::ostream& err) {
  try {
    out << listed(wanted, ask_exporter(wanted.exporter, "/api/v1/issuers?issuer=" + percent_encoded(wanted.issuer)));
  } catch (const std::exception& error) {
    err << "mtls_exporter: " << error.what() << "\n";
    return 2;
  }
  return 0;
}

}  // namespace exporter
