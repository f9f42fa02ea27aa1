#include "exporter/explain/ask.h"

#include <algorithm>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "exporter/explain/other_key.h"
#include "probes/client_auth/knock.h"
#include "probes/client_auth/rogue.h"
#include "probes/net/resolver.h"
#include "probes/observations/wall_time.h"
#include "probes/probe.h"
#include "probes/revocation/places.h"
#include "probes/tls/context.h"

namespace exporter::explain {

using probes::observations::Handshake;

namespace {

constexpr std::size_t at_once = 16;  // enough for thousands of targets, few enough to look like no attack

// What the askers share. Outlives them; used on the loop's thread only.
struct Round {
  const std::vector<Inquiry>& inquiries;
  std::vector<Handshake> seen;
  std::vector<probes::observations::CertificatePtr> others;
  // Asks of revocation over HTTP where a module says so; it begins with the first question.
  std::shared_ptr<probes::revocation::Remote> remote = std::make_shared<probes::revocation::Places>(nullptr);
  std::vector<Knocks> knocks;
  std::size_t next = 0;
  std::size_t answered = 0;
};

// Null is anonymous.
probes::tls::IdentityPtr knocker(const std::string& name, const Inquiry& inquiry) {
  if (name == "anonymous") return nullptr;
  if (name != "rogue") return inquiry.knockers.at(name);
  const auto now = probes::observations::wall_seconds();
  const bool resembles = inquiry.identity && !inquiry.identity->chain().empty();
  return resembles ? probes::client_auth::rogue(*inquiry.identity, now) : probes::client_auth::nobody(now);
}

// A door that cannot be reached is not knocked at: the answer would say nothing.
asio::awaitable<void> knock(probes::Surroundings surroundings, probes::Assignment assignment, const Inquiry& inquiry,
                            const Handshake& own, Knocks& knocks) {
  if (!probes::observations::reached(own)) co_return;
  assignment.approach = own.approach;
  assignment.settled_approach = true;
  for (const std::string& name : inquiry.knocks) {
    assignment.identity = knocker(name, inquiry);
    const Handshake met = co_await probes::probe(surroundings, assignment);
    knocks.push_back({name, probes::client_auth::answer(met, own), met.finished});
  }
}

// Takes the next inquiry until there is none. The last answer stops the loop, which the resolver would keep alive.
asio::awaitable<void> asker(probes::Surroundings surroundings, asio::io_context& loop, Round& round) {
  while (round.next < round.inquiries.size()) {
    const std::size_t index = round.next++;
    const Inquiry& inquiry = round.inquiries[index];
    probes::Assignment assignment{.target = inquiry.asked.target,
                                  .identity = inquiry.identity,
                                  .trust = inquiry.trust,
                                  .remote = round.remote,
                                  .judge_ahead = inquiry.asked.ahead};
    assignment.proxy_password = inquiry.proxy_password;
    round.seen[index] = co_await probes::probe(surroundings, assignment);
    co_await knock(surroundings, assignment, inquiry, round.seen[index], round.knocks[index]);
    if (inquiry.other_key) assignment.target = asking_for_other_key(*inquiry.asked.target, round.seen[index]);
    if (inquiry.other_key && assignment.target) {
      assignment.identity = nullptr;
      const Handshake answered = co_await probes::probe(surroundings, assignment);
      round.others[index] = other_leaf(round.seen[index], answered);
    }
    if (++round.answered == round.inquiries.size()) loop.stop();
  }
}

}  // namespace

std::vector<Account> ask(const std::vector<Inquiry>& inquiries) {
  Round round{.inquiries = inquiries, .seen = std::vector<Handshake>(inquiries.size()), .others = {}, .knocks = {}};
  round.others.resize(inquiries.size());
  round.knocks.resize(inquiries.size());
  asio::io_context loop(1);
  asio::thread_pool signer(1);
  {
    probes::net::Resolver resolver(loop.get_executor());
    probes::tls::Contexts contexts;
    const probes::Surroundings surroundings{resolver, contexts, signer.get_executor()};
    for (std::size_t i = 0; i < std::min(at_once, inquiries.size()); ++i)
      asio::co_spawn(loop, asker(surroundings, loop, round), asio::detached);
    loop.run();
  }
  std::vector<Account> accounts;
  for (std::size_t i = 0; i < inquiries.size(); ++i) {
    accounts.push_back(account_of(inquiries[i].asked, std::move(round.seen[i]), round.knocks[i]));
    accounts.back().other_leaf = round.others[i];
  }
  return accounts;
}

}  // namespace exporter::explain
