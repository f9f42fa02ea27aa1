// web.links: where the page's links lead, as templates.
#include <array>

#include "config/link_template.h"
#include "config/sections.h"

namespace config {
namespace {

constexpr std::array<std::string_view, 3> of_a_watch = {"target", "identity", "module"};
constexpr std::array<std::string_view, 4> of_an_alert = {"alert", "target", "identity", "module"};

void take_template(const Node& node, std::span<const std::string_view> placeholders, std::string& into, Reading& reading) {
  std::string text;
  if (!take(node, text, reading.mistakes)) return;
  const std::string wrong = wrong_with_template(text, placeholders);
  if (wrong.empty()) into = text;
  else reading.mistakes.add(node.place(), quote(node.text()) + " is no link: " + wrong, "");
}

template <auto member>
void link_of_a_watch(const Node& node, Links& links, Reading& reading) {
  take_template(node, of_a_watch, links.*member, reading);
}

void link_of_an_alert(const Node& node, Links& links, Reading& reading) {
  take_template(node, of_an_alert, links.runbooks, reading);
}

constexpr Field<Links> links_rows[] = {{"runbooks", link_of_an_alert},
                                       {"dashboards", link_of_a_watch<&Links::dashboards>},
                                       {"alerts", link_of_a_watch<&Links::alerts>}};

}  // namespace

Fields<Links> links_fields() { return links_rows; }

void take_links(const Node& node, Web& web, Reading& reading) { take_section(node, links_fields(), web.links, reading); }

}  // namespace config
