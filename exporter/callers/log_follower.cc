#include "exporter/callers/log_follower.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace exporter::callers {

using namespace std::chrono_literals;
using probes::observations::SourceReason;

namespace {

constexpr std::size_t piece = 64 * 1024;
constexpr std::size_t tail_size = 1024;  // more than a line: its end may be that of all others
constexpr std::size_t mark_size = 512;   // at the beginning, and before the offset
// Whoever renames a log tells its writer afterwards, and a writer of several processes opens the new one in each of them.
constexpr auto read_after_rename = 30s;
constexpr std::size_t most_renamed = 4;

SourceReason reason_of(int code) {
  if (code == ENOENT || code == ENOTDIR) return SourceReason::not_found;
  if (code == EACCES || code == EPERM) return SourceReason::permission_denied;
  if (code == EISDIR || code == ENXIO) return SourceReason::irregular_file;
  return SourceReason::read_failed;
}

// PATH.1, PATH-20261128, PATH.2026-11-28-1764350000; and not PATH.1.gz, nor another log whose name begins so.
bool is_rotated(std::string_view name, std::string_view path) {
  if (name.size() < path.size() + 2 || !name.starts_with(path)) return false;
  name.remove_prefix(path.size());
  return (name.front() == '.' || name.front() == '-') && name.find_first_not_of("0123456789-_.", 1) == std::string_view::npos &&
         name.find_first_of("0123456789") != std::string_view::npos;
}

// By its birth where the file system knows that: a log whose writer goes on with it after it was renamed is older.
bool came_since(int descriptor, probes::observations::WallTime at) {
  struct statx status {};
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_MTIME | STATX_BTIME, &status) != 0) return false;
  const auto time_of = [](const statx_timestamp& time) {
    return probes::observations::WallTime(std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000));
  };
  const bool born = (status.stx_mask & STATX_BTIME) == 0 || time_of(status.stx_btime) >= at;
  return born && time_of(status.stx_mtime) >= at;
}

}  // namespace

LogFollower::LogFollower(std::string path, const std::vector<Checkpoint>& from, probes::observations::WallTime at)
    : path_(std::move(path)), buffer_(piece, '\0') {
  if (!from.empty()) resume(from, at);
  else current_ = open_at_its_end();
}

LogFollower::~LogFollower() {
  if (current_) close(*current_);
  for (File& file : renamed_) close(file);
}

std::optional<LogFollower::File> LogFollower::open_at_its_end() {
  std::optional<File> file = open(path_);
  struct stat status {};
  if (file && fstat(file->descriptor, &status) == 0) place(*file, static_cast<std::uint64_t>(status.st_size));
  begun_ = file || (trouble_ && trouble_->reason == SourceReason::not_found);
  return file;
}

// A log is known again by what it holds: device numbers change with a reboot, and the number of a file that was removed is soon
// another's. One that was not begun is known by its number alone.
bool LogFollower::is_same(const File& file, const Checkpoint& from) {
  if (from.mark.empty()) return from.offset == 0 && from.inode != 0 && file.device == from.device && file.inode == from.inode;
  return mark(file, from.offset) == from.mark;
}

std::string LogFollower::mark(const File& file, std::uint64_t offset) {
  return bytes_before(file, std::min<std::uint64_t>(offset, mark_size), mark_size) + bytes_before(file, offset, mark_size);
}

void LogFollower::resume(const std::vector<Checkpoint>& from, probes::observations::WallTime at) {
  begun_ = true;
  current_ = open(path_);
  std::vector<const Checkpoint*> sought;
  bool placed = false, cut = false;
  for (const Checkpoint& one : from) {
    if (current_ && !placed && is_same(*current_, one)) {
      place(*current_, one.offset);
      placed = true;
    } else {
      cut = cut || (current_ && one.offset > 0 && current_->device == one.device && current_->inode == one.inode);
      sought.push_back(&one);
    }
  }
  if (cut && !placed) ++truncations_;
  // A rotation that is under way gives files other names while we look for them: until a look meets nothing new.
  constexpr int most_looks = 10;
  std::set<FileNumber> met;
  if (current_) met.insert({current_->device, current_->inode});
  for (int look = 0; look < most_looks && look_beside(met, sought, from, at); ++look) {
  }
  gone_ = std::ranges::any_of(sought, [](const Checkpoint* one) { return !one->finished && one->inode != 0 && one->offset > 0; });
}

bool LogFollower::look_beside(std::set<FileNumber>& met, std::vector<const Checkpoint*>& sought,
                              const std::vector<Checkpoint>& from, probes::observations::WallTime at) {
  constexpr int most_looked_at = 10'000;
  bool news = false;
  std::error_code error;
  std::filesystem::directory_iterator beside(std::filesystem::path(path_).parent_path(), error), end;
  for (int looked_at = 0; !error && beside != end && looked_at < most_looked_at; beside.increment(error), ++looked_at) {
    if (!is_rotated(beside->path().string(), path_)) continue;
    std::optional<File> file = open(beside->path().string());
    if (!file) {
      news = news || (trouble_ && trouble_->reason == SourceReason::not_found);
      trouble_.reset();
    } else if (!met.insert({file->device, file->inode}).second) {
      close(*file);
    } else {
      news = true;
      resume_beside(std::move(file), sought, from, at);
    }
  }
  return news;
}

// The file that was read, or a copy of it, or one that came since and has been renamed already.
void LogFollower::resume_beside(std::optional<File> file, std::vector<const Checkpoint*>& sought,
                                const std::vector<Checkpoint>& from, probes::observations::WallTime at) {
  const auto same = [&](const Checkpoint* one) { return is_same(*file, *one); };
  const auto found = std::ranges::find_if(sought, same);
  const bool known = std::ranges::any_of(from, [&](const Checkpoint& one) { return same(&one); });
  // Cut short and then renamed: what it holds came since.
  const bool cut = !known && std::ranges::any_of(from, [&](const Checkpoint& one) {
    return one.offset > 0 && one.device == file->device && one.inode == file->inode;
  });
  if (found == sought.end() && !cut && (known || !came_since(file->descriptor, at))) return close(*file);
  if (found != sought.end()) {
    place(*file, (*found)->offset);
    sought.erase(found);
  }
  file->until = Clock::now() + read_after_rename;
  renamed_.push_back(std::move(*file));
}

void LogFollower::fail(int code) {
  if (trouble_ && trouble_->reason == reason_of(code)) return;
  trouble_ = {.reason = reason_of(code), .path = path_, .detail = std::strerror(code)};
}

std::optional<LogFollower::File> LogFollower::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return fail(errno), std::nullopt;
  File file{.descriptor = descriptor};
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    fail(EISDIR);
    return close(file), std::nullopt;
  }
  file.device = status.st_dev;
  file.inode = status.st_ino;
  trouble_.reset();
  return file;
}

void LogFollower::close(File& file) {
  if (file.descriptor >= 0) ::close(std::exchange(file.descriptor, -1));
}

std::string LogFollower::bytes_before(const File& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(std::min<std::uint64_t>(offset, size), '\0');
  const ssize_t read = pread(file.descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset - bytes.size()));
  bytes.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
  return bytes;
}

void LogFollower::place(File& file, std::uint64_t offset) {
  file.offset = offset;
  file.frames.clear();
  file.head = bytes_before(file, std::min<std::uint64_t>(offset, mark_size), mark_size);
  file.tail = bytes_before(file, offset, tail_size);
  if (!file.tail.empty() && file.tail.back() != '\n') file.frames.skip_rest_of_line();
}

// Shorter than it was, or no longer what was read: it was emptied, and holds what came since.
void LogFollower::check_cut(File& file) {
  struct stat status {};
  if (fstat(file.descriptor, &status) != 0) return;
  bool cut = static_cast<std::uint64_t>(status.st_size) < file.offset;
  if (!cut && static_cast<std::uint64_t>(status.st_size) > file.offset && !file.tail.empty()) {
    std::array<char, tail_size> now;
    const auto begin = static_cast<off_t>(file.offset - file.tail.size());
    cut = pread(file.descriptor, now.data(), file.tail.size(), begin) == static_cast<ssize_t>(file.tail.size()) &&
          std::string_view(now.data(), file.tail.size()) != file.tail;
  }
  if (!cut) return;
  ++truncations_;
  place(file, 0);
}

bool LogFollower::read(File& file, std::size_t& bytes, const Frames::Take& take) {
  check_cut(file);
  while (bytes > 0) {
    const ssize_t size = pread(file.descriptor, buffer_.data(), buffer_.size(), static_cast<off_t>(file.offset));
    if (size < 0) fail(errno);
    if (size <= 0) return false;
    const std::string_view read(buffer_.data(), static_cast<std::size_t>(size));
    file.frames.feed(read, take);
    too_long_ += file.frames.take_too_long();
    if (file.offset < mark_size) file.head.append(read.substr(0, mark_size - static_cast<std::size_t>(file.offset)));
    file.offset += read.size();
    file.tail.append(read.substr(read.size() - std::min(read.size(), tail_size)));
    file.tail.erase(0, file.tail.size() - std::min(file.tail.size(), tail_size));
    bytes -= std::min(bytes, read.size());
  }
  return true;
}

// A new file is at the path: the old one is read for a while longer. While there is none, the old one goes on.
void LogFollower::check_renamed(Clock::time_point now) {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == current_->device && status.st_ino == current_->inode) return;
  std::optional<File> next = open(path_);
  if (!next) return;
  current_->until = now + read_after_rename;
  if (renamed_.size() >= most_renamed) finish(renamed_.front()), renamed_.erase(renamed_.begin());
  renamed_.push_back(std::move(*current_));
  current_ = std::move(next);
}

bool LogFollower::read(std::size_t bytes, const Frames::Take& take, Clock::time_point now) {
  bool more = false;
  for (File& file : renamed_) more = read(file, bytes, take) || more;
  std::erase_if(renamed_, [&](File& file) {
    if (more || now < *file.until) return false;
    finish(file);
    return true;
  });
  if (!current_) current_ = begun_ ? open(path_) : open_at_its_end();
  if (!current_) return more;
  if (read(*current_, bytes, take)) return true;
  check_renamed(now);
  return more;
}

void LogFollower::finish(File& file) {
  finished_.push_back(checkpoint(file));
  finished_.back().finished = true;
  if (finished_.size() > most_renamed) finished_.erase(finished_.begin());
  close(file);
}

Checkpoint LogFollower::checkpoint(const File& file) const {
  const std::size_t pending = file.frames.pending();
  Checkpoint found{.path = path_, .device = file.device, .inode = file.inode, .offset = file.offset - pending};
  // Of what was read: by now the file may be another's. Only a long line that has not ended is looked up in the file.
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(found.offset, mark_size));
  if (pending + size > file.tail.size()) found.mark = mark(file, found.offset);
  else found.mark = file.head.substr(0, size) + file.tail.substr(file.tail.size() - pending - size, size);
  return found;
}

std::vector<Checkpoint> LogFollower::checkpoints() const {
  std::vector<Checkpoint> found = finished_;
  for (const File& file : renamed_) found.push_back(checkpoint(file));
  if (current_) found.push_back(checkpoint(*current_));
  if (found.empty() && begun_) found.push_back({.path = path_});
  return found;
}

std::uint64_t LogFollower::take_truncations() { return std::exchange(truncations_, 0); }
std::uint64_t LogFollower::take_too_long() { return std::exchange(too_long_, 0); }

}  // namespace exporter::callers
