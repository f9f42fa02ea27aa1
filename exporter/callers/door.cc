#include "exporter/callers/door.h"

#include <algorithm>
#include <utility>

#include "exporter/log.h"

namespace exporter::callers {

using namespace std::chrono_literals;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

constexpr std::size_t bytes_per_turn = 256 << 10;  // of a file, so that no door keeps the others waiting
constexpr std::size_t messages_per_turn = 10'000;  // of a socket
constexpr auto soon_after_a_change = 1s;
constexpr auto now_and_then = 30s;  // states change by the clock, too
constexpr auto before_another_try = 5s;
constexpr auto between_complaints = 60s;
constexpr auto judging = 200ms;  // in one turn

std::vector<Checkpoint> checkpoints_of(const storage::LogRow& row) {
  std::vector<Checkpoint> found;
  for (const storage::ReadFile& file : row.files)
    found.push_back({.path = row.id.path,
                     .device = file.device,
                     .inode = file.inode,
                     .offset = file.offset,
                     .mark = file.mark,
                     .finished = file.finished});
  return found;
}

storage::LogRow row_of(const std::string& door, const std::string& path, WallTime at, const std::vector<Checkpoint>& read) {
  storage::LogRow row{.id = {door, path}, .at = at, .files = {}};
  for (const Checkpoint& file : read)
    row.files.push_back(
        {.device = file.device, .inode = file.inode, .offset = file.offset, .mark = file.mark, .finished = file.finished});
  return row;
}

}  // namespace

Door::Door(config::Callers settings, storage::StoredDoor stored, WallTime now) : book_(std::move(settings)), looked_(now) {
  open(stored.logs);
  if (!stored.callers.empty()) book_.restore(std::move(stored), now);
}

void Door::open(const std::vector<storage::LogRow>& logs) {
  for (const std::string& path : settings().log_files) {
    if (std::ranges::any_of(files_, [&](const auto& file) { return file->path() == path; })) continue;
    const auto stored = std::ranges::find_if(logs, [&](const storage::LogRow& row) { return row.id.path == path; });
    files_.push_back(stored == logs.end() ? std::make_unique<LogFollower>(path)
                                          : std::make_unique<LogFollower>(path, checkpoints_of(*stored), stored->at));
    if (files_.back()->take_gone()) tell_gone(path);
  }
}

void Door::tell_gone(const std::string& path) const {
  log(LogLevel::warn, "a log was rotated out of reach while nobody read it: lines may be lost",
      {{"name", settings().name}, {"path", path}});
}

void Door::save(storage::Changes& changes, bool all) {
  book_.save(changes, all);
  for (const auto& file : files_) {
    std::vector<Checkpoint> read = file->checkpoints();
    std::vector<Checkpoint>& saved = saved_[file->path()];
    if (read.empty() || (read == saved && !all)) continue;
    changes.logs.push_back(row_of(settings().name, file->path(), looked_, read));
    saved = std::move(read);
  }
}

void Door::restore(storage::StoredDoor stored, WallTime now) {
  book_.restore(std::move(stored), now);
  changed_ = true;
}

bool Door::forget(const std::string& fingerprint) {
  if (!book_.forget(fingerprint)) return false;
  changed_ = true;
  published_ = false;  // at once
  return true;
}

void Door::adopt(config::Callers settings) {
  const config::Callers before = book_.door();
  book_.adopt(std::move(settings));
  const config::Callers& after = book_.door();
  std::erase_if(files_,
                [&](const auto& file) { return std::ranges::find(after.log_files, file->path()) == after.log_files.end(); });
  open({});
  const bool same_socket =
      before.syslog == after.syslog && before.socket_mode == after.socket_mode && before.socket_group == after.socket_group;
  if (!same_socket) socket_.reset(), socket_trouble_.reset(), opened_ = {};
  changed_ = true;
}

void Door::wait_for(std::vector<pollfd>& descriptors) const {
  if (socket_) socket_->wait_for(descriptors);
}

// Lines that may be read now: those of a second at most, however long nobody read.
std::size_t Door::budget(Tick tick) {
  const auto per_second = static_cast<double>(settings().lines_per_second);
  const double since = allowed_ == Tick{} ? 1 : std::chrono::duration<double>(tick - allowed_).count();
  allowance_ = std::min(per_second, allowance_ + since * per_second);
  allowed_ = tick;
  return allowance_ < 1 ? 0 : static_cast<std::size_t>(allowance_);
}

bool Door::read(SeenCertificates& certificates, Tick tick, WallTime now) {
  const std::size_t allowed = budget(tick);
  std::size_t spent = 0;
  std::uint64_t above = 0;
  const Frames::Take note = [&](std::string_view line) {
    changed_ = true;
    ++spent;
    const std::uint64_t before = book_.unreadable();
    book_.note_line(line, certificates, tick, now);
    if (book_.unreadable() != before) tell_unreadable(line, tick);
  };
  // A file waits until there is a budget again, which it may overdraw by a piece; what a socket brings must not wait.
  const bool more_in_files = allowed > 0 && read_files(note, tick);
  // While there is more to be read, nobody has looked for files that came meanwhile.
  if (allowed > 0 && !more_in_files) looked_ = now;
  const bool more_in_socket = read_socket([&](std::string_view line) {
    if (spent < allowed) note(line);
    else ++above;
  });
  if (above > 0) book_.note_dropped(above), changed_ = true;
  allowance_ -= static_cast<double>(spent);
  return (more_in_files && spent < allowed) || more_in_socket;
}

bool Door::read_files(const Frames::Take& take, Tick tick) {
  bool more = false;
  for (const auto& file : files_) {
    more = file->read(bytes_per_turn, take, tick) || more;
    book_.note_unreadable(file->take_too_long());
    truncations_ += file->take_truncations();
  }
  return more;
}

bool Door::read_socket(const Frames::Take& take) {
  if (!socket_ && settings().syslog.kind != config::SyslogSocket::Kind::none &&
      std::chrono::steady_clock::now() - opened_ > before_another_try) {
    opened_ = std::chrono::steady_clock::now();
    auto opened = SyslogReceiver::open(settings());
    if (auto* trouble = std::get_if<Trouble>(&opened)) socket_trouble_ = std::move(*trouble), changed_ = true;
    else socket_ = std::get<std::unique_ptr<SyslogReceiver>>(std::move(opened)), socket_trouble_.reset();
  }
  if (!socket_) return false;
  const bool more = socket_->receive(messages_per_turn, take);
  book_.note_unreadable(socket_->take_too_long());
  return more;
}

bool Door::due(Tick tick) const {
  if (!published_) return true;
  if (tick < rested_) return false;
  return tick - published_at_ >= (changed_ ? std::chrono::steady_clock::duration(soon_after_a_change) : now_and_then);
}

SourceSlot Door::publish(Against against, Tick tick, WallTime now) {
  book_.judge_against(std::move(against));
  changed_ = !book_.refresh(now, judging);
  published_ = true;
  published_at_ = tick;
  SourceSlot slot = book_.slot();
  const std::vector<Trouble> found = troubles();
  slot.up = found.empty();
  for (const Trouble& trouble : found)
    if (!told_.contains(trouble.path + trouble.detail)) ++slot.errors[trouble.reason];
  if (truncations_ > 0) slot.errors[SourceReason::changed_while_read] += std::exchange(truncations_, 0);
  tell(found);
  return slot;
}

std::vector<Trouble> Door::troubles() const {
  std::vector<Trouble> found;
  for (const auto& file : files_)
    if (file->trouble()) found.push_back(*file->trouble());
  if (socket_trouble_) found.push_back(*socket_trouble_);
  return found;
}

// Each when it begins.
void Door::tell(const std::vector<Trouble>& troubles) {
  std::set<std::string> telling;
  for (const Trouble& trouble : troubles) {
    telling.insert(trouble.path + trouble.detail);
    if (told_.contains(trouble.path + trouble.detail)) continue;
    log(LogLevel::warn, "a log of callers cannot be read",
        {{"name", settings().name}, {"reason", word(trouble.reason)}, {"path", trouble.path}, {"detail", trouble.detail}});
  }
  told_.swap(telling);
}

// The beginning of one, so that whoever sets up a log sees what is wrong with it.
void Door::tell_unreadable(std::string_view line, Tick tick) {
  constexpr std::size_t shown = 200;
  if (unreadable_told_ != Tick{} && tick - unreadable_told_ < between_complaints) return;
  unreadable_told_ = tick;
  log(LogLevel::warn, "a line tells of no caller", {{"name", settings().name}, {"begins", line.substr(0, shown)}});
}

}  // namespace exporter::callers
