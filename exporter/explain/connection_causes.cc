// What stands in the way of a connection, a handshake or an answer. Mostly the reason says it all; before that, what the port or
// the server's own greeting gives away.
#include "config/duration.h"
#include "exporter/explain/causes.h"
#include "exporter/explain/phrases.h"
#include "exporter/explain/spoken.h"

namespace exporter::explain {

using probes::observations::Failure;
using probes::observations::Handshake;
using probes::observations::Reason;
using probes::observations::Stage;

namespace {

std::string version_words(config::TlsVersion version) {
  switch (version) {
    case config::TlsVersion::tls1_0: return "1.0";
    case config::TlsVersion::tls1_1: return "1.1";
    case config::TlsVersion::tls1_2: return "1.2";
    case config::TlsVersion::tls1_3: return "1.3";
  }
  return "1.3";
}

// The names that the remedies below put in.
struct Names {
  explicit Names(const Asked& asked)
      : target(target_name(asked)),
        at(target_address(asked)),
        host(safe(asked.target->host)),
        name(server_name(asked)),
        module(safe(asked.target->module->name)),
        header(asked.target->proxy_protocol ? "target " + target : "module " + module),
        proxy_protocol(config::proxy_protocol(*asked.target)),
        timeout("`timeout` of module " + module + " (" + config::duration_text(asked.target->module->timeout) + ")"),
        settings(*asked.target->module) {}

  std::string target, at, host, name, module;
  std::string header;  // whose `proxy_protocol` counts
  config::ProxyProtocol proxy_protocol;
  std::string timeout;
  const config::Module& settings;
};

std::string resolve_remedy(Reason reason, const Names& n) {
  if (reason == Reason::name_not_found)
    return "Correct the host of target " + n.target + ", or give " + n.host + " an address in the DNS that this machine asks.";
  if (reason == Reason::resolve_timeout)
    return "See why the name servers in /etc/resolv.conf do not answer this machine about " + n.host +
           "; `--address` probes without them.";
  return "Ask for " + n.host + " with `dig` on this machine: its name servers answer with an error.";
}

std::string connect_remedy(const Failure& failure, const Names& n) {
  switch (failure.reason) {
    case Reason::refused: return "Start the server at " + n.at + ", or correct the port of target " + n.target + ".";
    case Reason::unreachable:
      return "Give this machine a route to " + n.at + ": check its network and the address of target " + n.target + ".";
    case Reason::connect_timeout:
      return "Look for a firewall that drops packets on the way to " + n.at + "; if the server is just slow, raise " + n.timeout +
             ".";
    default:
      return "Look at what stands before " + n.at +
             " (a firewall, a load balancer without a backend): it resets new connections.";
  }
}

// A server that wants the PROXY protocol's header and gets none, or the other way round, says nothing and closes: the header can
// only be named beside what else ends so. `text` is the remedy without it.
std::string with_proxy_protocol(std::string text, const Failure& failure, const Handshake& seen, const Names& n) {
  if (!seen.certificates.empty()) return text;
  if (n.proxy_protocol != config::ProxyProtocol::off) {
    const std::string version = n.proxy_protocol == config::ProxyProtocol::v1 ? "v1" : "v2";
    return "See whether " + n.target +
           " expects the PROXY protocol's header (haproxy's accept-proxy, nginx's listen ... "
           "proxy_protocol): " +
           n.header + " sends it (`proxy_protocol: " + version + "`). If it does: " + text;
  }
  if (failure.reason != Reason::closed && failure.reason != Reason::connection_reset) return text;
  return text +
         " A server behind a load balancer may want the PROXY protocol's header first (accept-proxy, listen ... "
         "proxy_protocol): then set `proxy_protocol: v2` in module " +
         n.module + ".";
}

std::string starttls_remedy(const Failure& failure, const Names& n) {
  const std::string said = failure.detail.empty() ? "" : " (it said: " + safe(failure.detail) + ")";
  const std::string spoken = "`protocol: " + n.settings.protocol + "` of module " + n.module;
  switch (failure.reason) {
    case Reason::starttls_refused:
      return "Switch TLS on in " + n.target + said + ", or let target " + n.target +
             " name the port where it is on; where TLS begins with the first byte there, set `protocol: tls` in module " +
             n.module + ".";
    case Reason::starttls_needs_authentication:
      return "Let " + n.target + " offer STARTTLS before a login" + said +
             ": a client that must log in first sends its password in the clear.";
    case Reason::starttls_timeout:
      return "See whether what listens at " + n.at + " speaks what " + spoken +
             " says (a server that waits for TLS says nothing: then set `protocol: tls`), and is not stuck; if it is just slow, "
             "raise " +
             n.timeout + ".";
    case Reason::plaintext_after_starttls:
      return "Find out who sends bytes between " + n.target +
             "'s consent to TLS and its first record: a broken server, or somebody on the "
             "way who injects commands. Clients that read on in the clear would take them for the server's.";
    default:
      return "Correct the port of target " + n.target + ", or " + spoken + ": what answers at " + n.at + " does not speak it" +
             said + ".";
  }
}

std::string handshake_remedy(const Failure& failure, const Names& n) {
  switch (failure.reason) {
    case Reason::handshake_timeout:
      return "See whether what listens at " + n.at +
             " speaks TLS at once (a STARTTLS server waits for the client) and is not stuck; "
             "if it is just slow, raise " +
             n.timeout + ".";
    case Reason::connection_reset:
      return "Look in the log of " + n.target +
             " for why it resets handshakes: an allow list, or a proxy without a backend for " + n.name + ".";
    case Reason::closed:
      return "Look in the log of " + n.target + " for why it hangs up without an alert: often a name it does not serve (" +
             n.name + ") or a certificate it could not load.";
    case Reason::not_tls:
      return "Correct the port of target " + n.target + ", or set `protocol` of module " + n.module + " (now " +
             n.settings.protocol + ") to what is spoken at " + n.at + " before TLS.";
    case Reason::protocol_error:
      return "Compare with `openssl s_client -connect " + n.at + "` from the server's own network: either " + n.target +
             " breaks TLS, or something on the way changes what it sends.";
    case Reason::protocol_version:
      return "Let " + n.target + " speak TLS 1.2 or later; module " + n.module + " offers `tls.min_version` " +
             version_words(n.settings.tls.min_version) + " to `tls.max_version` " + version_words(n.settings.tls.max_version) +
             ".";
    case Reason::no_shared_cipher:
      return "Compare the ciphers, groups and key types of " + n.target +
             " with `tls.ciphers`, `tls.cipher_suites` and `tls.groups` of module " + n.module + " at `tls.security_level` " +
             std::to_string(n.settings.tls.security_level) + ".";
    case Reason::unrecognized_name:
      if (!n.settings.tls.send_server_name)
        return "Remove `tls.send_server_name: false` from module " + n.module + ": " + n.target + " wants to be told a name.";
      return "Set `server_name` of target " + n.target + " to a name that the server serves, or add " + n.name +
             " to the server.";
    case Reason::no_application_protocol:
      return "Set `tls.alpn` of module " + n.module + " to a protocol that " + n.target + " speaks.";
    case Reason::key_too_small:
      return "Give " + n.target +
             " larger Diffie-Hellman parameters (2048 bits, or an elliptic curve); `tls.security_level` of module " + n.module +
             " (now " + std::to_string(n.settings.tls.security_level) + ") decides what is too small.";
    case Reason::key_too_large:
      return "Give " + n.target + " a Diffie-Hellman group of at most 4096 bits, or better an elliptic curve.";
    case Reason::message_too_large: return "Shorten the chain or the list of acceptable CAs that " + n.target + " sends.";
    case Reason::certificate_unparsable:
      return "Issue the certificate of " + n.target + " anew, and look at the tool that made this one.";
    case Reason::no_certificate:
      return "Configure a certificate for " + n.name + " at " + n.target + ", and no anonymous cipher suites.";
    default: {
      const std::string alert = failure.alert ? probes::observations::alert_word(*failure.alert) : "its alert";
      return "Look in the log of " + n.target + " for why it sent " + alert + ".";
    }
  }
}

std::string application_remedy(const Failure& failure, const Handshake& seen, const Names& n) {
  const bool http = n.settings.protocol == "https" || n.settings.protocol == "auto";
  const std::string question =
      http ? n.settings.http.method + " " + safe(n.settings.http.path) : "what `protocol: " + n.settings.protocol + "` asks";
  switch (failure.reason) {
    case Reason::http_status: {
      const std::string status = seen.application_status ? std::to_string(*seen.application_status) : "another status";
      return "Correct `http.path` of module " + n.module + ": " + n.target + " answers " + status + " to " + question +
             "; or, if that is right, add it to `http.accepted_status`.";
    }
    case Reason::application_timeout:
      return "See why " + n.target + " lets us in and does not answer " + question + "; if it is just slow, raise " + n.timeout +
             ".";
    default:
      return "Set `protocol` of module " + n.module + " (now " + n.settings.protocol + ") to what " + n.target +
             " speaks inside TLS.";
  }
}

std::string by_reason(const Facts& f) {
  const Failure& failure = *f.failure;
  const Names names(f.asked);
  switch (failure.stage) {
    case Stage::resolve: return resolve_remedy(failure.reason, names);
    case Stage::connect: return connect_remedy(failure, names);
    case Stage::handshake: return with_proxy_protocol(handshake_remedy(failure, names), failure, f.seen, names);
    case Stage::application: return application_remedy(failure, f.seen, names);
    case Stage::starttls: return starttls_remedy(failure, names);
    case Stage::proxy:  // proxy_causes.cc
    case Stage::client_certificate:
    case Stage::internal: break;
  }
  const std::string why = failure.detail.empty() ? "" : " (" + safe(failure.detail) + ")";
  return "Nothing is said of the server: the exporter itself could not go on" + why +
         ". If memory and file descriptors suffice, report this with the settings of target " + names.target + " and module " +
         names.module + ".";
}

std::string set_the_protocol(const Facts& f) {
  const Names n(f.asked);
  const Spoken& spoken = *spoken_before_tls(f);
  const std::string greeted = f.failure->reason == Reason::not_tls ? ": " + safe(f.failure->detail) : "";
  return "Set `protocol: " + std::string(spoken.name) + "` in module " + n.module + " (now " + n.settings.protocol +
         ") for what listens at " + n.at + greeted + ".";
}

std::string take_another_port(const Facts& f) {
  const Names n(f.asked);
  return "Correct the port of target " + n.target + ": what listens at " + n.at + " speaks " +
         std::string(spoken_before_tls(f)->words) + ".";
}

constexpr Cause table[] = {
    {.name = "protocol_to_set",
     .words = "The server speaks another protocol before TLS.",
     .holds = [](const Facts& f) { return spoken_before_tls(f) != nullptr && spoken_before_tls(f)->before_tls; },
     .remedy = set_the_protocol},
    {.name = "port_without_tls",
     .words = "There is no TLS at this port.",
     .holds = [](const Facts& f) { return spoken_before_tls(f) != nullptr; },
     .remedy = take_another_port},
    {.name = "by_reason", .words = "", .holds = [](const Facts&) { return true; }, .remedy = by_reason},
};

}  // namespace

std::span<const Cause> connection_causes() { return table; }

}  // namespace exporter::explain
