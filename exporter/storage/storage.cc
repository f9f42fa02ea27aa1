#include "exporter/storage/storage.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "exporter/log.h"
#include "exporter/storage/database.h"
#include "exporter/storage/tables.h"

namespace exporter::storage {

namespace {

constexpr const char* contradictions = "select count(*) from pragma_quick_check(1) where quick_check != 'ok'";
constexpr auto between_prunings = std::chrono::hours(1);
constexpr auto for_the_first_opening = std::chrono::seconds(5);

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// In a name: 20261128T175500Z.
std::string stamp(WallTime at) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts));
}

}  // namespace

Storage::Storage(std::string path, std::chrono::milliseconds keep, Clock clock, Pace pace)
    : path_(std::move(path)), keep_(keep), clock_(std::move(clock)), pace_(pace) {
  thread_ = std::jthread([this](const std::stop_token& stopping) { run(stopping); });
}

Storage::~Storage() { stop(); }

void Storage::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

StoredDoor Storage::take(const std::string& door) {
  const std::lock_guard lock(mutex_);
  StoredDoor taken;
  const auto move_out = [&](auto& from, auto& to, const auto& belongs) {
    const auto rest = std::stable_partition(from.begin(), from.end(), [&](const auto& row) { return !belongs(row); });
    to.assign(std::make_move_iterator(rest), std::make_move_iterator(from.end()));
    from.erase(rest, from.end());
  };
  move_out(stored_.callers, taken.callers, [&](const CallerRow& row) { return row.id.door == door; });
  move_out(stored_.logs, taken.logs, [&](const LogRow& row) { return row.id.door == door; });
  for (const CallerRow& row : taken.callers) {
    if (!row.has_certificate) continue;
    const auto known = std::ranges::lower_bound(stored_.certificates, row.id.key, {}, &CertificateRow::fingerprint);
    if (known != stored_.certificates.end() && known->fingerprint == row.id.key) taken.certificates.push_back(*known);
  }
  if (stored_.callers.empty()) stored_.certificates = {};
  return taken;
}

StoredPlaces Storage::take_places() {
  const std::lock_guard lock(mutex_);
  return std::exchange(stored_.places, {});
}

std::shared_ptr<const std::string> Storage::take_list(const std::string& url) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, for_the_first_opening, [this] { return settled_.load(); });
  const auto found = std::ranges::find(stored_.lists, url, &ListRow::url);
  if (found == stored_.lists.end()) return nullptr;
  auto body = std::move(found->body);
  stored_.lists.erase(found);
  return body;
}

void Storage::put(ListRow list) {
  const std::lock_guard lock(mutex_);
  std::erase_if(stored_.lists, [&](const ListRow& stored) { return stored.url == list.url; });  // nobody will ask for it
  std::string url = list.url;
  lists_.insert_or_assign(std::move(url), std::move(list));
}

void Storage::put(Changes changes, std::uint64_t opened) {
  const std::lock_guard lock(mutex_);
  if (opened == opened_) pending_.add(std::move(changes));
}

void Storage::write_soon() {
  const std::lock_guard lock(mutex_);
  soon_ = true;
  changed_.notify_all();
}

Figures Storage::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void Storage::wait(std::chrono::milliseconds time, const std::stop_token& stopping) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stopping, time, [this] { return soon_; });
}

void Storage::run(const std::stop_token& stopping) {
  work();
  if (const std::lock_guard lock(mutex_); true) settled_ = true;
  changed_.notify_all();
  for (bool first = true; !stopping.stop_requested(); first = false) {
    if (!first) wait(pace_.every - pace_.gather, stopping);
    ++asked_;
    wait(pace_.gather, stopping);
    work();
  }
  work();  // sources handed over before we were told to stop
  database_.reset();
}

// Opens it where it is not, and writes what there is.
void Storage::work() {
  if (database_ && moved()) {
    log(LogLevel::warn, "the storage was removed or replaced: it is begun anew", {{"path", path_}});
    database_.reset();
  }
  if (const std::lock_guard lock(mutex_); true) soon_ = false;
  if (!database_ && !open()) return measure();
  write();
  if (const auto now = std::chrono::steady_clock::now(); database_ && now - pruned_ > between_prunings) {
    pruned_ = now;
    prune(*database_, clock_() - keep_);
    database_->forgive();  // it has time
  }
  measure();
}

bool Storage::moved() const { return inode_of(path_) != inode_; }

bool Storage::open() {
  auto database = std::make_unique<Database>(path_);
  if (!database->error()) database->run("pragma schema_version");  // reads the file's first page
  const std::int64_t application = database->integer("pragma application_id");
  const std::int64_t version = database->integer("pragma user_version");
  const bool empty = database->integer("select count(*) from sqlite_schema") == 0;
  if (!database->error() && !empty && application != application_id)
    return fail("it is a database of another program, which is left alone"), false;
  const bool later = !database->error() && version > schema_version;
  if (!later && !database->error() && database->integer(contradictions) != 0)
    database->blame({.kind = DatabaseError::Kind::corrupt, .why = "its pages contradict each other"});
  const std::optional<DatabaseError> error = database->error();
  if (error && error->kind == DatabaseError::Kind::unavailable) return fail(error->why), false;
  if (error || later) {
    database.reset();
    return set_aside(later ? "newer" : "corrupt", later ? "it was written by a later version of this exporter" : error->why) &&
           open();
  }
  make_tables(*database);
  Stored stored = read_all(*database);
  if (database->error()) return fail(database->error()->why), false;
  database_ = std::move(database);
  inode_ = inode_of(path_);
  std::ranges::sort(stored.certificates, {}, &CertificateRow::fingerprint);
  log(LogLevel::info, "the storage is open", {{"path", path_}, {"callers", stored.callers.size()}});
  batch_ = {};
  told_.clear();
  const std::lock_guard lock(mutex_);
  pending_ = {};
  stored_ = std::move(stored);
  ++opened_;
  return true;
}

// The journal first: a file without it is no worse than a broken one.
bool Storage::set_aside(const char* why, const std::string& detail) {
  const std::string aside = path_ + "." + why + "-" + stamp(clock_());
  std::rename((path_ + "-wal").c_str(), (aside + "-wal").c_str());
  if (std::rename(path_.c_str(), aside.c_str()) != 0) {
    fail("it cannot be used (" + detail + ") and not be set aside either");
    return false;
  }
  log(LogLevel::warn, "the storage cannot be used: it was set aside, and is begun anew",
      {{"path", path_}, {"aside", aside}, {"detail", detail}});
  return true;
}

void Storage::write() {
  {
    const std::lock_guard lock(mutex_);
    batch_.add(std::exchange(pending_, {}));
    for (auto& [url, list] : lists_) batch_.lists.insert_or_assign(url, std::move(list));
    lists_.clear();
  }
  if (batch_.empty()) return;
  storage::write(*database_, batch_);
  if (const auto error = database_->error()) {
    database_->forgive();
    if (error->kind == DatabaseError::Kind::unavailable) return fail(error->why);
    database_.reset();
    if (set_aside("corrupt", error->why)) open();
    return;
  }
  batch_ = {};
  if (!told_.empty()) log(LogLevel::info, "the storage is written again", {{"path", path_}});
  told_.clear();
  const std::lock_guard lock(mutex_);
  figures_.written = clock_();
}

// Once for each cause: it may last.
void Storage::fail(const std::string& why) {
  if (told_ != why)
    log(LogLevel::warn, "the storage cannot be used: what it would hold waits in memory", {{"path", path_}, {"detail", why}});
  told_ = why;
}

void Storage::measure() {
  std::vector<std::pair<std::string, std::uint64_t>> rows;
  if (database_) rows = count_rows(*database_), database_->forgive();
  const std::uint64_t bytes = size_of(path_) + size_of(path_ + "-wal");
  const std::lock_guard lock(mutex_);
  figures_.up = database_ != nullptr && told_.empty();
  figures_.bytes = bytes;
  if (!rows.empty()) figures_.rows = std::move(rows);
}

}  // namespace exporter::storage
