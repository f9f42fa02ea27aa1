#include "exporter/on_demand/reply.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <utility>

#include "exporter/estate/observe.h"
#include "exporter/explain/account.h"
#include "exporter/explain/page.h"
#include "exporter/explain/phrases.h"
#include "exporter/metrics/family.h"
#include "exporter/metrics/scrape.h"
#include "exporter/web/gzip.h"
#include "exporter/web/negotiate.h"

namespace exporter::on_demand {

using probes::observations::Handshake;
using probes::observations::Phases;

namespace {

// The slot that an estate of this one probe would have.
WatchSlot slot_of(const Question& question, const Handshake& seen) {
  return after_probe(WatchSlot{.target = question.target, .identity = question.identity}, seen);
}

std::string scrape(const Question& question, const config::Settings& settings, const Handshake& seen, metrics::Format format) {
  const WatchSlot slot = slot_of(question, seen);
  const metrics::Scope scope{settings.detail, settings.labels};
  metrics::Rows blackbox;
  blackbox.blackbox.push_back(
      {.seen = &*slot.last, .module = question.target->module.get(), .success = broken_expectations(slot).empty()});
  return metrics::probe_scrape(metrics::render(metrics::rows(slot, scope), scope.detail),
                               metrics::render(blackbox, config::Detail::full, metrics::blackbox_families()), format,
                               seen.finished);
}

explain::Asked asked(const Question& question, const Materials& materials) {
  explain::Asked asked;
  asked.target = question.target;
  asked.identity = question.identity;
  asked.trust = question.target->module->trust;
  if (const auto identity = identity_named(materials, question.identity)) {
    asked.presented = identity->certificates();
    asked.identity_problems = identity->problems();
    asked.identity_chain = identity->judgement();
    asked.identity_files = identity->paths();
  }
  auto stores = std::make_shared<explain::KnownStores>();
  for (const auto& [name, store] : materials.trust) stores->push_back(explain::known_store(*store));
  asked.stores = std::move(stores);
  return asked;
}

double in_milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

// The way of the probe: each step with when it began and how long it took. Steps follow each other without a gap.
std::string steps(const Question& question, const Handshake& seen) {
  const Phases& phases = seen.phases;
  const std::pair<std::string_view, std::chrono::nanoseconds> all[] = {
      {"resolve", phases.resolve},   {"connect", phases.connect},     {"proxy", phases.proxy},
      {"dialogue", phases.dialogue}, {"handshake", phases.handshake}, {"verdict", phases.verdict}};
  std::string text = fmt::format("Steps, of at most {} ms\n", question.at_most.count());
  std::chrono::nanoseconds begun{};
  for (const auto& [name, time] : all) {
    if (time.count() == 0) continue;
    text += fmt::format("  {:>10.3f} ms  {:<10} {:.3f} ms\n", in_milliseconds(begun), name, in_milliseconds(time));
    begun += time;
  }
  return text + fmt::format("  {:>10.3f} ms  end\n", in_milliseconds(seen.duration));
}

std::string chain_pem(const Handshake& seen) {
  std::string text = "Certificates as sent\n";
  if (seen.certificates_der.empty()) return text + "none came\n";
  for (std::size_t position = 0; position < seen.certificates_der.size(); ++position)
    text += fmt::format("{}  {}\n{}", position, explain::safe(seen.certificates[position]->subject()),
                        pem(seen.certificates_der[position]));
  return text;
}

std::string debug_page(const Question& question, const Materials& materials, const Handshake& seen) {
  const explain::Account account = explain::account_of(asked(question, materials), seen);
  return explain::page(account, false) + "\n" + steps(question, seen) + "\n" + chain_pem(seen) +
         "\nMetrics, as they would have been returned\n" + scrape(question, *materials.settings, seen, metrics::Format::text);
}

}  // namespace

std::string pem(const std::string& der) {
  constexpr std::size_t line = 64;                           // RFC 7468 2
  std::string base64(4 * ((der.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends it with a NUL
  base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                                         reinterpret_cast<const unsigned char*>(der.data()),
                                                         static_cast<int>(der.size()))));
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < base64.size(); at += line) text += base64.substr(at, line) + "\n";
  return text + "-----END CERTIFICATE-----\n";
}

web::Response reply(const Question& question, const Materials& materials, Handshake seen, const web::Request& request) {
  if (question.debug) return {.body = debug_page(question, materials, seen)};
  const web::Format format = web::format(request.header("accept"));
  web::Response response{.content_type = std::string(web::content_type(format)),
                         .headers = {{"Vary", "Accept, Accept-Encoding"}}};
  std::string text = scrape(question, *materials.settings, seen, format);
  const bool zipped = web::accepts_gzip(request.header("accept-encoding"));
  if (zipped) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = zipped ? web::gzip(std::move(text)) : std::move(text);
  return response;
}

}  // namespace exporter::on_demand
