#include "exporter/api/links.h"

#include <map>
#include <optional>
#include <utility>

#include "config/link_template.h"

namespace exporter::api {

using config::percent_encoded;

namespace {

using Values = std::map<std::string, std::string, std::less<>>;

Values values_of(const WatchSlot& slot) {
  Values values = {{"target", slot.target->name}, {"identity", slot.identity}, {"module", slot.target->module->name}};
  for (const auto& [name, value] : slot.target->labels)
    if (!value.empty()) values["label." + name] = value;
  return values;
}

void add(std::vector<Link>& links, std::string_view kind, std::string name, const std::string& text, const Values& values) {
  if (text.empty()) return;
  if (auto url = config::filled(text, values)) links.push_back({kind, std::move(name), std::move(*url)});
}

}  // namespace

std::vector<Link> links_of(const WatchSlot& slot, const std::vector<std::string_view>& alerts, const Offers& offers) {
  std::vector<Link> links;
  Values values = values_of(slot);
  for (const std::string_view alert : alerts) {
    values["alert"] = alert;
    add(links, "runbook", std::string(alert), offers.links.runbooks, values);
  }
  add(links, "dashboard", "", offers.links.dashboards, values);
  add(links, "alerts", "", offers.links.alerts, values);
  if (std::string page = page_of(offers.external_url, *slot.target, slot.identity); !page.empty())
    links.push_back({"page", "", std::move(page)});
  return links;
}

std::string page_of(const std::string& external_url, const config::Target& target, const std::string& identity) {
  if (external_url.empty()) return "";
  const std::string folder = external_url.ends_with('/') ? external_url : external_url + "/";
  const std::string watch = folder + "#/watch/" + percent_encoded(target.name) + "/" + percent_encoded(identity);
  return target.address.empty() ? watch : watch + "/" + percent_encoded(target.address);
}

}  // namespace exporter::api
