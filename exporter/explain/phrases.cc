#include "exporter/explain/phrases.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/address.h"
#include "exporter/metrics/label.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::Date;
using probes::observations::Handshake;
using probes::observations::WallTime;

std::string safe(std::string_view text) { return metrics::clean_label(text); }

std::string subject_name(const Certificate& certificate) {
  if (!certificate.subject_common_name().empty()) return safe(certificate.subject_common_name());
  if (!certificate.subject().empty()) return safe(certificate.subject());
  const std::string names = joined_names(certificate);
  return names.empty() ? "(no name)" : safe(names);
}

std::string issuer_name(const Certificate& certificate) {
  return safe(certificate.issuer_common_name().empty() ? certificate.issuer() : certificate.issuer_common_name());
}

std::string target_name(const Asked& asked) { return safe(asked.target->name); }

std::string target_address(const Asked& asked) { return config::address_text({asked.target->host, asked.target->port}); }

std::string server_name(const Asked& asked) { return safe(config::server_name(*asked.target)); }

std::string trust_words(const Asked& asked) {
  return asked.trust.empty() ? "the system's trust store" : "trust store " + safe(asked.trust);
}

std::string identity_words(const Asked& asked) {
  if (asked.presented.empty()) return safe(asked.identity);
  return safe(asked.identity) + " (issued by " + issuer_name(*asked.presented.front()) + ")";
}

std::string as_whom(const Asked& asked) {
  return asked.identity.empty() ? "without a client certificate" : "as " + safe(asked.identity);
}

std::string broken_words(const Account& account) {
  std::string text;
  for (const std::string_view expectation : account.broken) text += (text.empty() ? "" : ", ") + std::string(expectation);
  return text;
}

std::string identity_authority(const Asked& asked) { return asked.presented.empty() ? "" : issuer_name(*asked.presented.back()); }

std::string listed_authorities(const Handshake& seen, std::size_t most) {
  const auto& acceptable = seen.client.acceptable;
  if (!acceptable || acceptable->count == 0) return "no CA at all";
  std::vector<std::string> names;
  for (const std::string& name : acceptable->names) names.push_back(safe(name));
  names.resize(std::max(names.size(), acceptable->count));  // those beyond the limit of the observation are only counted
  return joined(names, std::min(most, acceptable->names.size()));
}

std::string date(Date time) {
  if (!time) return "a date that cannot be read";
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(*time));
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text;
}

std::string days_until(std::chrono::sys_seconds end, WallTime now) {
  const auto left = end - std::chrono::floor<std::chrono::seconds>(now);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(left.count()) / 86400.0);
  return text;
}

std::string ending(Date end, WallTime now) {
  if (!end) return "has an end that cannot be read";
  const std::string days = days_until(*end, now);
  const std::string on = " (" + date(end) + ")";
  return *end <= now ? "expired " + days.substr(days.starts_with("-") ? 1 : 0) + " days ago" + on
                     : "expires in " + days + " days" + on;
}

std::string joined(const std::vector<std::string>& texts, std::size_t most) {
  std::string all;
  const std::size_t shown = std::min(most, texts.size());
  for (std::size_t i = 0; i < shown; ++i) all += (i == 0 ? "" : ", ") + texts[i];
  if (shown == texts.size()) return all;
  return all + (shown == 0 ? "" : " and ") + std::to_string(texts.size() - shown) + (shown == 0 ? "" : " more");
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const bool first = column == indent;
    if (!first && column + 1 + word.size() > width) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

}  // namespace exporter::explain
