#include "exporter/explain/remedy.h"

#include <algorithm>
#include <utility>

#include "exporter/explain/causes.h"
#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::Failure;
using probes::observations::Handshake;
using probes::observations::Problem;
using probes::observations::Severity;
using probes::observations::Stage;
using probes::observations::Verdict;

std::optional<Advice> advice(std::span<const Cause> table, const Facts& facts) {
  const auto row = std::ranges::find_if(table, [&](const Cause& one) { return one.holds(facts); });
  if (row == table.end()) return {};
  std::string text(row->words);
  if (!text.empty()) text += ' ';
  return Advice{row->name, text + row->remedy(facts)};
}

namespace {

// The server took our certificate, and was meant to ask for one.
bool nothing_to_do(const Account& account) {
  const Handshake& seen = account.seen;
  return seen.failure() == nullptr && seen.client.verdict == Verdict::accepted && seen.client.sent &&
         account.asked.target->module->client_auth.expect != config::ClientAuthExpectation::none;
}

// For the failure where there is one, else for the verdict.
Advice of_the_probe(const Handshake& seen, const Asked& asked) {
  const Failure* failure = seen.failure();
  const auto table = failure == nullptr                            ? verdict_causes()
                     : failure->stage == Stage::client_certificate ? client_causes()
                     : failure->stage == Stage::proxy              ? proxy_causes()
                                                                   : connection_causes();
  return advice(table, {.seen = seen, .asked = asked, .failure = failure}).value_or(Advice{});
}

std::vector<Advice> of_the_certificates(const Handshake& seen, const Asked& asked) {
  std::vector<Advice> all;
  if (!seen.chain || seen.certificates.empty()) return all;
  const auto& problems = seen.chain->problems;
  const auto worst =
      std::ranges::find_if(problems, [](const Problem& problem) { return problem.severity == Severity::critical; });
  const Facts facts{.seen = seen, .asked = asked, .problem = worst == problems.end() ? nullptr : &*worst};
  if (facts.problem != nullptr || !seen.chain->valid)
    if (auto one = advice(chain_causes(), facts)) all.push_back(std::move(*one));
  if (seen.hostname_match == false)
    if (auto one = advice(name_causes(), facts)) all.push_back(std::move(*one));
  return all;
}

}  // namespace

std::string remedy(const Handshake& seen, const Asked& asked) { return of_the_probe(seen, asked).text; }

std::optional<std::string> chain_remedy(const Handshake& seen, const Asked& asked) {
  std::string text;
  for (const Advice& one : of_the_certificates(seen, asked)) text += (text.empty() ? "" : " ") + one.text;
  if (text.empty()) return {};
  return text;
}

std::optional<std::string> identity_remedy(const Asked& asked) {
  for (const Problem& problem : asked.identity_problems) {
    if (problem.severity != Severity::critical) continue;
    std::string text = "Mend or renew identity " + safe(asked.identity) + " (" + std::string(word(problem.finding));
    const auto position = static_cast<std::size_t>(problem.position.value_or(0));
    if (!problem.detail.empty()) text += ": " + safe(problem.detail);
    else if (position < asked.presented.size())
      text += ": " + subject_name(*asked.presented[position]) + " is valid to " + date(asked.presented[position]->not_after());
    return text + ").";
  }
  return {};
}

std::vector<Advice> all_advice(const Account& account) {
  std::vector<Advice> all;
  const Failure* failure = account.seen.failure();
  const auto breaks = [&](std::string_view expectation) {
    return std::ranges::find(account.broken, expectation) != account.broken.end();
  };
  if (!account.door.knocks.empty() && breaks("client_auth"))
    if (auto one = advice(door_causes(), {.seen = account.seen, .asked = account.asked, .door = &account.door}))
      all.push_back(std::move(*one));
  // Where the door is all there is, the probe itself has nothing to advise.
  const bool door_alone = !all.empty() && account.broken.size() == 1;
  if (!door_alone && !nothing_to_do(account)) all.push_back(of_the_probe(account.seen, account.asked));
  for (Advice& one : of_the_certificates(account.seen, account.asked)) all.push_back(std::move(one));
  // A refusal for what our own certificate is has said it.
  const bool said =
      failure != nullptr && failure->stage == Stage::client_certificate && std::ranges::any_of(all, [](const Advice& one) {
        return one.cause == "identity_unusable" || one.cause == "our_certificate_expired";
      });
  if (auto identity = identity_remedy(account.asked); identity && !said) all.push_back({"identity", std::move(*identity)});
  if (all.empty()) all.push_back(of_the_probe(account.seen, account.asked));
  return all;
}

std::vector<std::string> remedies(const Account& account) {
  std::vector<std::string> texts;
  for (Advice& one : all_advice(account)) texts.push_back(std::move(one.text));
  return texts;
}

}  // namespace exporter::explain
