#include "exporter/api/issuers_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "config/mistakes.h"
#include "exporter/api/slot_json.h"
#include "exporter/api/slot_states.h"
#include "exporter/estate/dependents.h"
#include "exporter/estate/ends_soon.h"
#include "exporter/estate/issuers.h"
#include "exporter/estate/known_issuers.h"
#include "exporter/explain/facts_json.h"
#include "exporter/metrics/label.h"

namespace exporter::api {

using Json = nlohmann::ordered_json;
using explain::time_text;
using metrics::clean_label;
using probes::observations::Date;

namespace {

constexpr std::size_t shown_of_all = 25;
constexpr std::size_t shown_of_one = 10'000;
constexpr std::size_t near_shown = 5;

std::string lower(std::string_view text) {
  std::string found(text);
  std::ranges::transform(found, found.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return found;
}

// "CN=Estate CA,O=Example" -> "Estate CA": of a CA of which only the name is known.
std::string common_name(const IssuerDependents& issuer) {
  if (issuer.certificate) return std::string(name_or_serial(*issuer.certificate));
  const std::size_t begin = issuer.issuer.find("CN=");
  if (begin == std::string::npos) return issuer.issuer;
  return issuer.issuer.substr(begin + 3, issuer.issuer.find(',', begin) - begin - 3);
}

void add_end(Json& object, const std::string& name, Date end, WallTime now) {
  object[name] = end ? Json(time_text(*end)) : Json(nullptr);
  object[name + "_days"] = end ? Json(days_left(*end, now)) : Json(nullptr);
}

Json kind_json(const DependentsOfKind& kind, WallTime now) {
  Json things = Json::array();
  for (const Dependent& one : kind.things) {
    Json thing = {{"name", clean_label(one.name)}};
    add_end(thing, "expiry", one.end, now);
    thing["by"] = one.by_name ? "name" : "key";
    things.push_back(std::move(thing));
  }
  Json found = {{"count", kind.count}, {"by_name", kind.by_name}};
  add_end(found, "first_expiry", kind.first_end, now);
  found["things"] = std::move(things);
  return found;
}

Json issuer_json(const IssuerDependents& issuer, WallTime now) {
  Json found = {{"issuer", clean_label(issuer.issuer)},
                {"issuer_key", issuer.certificate ? Json(key_text(issuer.certificate->key_digest())) : Json(nullptr)},
                {"subject_cn", clean_label(common_name(issuer))}};
  add_end(found, "expiry", issuer.certificate ? issuer.certificate->not_after() : Date(), now);
  found["state"] = word(state_of_issuer(issuer.certificate, now));
  found["expiry_severity"] = severity_json(issuer.certificate ? expiry_severity(*issuer.certificate, now) : ExpirySeverity::none);
  found["dependents"] = issuer.all();
  Json kinds = Json::object();
  for (const DependentKind kind : all_dependent_kinds())
    if (issuer.of(kind).count > 0) kinds[std::string(word(kind))] = kind_json(issuer.of(kind), now);
  found["kinds"] = std::move(kinds);
  return found;
}

bool is_called(const IssuerDependents& issuer, const std::string& wanted) {
  return lower(issuer.issuer) == wanted || lower(common_name(issuer)) == wanted ||
         (issuer.certificate && key_text(issuer.certificate->key_digest()) == wanted);
}

// A slip of the pen, or a part of the name.
std::vector<std::string> near(const std::vector<IssuerDependents>& all, const std::string& wanted) {
  std::set<std::string> found;
  for (const IssuerDependents& issuer : all)
    for (const std::string& name : {issuer.issuer, common_name(issuer)}) {
      const std::string other = lower(name);
      const std::string_view known[] = {other};
      const bool part = other.find(wanted) != std::string::npos || wanted.find(other) != std::string::npos;
      if (part || !config::nearest(wanted, known).empty()) found.insert(issuer.issuer);
    }
  std::vector<std::string> some(found.begin(), found.end());
  if (some.size() > near_shown) some.resize(near_shown);
  return some;
}

}  // namespace

Json issuers_document(const Estate& estate, const std::string& wanted, WallTime now) {
  const KnownIssuers known(estate);
  std::vector<IssuerDependents> all = dependents(estate, known, now, wanted.empty() ? shown_of_all : shown_of_one);
  const std::string called = lower(wanted);
  Json near_names = Json::array();
  if (!wanted.empty() && std::ranges::none_of(all, [&](const auto& issuer) { return is_called(issuer, called); }))
    for (const std::string& name : near(all, called)) near_names.push_back(clean_label(name));
  std::erase_if(all,
                [&](const IssuerDependents& issuer) { return wanted.empty() ? issuer.all() == 0 : !is_called(issuer, called); });
  std::ranges::stable_sort(all, {}, [](const IssuerDependents& issuer) {
    return issuer.certificate ? issuer.certificate->not_after().value_or(std::chrono::sys_seconds::max())
                              : std::chrono::sys_seconds::max();
  });
  Json issuers = Json::array();
  for (const IssuerDependents& issuer : all) issuers.push_back(issuer_json(issuer, now));
  return {{"at", time_text(std::chrono::floor<std::chrono::seconds>(now))},
          {"issuers", std::move(issuers)},
          {"near", std::move(near_names)}};
}

std::string issuers_json(const Estate& estate, const std::string& wanted, WallTime now) {
  return issuers_document(estate, wanted, now).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace exporter::api
