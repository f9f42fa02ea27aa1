#include "exporter/storage/tables.h"

#include <algorithm>
#include <array>

namespace exporter::storage {

namespace {

constexpr const char* schema = R"(
  create table if not exists certificate (fingerprint text primary key, der blob not null) without rowid;
  create table if not exists caller (
    door text not null, key text not null, has_certificate integer not null,
    subject text not null, issuer text not null, serial text not null, fingerprint text not null, not_after integer,
    first_seen integer not null, last_seen integer not null, longest_gap integer not null,
    accepted integer not null, refused integer not null, server text not null,
    addresses text not null, more_addresses integer not null, said text not null, verification integer not null,
    primary key (door, key)) without rowid;
  create table if not exists log_position (
    door text not null, path text not null, place integer not null, at integer not null,
    device integer not null, inode integer not null, offset integer not null, mark blob not null, finished integer not null,
    primary key (door, path, place)) without rowid;
  create table if not exists sighting (
    source text not null, target text not null, identity text not null, address text not null, fingerprint text not null,
    subject text not null, not_before integer not null, not_after integer not null,
    first_seen integer not null, last_seen integer not null,
    primary key (source, target, identity, address, fingerprint)) without rowid;
  create table if not exists replacement (
    source text not null, target text not null, identity text not null, address text not null, replaced text not null,
    by text not null, at integer not null, not_before integer not null, not_after integer not null, timely integer not null,
    primary key (source, target, identity, address, replaced)) without rowid;
  create table if not exists revocation_list (url text primary key, at integer not null, body blob not null);
)";

constexpr std::array tables = {"caller", "certificate", "log_position", "replacement", "revocation_list", "sighting"};

// Of all lists together: those that came last.
constexpr std::size_t most_list_bytes = std::size_t{256} << 20;

std::int64_t microseconds(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_time(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

// One a line: an address has none in it, and one that had would be two.
std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : "\n").append(text);
  return all;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

void write_certificates(Database& database, const Pending& pending) {
  if (pending.certificates.empty()) return;
  Statement insert = database.prepare("insert or replace into certificate values (?, ?)");
  for (const auto& [fingerprint, row] : pending.certificates) database.run(insert.bind(1, fingerprint).bind_blob(2, row.der));
}

void write(Database& database, Statement& replace, const CallerRow& row) {
  const std::string addresses = joined(row.addresses);
  replace.bind(1, row.id.door).bind(2, row.id.key).bind(3, row.has_certificate ? 1 : 0);
  replace.bind(4, row.subject).bind(5, row.issuer).bind(6, row.serial).bind(7, row.fingerprint);
  if (row.not_after) replace.bind(8, row.not_after->time_since_epoch().count());
  else replace.bind_null(8);
  replace.bind(9, microseconds(row.first_seen)).bind(10, microseconds(row.last_seen)).bind(11, row.longest_gap.count());
  replace.bind(12, static_cast<std::int64_t>(row.accepted)).bind(13, static_cast<std::int64_t>(row.refused));
  replace.bind(14, row.server).bind(15, addresses).bind(16, row.more_addresses ? 1 : 0).bind(17, row.said);
  replace.bind(18, row.verification);
  database.run(replace);
}

void write_callers(Database& database, const Pending& pending) {
  if (pending.callers.empty()) return;
  Statement replace =
      database.prepare("insert or replace into caller values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Statement remove = database.prepare("delete from caller where door = ? and key = ?");
  for (const auto& [key, row] : pending.callers) {
    if (row) write(database, replace, *row);
    else database.run(remove.bind(1, key.door).bind(2, key.key));
  }
}

void write_logs(Database& database, const Pending& pending) {
  if (pending.logs.empty()) return;
  Statement remove = database.prepare("delete from log_position where door = ? and path = ?");
  Statement insert = database.prepare("insert into log_position values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& [key, row] : pending.logs) {
    database.run(remove.bind(1, key.door).bind(2, key.path));
    std::int64_t place = 0;
    for (const ReadFile& file : row.files) {
      insert.bind(1, key.door).bind(2, key.path).bind(3, place++).bind(4, microseconds(row.at));
      insert.bind(5, static_cast<std::int64_t>(file.device)).bind(6, static_cast<std::int64_t>(file.inode));
      insert.bind(7, static_cast<std::int64_t>(file.offset)).bind_blob(8, file.mark).bind(9, file.finished ? 1 : 0);
      database.run(insert);
    }
  }
}

Statement& bind(Statement& statement, const PlaceKey& place) {
  return statement.bind(1, place.source).bind(2, place.target).bind(3, place.identity).bind(4, place.address);
}

std::int64_t seconds(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }
std::chrono::sys_seconds date_of(std::int64_t seconds) { return std::chrono::sys_seconds(std::chrono::seconds(seconds)); }

void write_sightings(Database& database, const Pending& pending) {
  if (pending.sightings.empty()) return;
  Statement replace = database.prepare("insert or replace into sighting values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Statement remove = database.prepare(
      "delete from sighting where source = ? and target = ? and identity = ? and address = ? and fingerprint = ?");
  for (const auto& [key, row] : pending.sightings) {
    bind(row ? replace : remove, key.place).bind(5, key.fingerprint);
    if (row) {
      replace.bind(6, row->subject).bind(7, seconds(row->not_before)).bind(8, seconds(row->not_after));
      replace.bind(9, microseconds(row->first_seen)).bind(10, microseconds(row->last_seen));
    }
    database.run(row ? replace : remove);
  }
}

void write_replacements(Database& database, const Pending& pending) {
  if (pending.replacements.empty()) return;
  Statement replace = database.prepare("insert or replace into replacement values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Statement remove = database.prepare(
      "delete from replacement where source = ? and target = ? and identity = ? and address = ? and replaced = ?");
  for (const auto& [key, row] : pending.replacements) {
    bind(row ? replace : remove, key.place).bind(5, key.replaced);
    if (row) {
      replace.bind(6, row->by).bind(7, microseconds(row->at)).bind(8, seconds(row->not_before));
      replace.bind(9, seconds(row->not_after)).bind(10, row->timely ? 1 : 0);
    }
    database.run(row ? replace : remove);
  }
}

void write_lists(Database& database, const Pending& pending) {
  if (pending.lists.empty()) return;
  Statement replace = database.prepare("insert or replace into revocation_list values (?, ?, ?)");
  for (const auto& [url, row] : pending.lists)
    database.run(replace.bind(1, url).bind(2, microseconds(row.at)).bind_blob(3, *row.body));
}

void read_lists(Database& database, std::vector<ListRow>& lists) {
  std::size_t bytes = 0;
  Statement row = database.prepare("select url, at, body from revocation_list order by at desc");
  while (database.step(row)) {
    std::string body = row.text(2);
    if ((bytes += body.size()) > most_list_bytes) return;
    lists.push_back({row.text(0), std::make_shared<const std::string>(std::move(body)), wall_time(row.integer(1))});
  }
}

PlaceKey place_of(const Statement& row) { return {row.text(0), row.text(1), row.text(2), row.text(3)}; }

void read_places(Database& database, StoredPlaces& places) {
  Statement sighting = database.prepare("select * from sighting");
  while (database.step(sighting))
    places.sightings.push_back({.id = {place_of(sighting), sighting.text(4)},
                                .subject = sighting.text(5),
                                .not_before = date_of(sighting.integer(6)),
                                .not_after = date_of(sighting.integer(7)),
                                .first_seen = wall_time(sighting.integer(8)),
                                .last_seen = wall_time(sighting.integer(9))});
  Statement replacement = database.prepare("select * from replacement");
  while (database.step(replacement))
    places.replacements.push_back({.id = {place_of(replacement), replacement.text(4)},
                                   .by = replacement.text(5),
                                   .at = wall_time(replacement.integer(6)),
                                   .not_before = date_of(replacement.integer(7)),
                                   .not_after = date_of(replacement.integer(8)),
                                   .timely = replacement.integer(9) != 0});
}

CallerRow caller_of(const Statement& row) {
  CallerRow caller{.id = {row.text(0), row.text(1)}, .has_certificate = row.integer(2) != 0};
  caller.subject = row.text(3), caller.issuer = row.text(4), caller.serial = row.text(5), caller.fingerprint = row.text(6);
  if (!row.is_null(7)) caller.not_after = std::chrono::sys_seconds(std::chrono::seconds(row.integer(7)));
  caller.first_seen = wall_time(row.integer(8)), caller.last_seen = wall_time(row.integer(9));
  caller.longest_gap = std::chrono::microseconds(row.integer(10));
  caller.accepted = static_cast<std::uint64_t>(row.integer(11)), caller.refused = static_cast<std::uint64_t>(row.integer(12));
  caller.server = row.text(13), caller.addresses = split(row.text(14)), caller.more_addresses = row.integer(15) != 0;
  caller.said = row.text(16), caller.verification = static_cast<int>(row.integer(17));
  return caller;
}

void read_logs(Database& database, std::vector<LogRow>& logs) {
  Statement row = database.prepare(
      "select door, path, at, device, inode, offset, mark, finished from log_position order by door, path, place");
  while (database.step(row)) {
    const LogKey id{row.text(0), row.text(1)};
    if (logs.empty() || logs.back().id != id) logs.push_back({.id = id, .at = wall_time(row.integer(2)), .files = {}});
    logs.back().files.push_back({.device = static_cast<std::uint64_t>(row.integer(3)),
                                 .inode = static_cast<std::uint64_t>(row.integer(4)),
                                 .offset = static_cast<std::uint64_t>(row.integer(5)),
                                 .mark = row.text(6),
                                 .finished = row.integer(7) != 0});
  }
}

// All of the transaction or, after an error, nothing of it.
void commit(Database& database) {
  database.run("commit");
  if (!database.error()) return;
  const DatabaseError error = *database.error();
  database.forgive();
  database.run("rollback");  // fails where SQLite did so itself
  database.forgive();
  database.blame(error);
}

}  // namespace

void make_tables(Database& database) {
  database.run(schema);
  if (database.integer("pragma user_version") == schema_version) return;  // a full disk can be read
  database.run(("pragma application_id = " + std::to_string(application_id)).c_str());
  database.run(("pragma user_version = " + std::to_string(schema_version)).c_str());
}

Stored read_all(Database& database) {
  Stored stored;
  Statement caller = database.prepare("select * from caller");
  while (database.step(caller)) stored.callers.push_back(caller_of(caller));
  Statement certificate = database.prepare("select fingerprint, der from certificate");
  while (database.step(certificate)) stored.certificates.push_back({certificate.text(0), certificate.text(1)});
  read_logs(database, stored.logs);
  read_places(database, stored.places);
  read_lists(database, stored.lists);
  return stored;
}

void write(Database& database, const Pending& pending) {
  database.run("begin immediate");
  write_certificates(database, pending);
  write_callers(database, pending);
  write_logs(database, pending);
  write_sightings(database, pending);
  write_replacements(database, pending);
  write_lists(database, pending);
  commit(database);
}

void prune(Database& database, WallTime oldest) {
  database.run("begin immediate");
  Statement callers = database.prepare("delete from caller where last_seen < ?");
  database.run(callers.bind(1, microseconds(oldest)));
  Statement logs = database.prepare("delete from log_position where at < ?");
  database.run(logs.bind(1, microseconds(oldest)));
  Statement sightings = database.prepare("delete from sighting where last_seen < ?");
  database.run(sightings.bind(1, microseconds(oldest)));
  Statement replacements = database.prepare("delete from replacement where at < ?");
  database.run(replacements.bind(1, microseconds(oldest)));
  Statement lists = database.prepare("delete from revocation_list where at < ?");
  database.run(lists.bind(1, microseconds(oldest)));
  Statement most = database.prepare(
      "delete from revocation_list where url in (select url from (select url, sum(length(body)) over (order by at desc, url) as "
      "bytes from revocation_list) where bytes > ?)");
  database.run(most.bind(1, static_cast<std::int64_t>(most_list_bytes)));
  database.run("delete from certificate where fingerprint not in (select key from caller where has_certificate)");
  commit(database);
}

std::vector<std::pair<std::string, std::uint64_t>> count_rows(Database& database) {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (const char* table : tables)
    counts.emplace_back(table, database.integer(("select count(*) from " + std::string(table)).c_str()));
  return counts;
}

}  // namespace exporter::storage
