#include "exporter/api/expiries_ics.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "config/link_template.h"
#include "exporter/api/expiries.h"
#include "exporter/api/selection.h"
#include "exporter/metrics/label.h"

namespace exporter::api {

using namespace probes::observations;

namespace {

constexpr std::size_t longest_line = 75;  // octets, its CRLF not counted

// "20261128T120000Z"; RFC 5545 knows no year beyond 9999, and no certificate has one.
std::string moment(std::chrono::sys_seconds at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text;
}

std::string places_of(const Expiry& expiry) {
  std::string text;
  for (const Place& place : expiry.places)
    text.append(text.empty() ? "" : "\n").append(place.source).append(" ").append(metrics::clean_label(place.name));
  if (expiry.seen > expiry.places.size()) text += "\nand " + std::to_string(expiry.seen - expiry.places.size()) + " more";
  return text;
}

// The same certificate keeps its entry, whoever has it.
std::string identifier(const Expiry& expiry) {
  const Certificate& certificate = *expiry.certificate;
  if (!certificate.fingerprint_sha256().empty()) return std::string(certificate.fingerprint_sha256());
  return metrics::clean_label(std::string(certificate.serial()) + "." + expiry.places.front().name);
}

// Where somebody reads on: the page of the first server that has it, else the list.
std::string url_of(const Expiry& expiry, const std::string& external_url) {
  const auto server = std::ranges::find(expiry.places, std::string_view("server"), &Place::source);
  const std::string folder = external_url.ends_with('/') ? external_url : external_url + "/";
  if (server == expiry.places.end()) return folder + "#/expiries";
  return folder + "#/watch/" + config::percent_encoded(server->name);
}

std::string event(const Expiry& expiry, const std::string& stamp, const std::string& external_url) {
  const std::string url = external_url.empty() ? "" : ics_line("URL", url_of(expiry, external_url));
  return "BEGIN:VEVENT\r\n" + ics_line("UID", identifier(expiry) + "@mtls_exporter") + "DTSTAMP:" + stamp +
         "\r\nDTSTART:" + moment(*expiry.certificate->not_after()) + "\r\n" +
         ics_line("SUMMARY", metrics::clean_label(name_or_serial(*expiry.certificate)) + " expires") +
         ics_line("DESCRIPTION", places_of(expiry)) + url + "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n";
}

}  // namespace

std::string ics_line(std::string_view name, std::string_view text) {
  std::string line(name);
  line += ':';
  for (const char character : text) {
    if (character == '\\' || character == ';' || character == ',') line.append(1, '\\').append(1, character);
    else if (character == '\n') line += "\\n";
    else if (static_cast<unsigned char>(character) >= 0x20) line += character;
  }
  std::string folded;
  for (std::size_t room = longest_line; line.size() > room; room = longest_line - 1) {
    std::size_t cut = room;
    while (cut > 1 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
    folded.append(line, 0, cut).append("\r\n ");
    line.erase(0, cut);
  }
  return folded + line + "\r\n";
}

std::string expiries_ics(const Estate& estate, WallTime now, const Filter& filter, const std::string& external_url) {
  const std::string stamp = moment(std::chrono::floor<std::chrono::seconds>(now));
  std::string text =
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//mtls_exporter//expiries//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"
      "X-WR-CALNAME:Certificates that expire\r\n";
  for (const Expiry& expiry : expiries_of(selection(estate, now, filter), now).soonest())
    text += event(expiry, stamp, external_url);
  return text + "END:VCALENDAR\r\n";
}

}  // namespace exporter::api
