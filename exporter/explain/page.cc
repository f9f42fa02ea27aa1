#include "exporter/explain/page.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "config/duration.h"
#include "exporter/estate/door.h"
#include "exporter/explain/chain_tree.h"
#include "exporter/explain/paint.h"
#include "exporter/explain/phrases.h"
#include "exporter/explain/remedy.h"

namespace exporter::explain {

using probes::observations::AcceptableAuthorities;
using probes::observations::ClientAuthentication;
using probes::observations::Failure;
using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::RevocationAnswer;
using probes::observations::Verdict;

namespace {

constexpr std::size_t names_shown = 8;
constexpr std::size_t problems_shown = 40;
constexpr std::size_t text_column = 16;

// "  endpoint      192.0.2.1:8443", wrapped.
std::string row(std::string_view name, std::string_view text) {
  std::string begin = "  " + std::string(name);
  begin.resize(std::max(text_column, begin.size() + 1), ' ');
  return begin + wrapped(text, begin.size()) + "\n";
}

std::string milliseconds(std::chrono::nanoseconds duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", std::chrono::duration<double, std::milli>(duration).count());
  return text;
}

// As --at takes it.
std::string ahead_words(std::chrono::seconds ahead) {
  const auto days = std::chrono::duration_cast<std::chrono::days>(ahead);
  const std::string text = days == ahead ? std::to_string(days.count()) + "d" : config::duration_text(ahead);
  return text.starts_with("-") ? text : "+" + text;
}

std::string heading(const Account& account, const Paint& paint) {
  const Asked& asked = account.asked;
  const std::string target = target_name(asked), address = target_address(asked);
  std::string text = paint.bold(target + (target == address ? "" : " (" + address + ")") + ", " + as_whom(account.asked)) + "\n";
  const auto at = std::chrono::floor<std::chrono::seconds>(judged_at(account));
  const std::string when = asked.ahead.count() == 0 ? "" : " as of " + date(at) + " (" + ahead_words(asked.ahead) + ")";
  const config::Module& module = *asked.target->module;
  const bool by_port = module.name == "default" && !module.protocol_written && module.protocol != "auto";
  const std::string spoken = by_port ? ", protocol " + module.protocol + " by its port" : "";
  return text + "module " + safe(module.name) + spoken + ", judged against " + trust_words(asked) + when + "\n";
}

std::string took(const Handshake& seen) {
  std::string phases;
  const auto add = [&](const char* name, std::chrono::nanoseconds duration) {
    if (duration.count() != 0) phases += (phases.empty() ? "" : ", ") + std::string(name) + " " + milliseconds(duration);
  };
  add("resolve", seen.phases.resolve);
  add("connect", seen.phases.connect);
  add("proxy", seen.phases.proxy);
  add("dialogue", seen.phases.dialogue);
  add("handshake", seen.phases.handshake);
  add("verdict", seen.phases.verdict);
  return milliseconds(seen.duration) + (phases.empty() ? "" : " (" + phases + ")");
}

std::string endpoint_words(const Handshake& seen) {
  if (!seen.endpoint.empty()) return safe(seen.endpoint);
  const auto* failure = seen.failure();
  const bool unresolved = failure != nullptr && failure->stage == probes::observations::Stage::resolve;
  return unresolved ? "none: the name did not resolve" : "none";
}

// The address is then that of which the proxy was asked.
std::string proxy_words(const config::Target& target) {
  return target.module->proxy ? " through " + safe(config::url(*target.module->proxy)) : "";
}

std::string connection(const Account& account, const Paint& paint) {
  const Handshake& seen = account.seen;
  std::string text = "\n" + paint.bold("Connection") + "\n";
  text += row("endpoint", endpoint_words(seen) + proxy_words(*account.asked.target));
  if (const auto& n = seen.negotiated) {
    const std::string group = n->group.empty() ? "" : ", " + safe(n->group);
    text +=
        row("negotiated", safe(n->version) + ", " + safe(n->cipher) + group + (n->alpn.empty() ? "" : ", ALPN " + safe(n->alpn)));
  }
  if (seen.application_status) text += row("application", "HTTP " + std::to_string(*seen.application_status));
  return text + row("took", took(seen));
}

std::string chain_words(const Account& account, const Paint& paint) {
  const auto& chain = *account.seen.chain;
  std::string text = chain.valid ? paint.good("valid") : paint.bad("not valid") + " (" + safe(chain.verify_text) + ")";
  text += chain.complete ? ", complete" : ", " + paint.doubtful("not complete");
  if (chain.expiry) text += ", " + ending(*chain.expiry, judged_at(account));
  return text;
}

// What our handshakes do not see of a port that has two certificates.
std::string other_certificate(const Account& account) {
  if (!account.other_leaf) return "";
  return row("also there", subject_name(*account.other_leaf) + " (" + key_word(*account.other_leaf) + "), " +
                               ending(account.other_leaf->not_after(), judged_at(account)) +
                               ": `tls.signature_algorithms` of a module of its own watches it, too");
}

// Who said what of each certificate of the path, and until when.
std::string revocation_rows(const Handshake& seen) {
  std::string text, label = "revocation";
  if (!seen.chain) return text;
  for (const RevocationAnswer& answer : seen.chain->revocation) {
    text +=
        row(label, subject_name(*answer.certificate) + ": " + std::string(word(answer.method)) + " " + safe(described(answer)));
    label = "";
  }
  return text;
}

std::string names_of(const probes::observations::Certificate& leaf) {
  if (!leaf.subject_alternative_names().empty()) return safe(joined_names(leaf));
  return leaf.subject_common_name().empty() ? "no name" : "the common name " + safe(leaf.subject_common_name()) + " alone";
}

std::string server_certificates(const Account& account, const Paint& paint) {
  const Handshake& seen = account.seen;
  std::string text = "\n" + paint.bold("Server certificates") + ": ";
  if (seen.certificates.empty()) return text + "none came\n";
  text +=
      (seen.chain ? chain_words(account, paint) : std::string("not judged")) + "\n" + chain_tree(seen, judged_at(account), paint);
  const std::string names = names_of(*seen.certificates.front());
  if (!seen.hostname_match)
    text += row("name", "not judged: no name is expected of this server, and the certificate is for " + names);
  else if (seen.certificates.front()->subject_alternative_names().empty())
    text +=
        row("name", server_name(account.asked) +
                        (*seen.hostname_match
                             ? " is its common name; it has no alternative name, and old clients alone look at the common name"
                             : " is not its name: it is for " + names));
  else text += row("name", server_name(account.asked) + (*seen.hostname_match ? " is among " : " is not among ") + names);
  return text + other_certificate(account) + revocation_rows(seen);
}

// Which certificate a problem is about; "" for the chain as a whole.
std::string about(const Problem& problem, const Handshake& seen) {
  if (!problem.position) return "";
  const auto position = static_cast<std::size_t>(*problem.position);
  if (position < seen.certificates.size()) return " (" + subject_name(*seen.certificates[position]) + ")";
  return seen.chain->path.empty() ? "" : " (" + subject_name(*seen.chain->path.back()) + ")";
}

std::string problem_rows(const std::vector<Problem>& problems, const Handshake& seen, bool of_identity, const Paint& paint) {
  std::string text;
  const std::size_t shown = std::min(problems.size(), problems_shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Problem& problem = problems[i];
    std::string begin = std::string(word(problem.severity));
    begin.resize(10, ' ');
    const std::string subject = of_identity ? " (our identity)" : about(problem, seen);
    std::string sentence =
        std::string(word(problem.finding)) + subject + ": " + std::string(probes::observations::row(problem.finding).meaning);
    if (!problem.detail.empty()) sentence += "; " + safe(problem.detail);
    text += "  " + paint.by(problem.severity, begin) + wrapped(sentence, 12) + "\n";
  }
  if (shown < problems.size()) text += "  ... and " + std::to_string(problems.size() - shown) + " more\n";
  return text;
}

std::string findings(const Account& account, const Paint& paint) {
  std::string text;
  if (account.seen.chain) text += problem_rows(account.seen.chain->problems, account.seen, false, paint);
  text += problem_rows(account.asked.identity_problems, account.seen, true, paint);
  return text.empty() ? "" : "\n" + paint.bold("Findings") + "\n" + text;
}

std::string asks(const ClientAuthentication& client) {
  if (!client.requested)
    return client.verdict == Verdict::not_requested ? "does not ask for a certificate"
                                                    : "did not come to asking for a certificate";
  return client.requested_late ? "asks for a certificate after the handshake" : "asks for a certificate in the handshake";
}

std::string accepts(const AcceptableAuthorities& acceptable, const Handshake& seen) {
  if (acceptable.count == 0) return "any CA it knows: its list is empty";
  std::string text =
      std::to_string(acceptable.count) + (acceptable.count == 1 ? " CA: " : " CAs: ") + listed_authorities(seen, names_shown);
  for (const std::string& problem : acceptable.problems) text += "; " + safe(problem);
  return text;
}

std::string sent(const Account& account) {
  const ClientAuthentication& client = account.seen.client;
  if (!client.sent)
    return account.asked.identity.empty() ? "no certificate"
                                          : "no certificate, although " + safe(account.asked.identity) + " was offered";
  std::string text = identity_words(account.asked);
  const bool has_list = client.acceptable && client.acceptable->count > 0;
  if (client.issuer_listed && has_list)
    text += *client.issuer_listed ? "; a CA of its chain is in that list" : "; no CA of its chain is in that list";
  return text;
}

std::string verdict_words(Verdict verdict, const Paint& paint) {
  const std::string text(word(verdict));
  switch (verdict) {
    case Verdict::accepted: return paint.good(text);
    case Verdict::rejected: return paint.bad(text);
    case Verdict::unconfirmed:
    case Verdict::not_requested: return paint.doubtful(text);
  }
  return text;
}

std::string_view answer_words(probes::observations::KnockAnswer answer) {
  switch (answer) {
    case probes::observations::KnockAnswer::refused: return "turned away";
    case probes::observations::KnockAnswer::admitted: return "let in";
    case probes::observations::KnockAnswer::undetermined: break;
  }
  return "could not be told";
}

// "required: anonymous turned away, rogue turned away".
std::string knocked_door(const Door& door, const Paint& paint) {
  using probes::observations::DoorMode;
  const DoorMode mode = door.mode.value_or(DoorMode::undetermined);
  const std::string name(word(mode));
  std::string text = mode == DoorMode::required       ? paint.good(name)
                     : mode == DoorMode::undetermined ? paint.doubtful(name)
                                                      : paint.bad(name);
  std::string knocks;
  for (const auto& [who, record] : door.knocks)
    knocks += (knocks.empty() ? ": " : ", ") + safe(who) + " " + std::string(answer_words(record.answer));
  return row("the door", text + knocks);
}

// One probe does not tell an open door from a locked one, and a page that is silent about it would be read as if it did.
std::string door(const Account& account, const Paint& paint) {
  if (!account.door.knocks.empty()) return knocked_door(account.door, paint);
  const std::vector<std::string> knocks = must_be_refused(account.asked.target->module->client_auth);
  if (knocks.empty()) return "";
  return row("the door", "was not knocked at (" + safe(joined(knocks, names_shown)) +
                             "): `--knock` does, and the exporter; see mtls_client_auth_mode");
}

std::string reason_words(const Failure& failure) {
  std::string text = std::string(word(failure.stage)) + "/" + std::string(word(failure.reason));
  if (failure.alert) text += ", alert " + probes::observations::alert_word(*failure.alert);
  text += ": " + std::string(probes::observations::meaning({failure.stage, failure.reason}));
  return failure.detail.empty() ? text : text + " (" + safe(failure.detail) + ")";
}

// What turned us away, without the words for an identity that was refused: there was none.
std::string said_to_us(const Failure& failure) {
  if (failure.alert) return "alert " + probes::observations::alert_word(*failure.alert);
  if (!failure.detail.empty()) return safe(failure.detail);
  return std::string(word(failure.reason));
}

std::string client_authentication(const Account& account, const Paint& paint) {
  const ClientAuthentication& client = account.seen.client;
  std::string text = "\n" + paint.bold("Client authentication") + "\n";
  text += row("the server", asks(client));
  if (client.acceptable) text += row("it accepts", accepts(*client.acceptable, account.seen));
  if (client.requested) text += row("we sent", sent(account));
  if (client.turned_away) {
    return text + row("verdict", paint.good("rejected") + ": it turns away clients without a certificate, as it is meant to") +
           row("it said", said_to_us(*client.turned_away)) + door(account, paint);
  }
  if (!account.seen.set_aside.empty()) text += row("first try", safe(account.seen.set_aside));
  text += row("verdict", client.verdict ? verdict_words(*client.verdict, paint) : "none: it did not come that far");
  return text + door(account, paint);
}

std::string result(const Account& account, const Paint& paint) {
  const std::string good = account.broken.empty() ? paint.good("good") : paint.bad("not as expected: " + broken_words(account));
  std::string text = "\n" + paint.bold("Result") + ": " + good + "\n";
  if (const Failure* failure = account.seen.failure()) text += row("reason", reason_words(*failure));
  std::string label = account.broken.empty() ? "note" : "remedy";
  for (const std::string& advice : remedies(account)) {
    text += row(label, advice);
    label = "and";
  }
  return text;
}

}  // namespace

std::string page(const Account& account, bool colours) {
  const Paint paint(colours);
  return heading(account, paint) + connection(account, paint) + server_certificates(account, paint) + findings(account, paint) +
         client_authentication(account, paint) + result(account, paint);
}

}  // namespace exporter::explain
