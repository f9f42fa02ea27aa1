#include "exporter/web/endpoints.h"

#include <array>
#include <memory>

#include "exporter/web/gzip.h"
#include "exporter/web/page.h"
#include "exporter/web/same_origin.h"
#include "exporter/web/shared_scrape.h"

namespace exporter::web {
namespace {

Response rendered(const Sources& sources, Format format, bool zipped, std::size_t kept) {
  Response response{.content_type = std::string(content_type(format)), .headers = {{"Vary", "Accept, Accept-Encoding"}}};
  Pieces text = sources.scrape(format);
  if (zipped) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = Body(zipped ? gzipped(std::move(text)) : std::move(text), kept);
  return response;
}

Handler metrics(const Sources& sources) {
  std::array<std::array<std::shared_ptr<SharedScrape>, 2>, 2> shared;
  for (const Format format : {Format::text, Format::openmetrics})
    for (const bool zipped : {false, true})
      shared[static_cast<std::size_t>(format)][zipped] = std::make_shared<SharedScrape>(
          [sources, format, zipped](std::size_t kept) { return rendered(sources, format, zipped, kept); }, sources.now);
  return at_once([shared](const Request& request) {
    const Format wanted = format(request.header("accept"));
    const bool zipped = accepts_gzip(request.header("accept-encoding"));
    return shared[static_cast<std::size_t>(wanted)][zipped]->since(request.arrived);
  });
}

constexpr char json_type[] = "application/json";
constexpr std::string_view targets_path = "/api/v1/targets/";

Response json(std::string text) {
  return {.content_type = json_type, .headers = {{"Cache-Control", "no-cache"}}, .body = std::move(text)};
}

Response mistaken(const Sources::Mistake& mistake) { return {.status = 400, .body = mistake.text + "\n"}; }

// What does something: only with --web.enable-lifecycle, and never for a page of another site.
Handler guarded(const Sources& sources, std::string_view what, Handler handler) {
  return [what = std::string(what), on = sources.enable_lifecycle, external_url = sources.external_url,
          handler = std::move(handler)](RequestPtr request, Reply reply) {
    if (!on) return reply({.status = 403, .body = what + " over HTTP is off; --web.enable-lifecycle turns it on.\n"});
    if (from_another_site(*request, external_url))
      return reply({.status = 403,
                    .body = "A page of another site asked for this. Behind a proxy that changes the Host header, say with "
                            "--web.external-url how people reach this exporter.\n"});
    handler(std::move(request), std::move(reply));
  };
}

// Like a scrape, rendered once for all who asked before the rendering began. A part is rendered for who asks for it.
Handler estate(const Sources& sources) {
  const auto shared = std::make_shared<SharedScrape>([sources](std::size_t) { return json(sources.estate()); }, sources.now);
  return at_once([shared, sources](const Request& request) -> Response {
    if (request.query.empty()) return shared->since(request.arrived);
    auto part = sources.estate_part(request.query);
    if (const auto* mistake = std::get_if<Sources::Mistake>(&part)) return mistaken(*mistake);
    return json(std::move(std::get<std::string>(part)));
  });
}

constexpr std::string_view api_path = "/api/v1/", csv_ending = ".csv", ics_path = "/api/v1/expiries.ics";

// A calendar, or a table: whatever else lies below /api/v1/ is not there.
Handler documents(const Sources& sources) {
  return at_once([sources](const Request& request) -> Response {
    const std::string_view path = request.path;
    if (path == ics_path) {
      auto part = sources.expiries_ics(request.query);
      if (const auto* mistake = std::get_if<Sources::Mistake>(&part)) return mistaken(*mistake);
      return {.content_type = "text/calendar; charset=utf-8",
              .headers = {{"Cache-Control", "no-cache"}},
              .body = std::move(std::get<std::string>(part))};
    }
    if (path.ends_with(csv_ending)) {
      const std::string table(path.substr(api_path.size(), path.size() - api_path.size() - csv_ending.size()));
      if (auto part = sources.table_csv(table, request.query)) {
        if (const auto* mistake = std::get_if<Sources::Mistake>(&*part)) return mistaken(*mistake);
        return {.content_type = "text/csv; charset=utf-8; header=present",
                .headers = {{"Cache-Control", "no-cache"}, {"Content-Disposition", "attachment; filename=\"" + table + ".csv\""}},
                .body = std::move(std::get<std::string>(*part))};
      }
    }
    return {.status = 404, .content_type = json_type, .body = "{\"error\":\"There is no such document.\"}\n"};
  });
}

// Rendered once for all who asked before the rendering began.
Handler document(const Sources& sources, std::function<std::string()> text) {
  const auto shared = std::make_shared<SharedScrape>([text = std::move(text)](std::size_t) { return json(text()); }, sources.now);
  return at_once([shared](const Request& request) { return shared->since(request.arrived); });
}

// Fingerprints are told apart by their digits: openssl writes them in capitals, with colons.
std::string fingerprint_in(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != ':') digits += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return digits;
}

Handler forget_caller(const Sources& sources) {
  return guarded(sources, "Forgetting", at_once([sources](const Request& request) -> Response {
                   const auto fingerprint = request.query.find("fingerprint");
                   if (fingerprint == request.query.end())
                     return {.status = 400, .body = "Say which: /api/v1/callers/forget?fingerprint=...\n"};
                   if (!sources.forget_caller(fingerprint_in(fingerprint->second)))
                     return {.status = 404, .body = "No caller has this fingerprint.\n"};
                   return {.body = "The caller is forgotten.\n"};
                 }));
}

// What the page's "Probe now" asks for: one probe at once, explained as /probe?debug=true explains it. What may be asked for, and
// what may be reached, is /probe's own to say.
Handler probe_now(const Sources& sources) {
  return guarded(sources, "Probing", [probe = sources.probe](RequestPtr request, Reply reply) {
    Request explained = *request;
    explained.query.emplace("debug", "true");
    probe(std::make_shared<const Request>(std::move(explained)), std::move(reply));
  });
}

// All of them are rendered once for all who asked before the rendering began, a part for who asks for it.
Handler callers(const Sources& sources) {
  const auto shared = std::make_shared<SharedScrape>(
      [sources](std::size_t) { return json(std::get<std::string>(sources.callers({}))); }, sources.now);
  return at_once([shared, sources](const Request& request) -> Response {
    if (request.query.empty()) return shared->since(request.arrived);
    auto part = sources.callers(request.query);
    if (const auto* mistake = std::get_if<Sources::Mistake>(&part)) return mistaken(*mistake);
    return json(std::move(std::get<std::string>(part)));
  });
}

// Of one issuer: for who asks for it.
Handler issuers(const Sources& sources) {
  const auto shared = std::make_shared<SharedScrape>([sources](std::size_t) { return json(sources.issuers("")); }, sources.now);
  return at_once([shared, sources](const Request& request) -> Response {
    const auto wanted = request.query.find("issuer");
    if (wanted == request.query.end() || wanted->second.empty()) return shared->since(request.arrived);
    return json(sources.issuers(wanted->second));
  });
}

// A name may hold a '/': all of the rest of the path is the name.
Handler target(const Sources& sources) {
  return at_once([sources](const Request& request) -> Response {
    if (auto text = sources.target_named(request.path.substr(targets_path.size()))) return json(std::move(*text));
    return {.status = 404, .content_type = json_type, .body = "{\"error\":\"There is no such target.\"}\n"};
  });
}

Response healthy(const Request&) { return {.body = "mtls_exporter is healthy.\n"}; }

Handler ready(const Sources& sources) {
  return at_once([sources, since = sources.now()](const Request&) -> Response {
    if (sources.every_target_tried() || sources.now() - since >= ready_at_latest) return {.body = "mtls_exporter is ready.\n"};
    return {.status = 503, .body = "Not every target has been tried yet.\n"};
  });
}

Handler reload(const Sources& sources) {
  return guarded(sources, "Reloading", at_once([sources](const Request&) -> Response {
                   if (const auto error = sources.reload())
                     return {.status = 500, .body = "The old configuration keeps running.\n" + *error + "\n"};
                   return {.body = "The new configuration runs.\n"};
                 }));
}

}  // namespace

std::vector<Route> health_endpoints(const Sources& sources) {
  return {
      {"/-/healthy", {"GET"}, at_once(healthy)},
      {"/-/ready", {"GET"}, ready(sources)},
  };
}

std::vector<Route> endpoints(const Sources& sources) {
  std::vector<Route> table = health_endpoints(sources);
  for (Route& route : page_routes()) table.push_back(std::move(route));
  table.push_back({"/metrics", {"GET"}, metrics(sources)});
  if (sources.probe) table.push_back({"/probe", {"GET"}, sources.probe});
  if (sources.probe) table.push_back({"/api/v1/probe", {"POST"}, probe_now(sources)});
  table.push_back({"/api/v1/estate", {"GET"}, estate(sources)});
  if (sources.forget_caller) table.push_back({"/api/v1/callers/forget", {"POST"}, forget_caller(sources)});
  if (sources.callers) table.push_back({"/api/v1/callers", {"GET"}, callers(sources)});
  if (sources.issuers) table.push_back({"/api/v1/issuers", {"GET"}, issuers(sources)});
  if (sources.rotations) table.push_back({"/api/v1/rotations", {"GET"}, document(sources, sources.rotations)});
  table.push_back({std::string(targets_path), {"GET"}, target(sources)});
  table.push_back({std::string(api_path), {"GET"}, documents(sources)});
  table.push_back({"/-/reload", {"POST", "PUT"}, reload(sources)});
  return table;
}

}  // namespace exporter::web
