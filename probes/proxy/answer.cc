// What the answers of all proxies have in common.
#include "probes/proxy/tunnel.h"

namespace probes::proxy {

using observations::Failure;
using observations::Reason;
using observations::Stage;

namespace {

std::string how_it_ended(net::End end) {
  switch (end) {
    case net::End::closed: return "it closed the connection without an answer";
    case net::End::reset: return "it reset the connection";
    case net::End::flooded: return "its answer does not end";
    case net::End::too_late: return "no answer in time";
    case net::End::ok:
    case net::End::failed: break;
  }
  return "the connection failed";
}

}  // namespace

Failure explain(const Answer& answer) {
  const auto because = [&](Reason reason) { return Failure{Stage::proxy, reason, {}, answer.said}; };
  switch (answer.result) {
    case Answer::Result::refused: return because(Reason::proxy_refused);
    case Answer::Result::needs_login: return because(Reason::proxy_authentication);
    case Answer::Result::cannot_reach: return because(Reason::proxy_target_unreachable);
    case Answer::Result::malformed: return because(Reason::proxy_protocol);
    case Answer::Result::connected:
    case Answer::Result::ended: break;
  }
  const Reason reason = answer.end == net::End::too_late ? Reason::proxy_timeout : Reason::proxy_protocol;
  return Failure{Stage::proxy, reason, {}, how_it_ended(answer.end)};
}

}  // namespace probes::proxy
