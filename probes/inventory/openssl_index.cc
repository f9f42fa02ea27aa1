#include "probes/inventory/openssl_index.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <variant>

#include "config/regular_file.h"
#include "probes/inventory/index_issuer.h"
#include "probes/observations/issued_ledger.h"
#include "probes/revocation/database.h"

namespace probes::inventory {

using observations::CertificateDraft;
using observations::IssuedCertificate;
using observations::IssuedCertificates;
using observations::SourceReason;
using observations::Trouble;

namespace {

constexpr std::size_t columns = 6;
enum Column : std::size_t { flag, end, revocation, serial, file, subject };
using Fields = std::array<std::string_view, columns>;

// A tab after a backslash belongs to the field, as OpenSSL's TXT_DB_read() has it.
std::optional<Fields> fields_of(std::string_view line) {
  Fields fields;
  std::size_t column = 0, from = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != '\t' || (at > 0 && line[at - 1] == '\\')) continue;
    if (column + 1 == columns) return std::nullopt;
    fields[column++] = line.substr(from, at - from);
    from = at + 1;
  }
  fields[column] = line.substr(from);
  return column + 1 == columns ? std::optional(fields) : std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// RFC 5280 4.1.2.5: UTCTime YYMMDDHHMMSSZ, where YY from 50 is of the last century, and GeneralizedTime YYYYMMDDHHMMSSZ.
std::optional<std::chrono::sys_seconds> instant(std::string_view text) {
  const std::size_t year_digits = text.size() == 13 ? 2 : 4;
  if (text.size() != year_digits + 11 || text.back() != 'Z') return std::nullopt;
  text.remove_suffix(1);
  if (!std::ranges::all_of(text, is_digit)) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(from, digits)) value = value * 10 + (c - '0');
    return value;
  };
  int year = number(0, year_digits);
  if (year_digits == 2) year += year >= 50 ? 1900 : 2000;
  const std::size_t rest = year_digits;
  const std::chrono::year_month_day day{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(number(rest, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(rest + 2, 2)))};
  const int hour = number(rest + 4, 2), minute = number(rest + 6, 2), second = number(rest + 8, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// "DATE[,REASON[,more]]". OpenSSL writes a hold as holdInstruction with its OID, or as the CRL reason.
std::optional<Standing> revoked_standing(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (!instant(text.substr(0, comma))) return std::nullopt;
  std::string_view reason = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  reason = reason.substr(0, reason.find(','));
  return reason == "certificateHold" || reason == "holdInstruction" ? Standing::held : Standing::revoked;
}

std::optional<Standing> standing_of(const Fields& fields) {
  if (fields[flag] == "V" || fields[flag] == "E")
    return fields[revocation].empty() ? std::optional(Standing::good) : std::nullopt;
  return fields[flag] == "R" ? revoked_standing(fields[revocation]) : std::nullopt;
}

// The row, or what is wrong with the line.
std::variant<IndexRow, std::string_view> row_of(std::string_view line) {
  if (line.size() > index_line_limit) return "longer than any line of an index";
  if (line.find('\0') != std::string_view::npos) return "holds a zero byte";
  const auto fields = fields_of(line);
  if (!fields) return "not six fields with tabs between them";
  const auto not_after = instant((*fields)[end]);
  if (!not_after) return "no date in its second field";
  const auto standing = standing_of(*fields);
  if (!standing) return "neither V nor E, nor R with the date of its revocation";
  // RFC 5280 4.1.2.2: at most 20 octets; older authorities wrote more.
  const std::string_view number = (*fields)[serial];
  if (number.empty() || number.size() > 128 || !std::ranges::all_of(number.substr(number.starts_with('-')), is_hex))
    return "no serial number in its fourth field";
  return IndexRow{.serial = number, .subject = (*fields)[subject], .not_after = *not_after, .standing = *standing};
}

void add_trouble(IndexRows& rows, const std::string& path, std::size_t line, std::string_view what) {
  ++rows.bad;
  if (rows.troubles.size() >= troubles_limit) return;
  const bool last = rows.troubles.size() + 1 == troubles_limit;
  rows.troubles.push_back(
      {.reason = SourceReason::bad_index,
       .path = path,
       .detail = "line " + std::to_string(line) + ": " + std::string(what) + (last ? ", and more such lines" : "")});
}

// The inverse of X509_NAME_oneline(): \xC3 is one byte.
std::string decoded(std::string_view text) {
  const auto value = [](char c) { return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "\\x" && at + 3 < text.size() && is_hex(text[at + 2]) && is_hex(text[at + 3])) {
      plain += static_cast<char>(value(text[at + 2]) * 16 + value(text[at + 3]));
      at += 3;
    } else if (text.substr(at, 2) != "\\\t") {
      plain += text[at];
    }
  }
  return plain;
}

// "/TYPE=" begins an attribute; a value may hold a slash of its own.
std::size_t next_attribute(std::string_view name, std::size_t from) {
  for (std::size_t slash = name.find('/', from); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
    const std::size_t equals = name.find_first_of("=/ ", slash + 1);
    if (equals != std::string_view::npos && equals > slash + 1 && name[equals] == '=') return slash;
  }
  return name.size();
}

std::string common_name(std::string_view name) {
  const std::size_t start = name.rfind("/CN=");
  if (start == std::string_view::npos) return {};
  const std::size_t from = start + 4;
  return std::string(name.substr(from, next_attribute(name, from) - from));
}

observations::CertificatePtr certificate(const IndexRow& row) {
  CertificateDraft draft;
  draft.subject = decoded(row.subject);
  draft.subject_common_name = common_name(draft.subject);
  draft.serial = std::string(row.serial);
  std::ranges::transform(draft.serial, draft.serial.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c; });
  draft.not_after = row.not_after;
  return observations::packed(draft);
}

Trouble trouble_of(const std::string& path, const config::FileTrouble& trouble) {
  SourceReason reason = SourceReason::read_failed;
  if (trouble.code == ENOENT || trouble.code == ENOTDIR) reason = SourceReason::not_found;
  if (trouble.code == EACCES || trouble.code == EPERM) reason = SourceReason::permission_denied;
  if (trouble.code == EISDIR) reason = SourceReason::irregular_file;
  if (trouble.code == 0) reason = trouble.why == "not a regular file" ? SourceReason::irregular_file : SourceReason::too_large;
  return {.reason = reason, .path = path, .detail = trouble.why};
}

// Nothing where no list is known to be of the authority.
std::optional<observations::PublishedRevocations> compared(const IndexRows& read, const std::string& path,
                                                           const PublishedLists& published, std::chrono::sys_seconds now) {
  if (published.lists.empty()) return std::nullopt;
  std::vector<revocation::NamedList> lists = published.lists;
  if (!published.of_this_authority) {
    std::vector<std::string_view> serials;
    serials.reserve(read.rows.size());
    for (const IndexRow& row : read.rows) serials.push_back(row.serial);
    const auto issuer = IndexIssuer::beside(path, serials);
    if (!issuer) return std::nullopt;
    std::erase_if(lists, [&](const revocation::NamedList& named) { return !issuer->issued(*named.list); });
  }
  lists = revocation::latest(lists);
  if (lists.empty()) return std::nullopt;
  std::vector<revocation::DatabaseEntry> revoked;
  for (const IndexRow& row : read.rows)
    if (row.standing != Standing::good) revoked.push_back({row.serial, row.not_after});
  return revocation::compared(revoked, lists, now);
}

observations::IssuedLedgerPtr ledger_of(const IndexRows& read, std::span<const observations::IssuedState> states,
                                        const std::string& path) {
  const auto ledger = std::make_shared<observations::IssuedLedger>();
  ledger->reserve(read.rows.size());
  for (std::size_t index = 0; index < read.rows.size(); ++index)
    ledger->add(read.rows[index].serial, read.rows[index].not_after, states[index]);
  std::vector<std::string_view> serials;
  for (const IndexRow& row : read.rows) serials.push_back(row.serial);
  if (const auto issuer = IndexIssuer::beside(path, serials)) ledger->issued_by_it(*issuer->issued_certificate());
  ledger->finish();
  return ledger;
}

// What of it is valid, those that end first by name. Nothing where there is none.
std::vector<observations::ValidIssued> valid_of(const IndexRows& read, std::span<const observations::IssuedState> states,
                                                const std::string& path) {
  std::vector<std::size_t> valid;
  for (std::size_t index = 0; index < states.size(); ++index)
    if (states[index] == observations::IssuedState::valid) valid.push_back(index);
  if (valid.empty()) return {};
  const auto end_of = [&](std::size_t index) { return read.rows[index].not_after; };
  const std::size_t named = std::min(valid.size(), observations::named_limit);
  std::ranges::partial_sort(valid, valid.begin() + static_cast<std::ptrdiff_t>(named), {}, end_of);
  observations::ValidIssued found{.certificates = valid.size(), .first_end = end_of(valid.front())};
  std::vector<std::string_view> serials;
  for (const IndexRow& row : read.rows) serials.push_back(row.serial);
  if (const auto issuer = IndexIssuer::beside(path, serials)) {
    const observations::CertificatePtr one = issuer->issued_certificate();
    found.issuer = one->issuer();
    found.key_identifier = one->authority_key_identifier();
  }
  for (std::size_t at = 0; at < named; ++at) found.named.push_back(certificate(read.rows[valid[at]]));
  return {std::move(found)};
}

IssuedCertificates judged(IndexRows read, const config::Authority& settings, std::chrono::sys_seconds now) {
  std::vector<IssuedEntry> entries;
  entries.reserve(read.rows.size());
  for (const IndexRow& row : read.rows) entries.push_back({row.subject, row.not_after, row.standing});
  const auto states = issued_states(entries, now);
  const Selection selection = published(entries, states, settings.publish, settings.publish_superseded, now);
  IssuedCertificates found{.left_out = selection.left_out, .troubles = std::move(read.troubles)};
  for (const auto state : states) ++found.counts[static_cast<std::size_t>(state)];
  if (settings.ledger) found.ledger = ledger_of(read, states, settings.openssl_index);
  found.valid = valid_of(read, states, settings.openssl_index);
  found.published.reserve(selection.chosen.size());
  for (const std::uint32_t index : selection.chosen)
    found.published.push_back({.certificate = certificate(read.rows[index]), .listed_only = true, .state = states[index]});
  return found;
}

}  // namespace

IndexRows parse_index(std::string_view text, const std::string& path) {
  IndexRows found;
  // A file of empty lines reserves no more than its own size: the shortest row has a state, a date, a serial and a subject.
  constexpr std::size_t shortest_row = 32;
  found.rows.reserve(std::min<std::size_t>(static_cast<std::size_t>(std::ranges::count(text, '\n')), text.size() / shortest_row) +
                     1);
  for (std::size_t from = 0, line = 1; from < text.size(); ++line) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    std::string_view content = text.substr(from, to - from);
    from = to + 1;
    if (content.ends_with('\r')) content.remove_suffix(1);
    if (content.empty() || content.front() == '#') continue;
    const auto row = row_of(content);
    if (const auto* good = std::get_if<IndexRow>(&row)) found.rows.push_back(*good);
    else add_trouble(found, path, line, std::get<std::string_view>(row));
  }
  return found;
}

IssuedCertificates read_openssl_index(const config::Authority& settings, std::chrono::sys_seconds now,
                                      const PublishedLists& published) {
  const std::string& path = settings.openssl_index;
  const auto content = config::read_regular_file(path, index_limit);
  if (const auto* trouble = std::get_if<config::FileTrouble>(&content))
    return {.troubles = {trouble_of(path, *trouble)}, .readable = false};
  IndexRows read = parse_index(std::get<std::string>(content), path);
  auto differing = compared(read, path, published, now);
  IssuedCertificates found = judged(std::move(read), settings, now);
  found.published_revocations = std::move(differing);
  return found;
}

}  // namespace probes::inventory
