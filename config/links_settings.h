// What the operator wrote under `web.links`: where the page's links lead beside this exporter. Templates (link_template.h),
// checked when they are read; empty: there is no such link. Plain values.
#pragma once

#include <string>

namespace config {

struct Links {
  std::string runbooks;    // of an alert: https://wiki.example/runbooks/{alert}
  std::string dashboards;  // of a watch: https://grafana.example/d/mtls-target?var-target={target}
  std::string alerts;      // of a watch: where its alerts are shown, as Alertmanager's /#/alerts
  bool operator==(const Links&) const = default;
};

}  // namespace config
