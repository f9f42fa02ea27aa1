// What stands between us and the proxy, or between the proxy and the server. Never the server's failure.
#include "config/duration.h"
#include "config/proxy.h"
#include "exporter/explain/causes.h"
#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::Reason;

namespace {

// The names that the remedies below put in.
struct Names {
  explicit Names(const Facts& f)
      : target(target_name(f.asked)),
        at(target_address(f.asked)),
        module(safe(f.asked.target->module->name)),
        proxy(f.asked.target->module->proxy.get()),
        url(proxy == nullptr ? "the proxy" : safe(config::url(*proxy))),
        said(f.failure->detail.empty() ? "" : " (" + safe(f.failure->detail) + ")") {}

  std::string target, at, module;
  const config::Proxy* proxy;
  std::string url;
  std::string said;
};

bool login_fails(const Facts& f) { return f.failure->reason == Reason::proxy_authentication; }

bool password_unread(const Facts& f) {
  return login_fails(f) && f.failure->detail.starts_with("the password file cannot be read");
}

std::string mend_password_file(const Facts& f) {
  const Names n(f);
  const std::string file = n.proxy == nullptr ? "" : " " + safe(n.proxy->password_file);
  return "Let the exporter's user read `password_file`" + file + n.said + ": " + n.url + " was asked with an empty password.";
}

std::string give_login(const Facts& f) {
  const Names n(f);
  return "Set `username` and `password_file` of the `proxy` of module " + n.module + ", or let " + n.url +
         " take connections from this machine without a login" + n.said + ".";
}

std::string correct_login(const Facts& f) {
  const Names n(f);
  return "Correct `username` and `password_file` of the `proxy` of module " + n.module + ": " + n.url + " does not take them" +
         n.said + ".";
}

std::string by_reason(const Facts& f) {
  const Names n(f);
  switch (f.failure->reason) {
    case Reason::proxy_unreachable:
      return "Start the proxy, or correct `url` of the `proxy` of module " + n.module + n.said + ". Nothing is known of " +
             n.target + ".";
    case Reason::proxy_timeout:
      return "See whether " + n.url + " can reach " + n.at +
             ", and whether a firewall drops packets between them: it took our connection and did not answer in time (`timeout` "
             "of module " +
             n.module + ": " + config::duration_text(f.asked.target->module->timeout) + ").";
    case Reason::proxy_refused:
      return "Let the rules of " + n.url + " allow connections to " + n.at + n.said +
             "; many proxies allow port 443 alone. Or reach " + n.target + " without it: `proxy: off`.";
    case Reason::proxy_target_unreachable:
      return "See from the machine of " + n.url + " why it cannot connect to " + n.at + n.said +
             ": the server may be down, its name unknown there, or a firewall between them.";
    default:
      return "Correct `url` of the `proxy` of module " + n.module + ": what answers at " + n.url +
             " is no such proxy, or hangs up" + n.said + ".";
  }
}

constexpr Cause table[] = {
    {.name = "proxy_password_unread",
     .words = "The exporter cannot read the password for the proxy.",
     .holds = password_unread,
     .remedy = mend_password_file},
    {.name = "proxy_wants_login",
     .words = "The proxy wants a login and we have none.",
     .holds =
         [](const Facts& f) {
           const auto& proxy = f.asked.target->module->proxy;
           return login_fails(f) && proxy && proxy->username.empty();
         },
     .remedy = give_login},
    {.name = "proxy_refuses_login", .words = "The proxy does not take our login.", .holds = login_fails, .remedy = correct_login},
    {.name = "proxy_by_reason", .words = "", .holds = [](const Facts&) { return true; }, .remedy = by_reason},
};

}  // namespace

std::span<const Cause> proxy_causes() { return table; }

}  // namespace exporter::explain
