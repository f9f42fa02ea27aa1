#include "exporter/on_demand/on_demand_probes.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "config/address.h"
#include "config/mistakes.h"
#include "exporter/log.h"
#include "exporter/on_demand/reply.h"
#include "probes/probe.h"

namespace exporter::on_demand {

using probes::observations::Handshake;

namespace {

config::AddressBytes bytes_of(const asio::ip::address& address) {
  const auto v6 = address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
  return v6.to_bytes();
}

web::Response busy() {
  return {.status = 503, .headers = {{"Retry-After", "1"}}, .body = "Too many probes are under way; come back in a second.\n"};
}

web::Response unanswerable() { return {.status = 500, .body = "The probe could not be answered.\n"}; }

web::Response closed_door(const Question& question, const std::string& why) {
  return {.status = 403,
          .body = config::quote(config::address_text({question.target->host, question.target->port})) +
                  " may not be probed: " + why + "\n"};
}

}  // namespace

// One request on its way to its answer.
struct OnDemandProbes::OneProbe {
  Question question;
  MaterialsPtr materials;
  web::RequestPtr request;
  web::Reply reply;
};

OnDemandProbes::OnDemandProbes(MaterialsSource materials, metrics::OwnMetrics& own, OnDemandOptions options)
    : materials_(std::move(materials)),
      own_(own),
      options_(std::move(options)),
      resolver_(loop_.get_executor(), options_.name_servers) {
  thread_ = std::thread([this] { loop_.run(); });
}

OnDemandProbes::~OnDemandProbes() { stop(); }

void OnDemandProbes::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

void OnDemandProbes::answer(web::RequestPtr request, web::Reply reply) {
  const MaterialsPtr materials = materials_();
  if (!materials) return reply({.status = 503, .headers = {{"Retry-After", "1"}}, .body = "Still starting.\n"});
  auto question = read(*request, *materials->settings, options_.timeout_offset);
  if (auto* refusal = std::get_if<web::Response>(&question)) return reply(std::move(*refusal));
  if (in_flight_.fetch_add(1) >= options_.in_flight) {
    --in_flight_;
    return reply(busy());
  }
  OneProbe asked{.question = std::move(std::get<Question>(question)),
                 .materials = materials,
                 .request = std::move(request),
                 .reply = std::move(reply)};
  asio::co_spawn(loop_, run(std::move(asked)), asio::detached);
}

asio::awaitable<void> OnDemandProbes::run(OneProbe asked) {
  own_.probe_started();
  web::Response response = unanswerable();
  try {
    response = co_await respond(asked);
  } catch (const std::exception& error) {
    log(LogLevel::error, "probe could not be answered", {{"target", asked.question.target->name}, {"error", error.what()}});
  }
  own_.probe_finished();
  --in_flight_;
  asked.reply(std::move(response));
}

asio::awaitable<web::Response> OnDemandProbes::respond(const OneProbe& asked) {
  const Question& question = asked.question;
  const Materials& materials = *asked.materials;
  std::string refused;
  const probes::Surroundings surroundings{resolver_, contexts_, signer_.get_executor(), worker_.executor()};
  probes::Assignment assignment{question.target, identity_named(materials, question.identity),
                                trust_named(materials, question.target->module->trust), trust_named(materials, "")};
  assignment.remote = materials.remote;
  assignment.at_most = question.at_most;
  assignment.keep_der = question.debug;
  assignment.abandon = asked.request->gone;
  bool exhausted = false;
  assignment.exhausted = [&] { exhausted = true; };
  assignment.proxy_password = proxy_password(materials, *question.target->module);
  assignment.name_may_leave = question.reach.names_may_leave();
  assignment.may_connect = [&](const asio::ip::address& address) {
    const std::string why = question.reach.refusal(bytes_of(address));
    if (!why.empty()) refused = address.to_string() + ": " + why;
    return why.empty();
  };
  Handshake seen = co_await probes::probe(surroundings, assignment);
  if (exhausted) {
    own_.probe_delayed(metrics::DelayCause::descriptors);
    co_return busy();
  }
  // Nothing was connected to, and something was refused.
  if (seen.endpoint.empty() && !refused.empty()) co_return closed_door(question, refused);
  co_return reply(question, materials, std::move(seen), *asked.request);
}

}  // namespace exporter::on_demand
