#include <array>
#include <cstdio>

#include "exporter/explain/csv.h"
#include "exporter/explain/facts_json.h"
#include "exporter/explain/phrases.h"
#include "exporter/inventory/document.h"

namespace exporter::inventory {

using namespace probes::observations;

namespace {

constexpr std::string_view columns =
    "fingerprint_sha256,subject_cn,subject,names,issuer,serial,not_before,not_after,expires_in_days,expired_days_ago,key,"
    "signature,ca,owners,key_places,places\r\n";

std::string date_text(Date date) { return date ? explain::time_text(*date) : ""; }

// Days that are left and days that have gone by stand in columns of their own: no cell of numbers begins with a minus.
std::array<std::string, 2> days(const Certificate& certificate, WallTime now) {
  if (!certificate.not_after()) return {};
  const double left = std::chrono::duration<double, std::ratio<86400>>(*certificate.not_after() - now).count();
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", left < 0 ? -left : left);
  return left < 0 ? std::array<std::string, 2>{"", text} : std::array<std::string, 2>{text, ""};
}

template <typename Texts, typename Words>
std::string joined(const Texts& texts, Words words) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : "; ") + std::string(words(text));
  return all;
}

}  // namespace

std::string csv(const Document& document) {
  std::string text(columns);
  for (const Holding& holding : document.holdings) {
    const Certificate& certificate = *holding.certificate;
    const auto [left, gone] = days(certificate, document.at);
    const std::string cells[] = {
        std::string(certificate.fingerprint_sha256()),
        std::string(name_or_serial(certificate)),
        std::string(certificate.subject()),
        joined_names(certificate),
        std::string(certificate.issuer()),
        std::string(certificate.serial()),
        date_text(certificate.not_before()),
        date_text(certificate.not_after()),
        left,
        gone,
        holding.listed_only ? "" : key_word(certificate),
        std::string(certificate.signature_algorithm()),
        holding.listed_only       ? ""
        : certificate.authority() ? "yes"
                                  : "no",
        joined(owners_of(holding), [](const std::string& owner) { return owner; }),
        holding.key_places == 0 ? "" : std::to_string(holding.key_places),
        joined(holding.places, place_words),
    };
    std::string line;
    for (const std::string& each : cells) line += (&each == cells ? "" : ",") + explain::csv_cell(clean(each));
    text += line + "\r\n";
  }
  return text;
}

}  // namespace exporter::inventory
