#include "exporter/callers/log_follower.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace exporter::callers {

using namespace std::chrono_literals;
using probes::observations::SourceReason;

namespace {

constexpr std::size_t piece = 64 * 1024;
constexpr std::size_t tail_size = 64;
// Whoever renames a log tells its writer afterwards, and a writer of several processes opens the new one in each of them.
constexpr auto read_after_rename = 30s;
constexpr std::size_t most_renamed = 4;

SourceReason reason_of(int code) {
  if (code == ENOENT || code == ENOTDIR) return SourceReason::not_found;
  if (code == EACCES || code == EPERM) return SourceReason::permission_denied;
  if (code == EISDIR || code == ENXIO) return SourceReason::irregular_file;
  return SourceReason::read_failed;
}

}  // namespace

LogFollower::LogFollower(std::string path, const std::vector<Checkpoint>& from) : path_(std::move(path)), buffer_(piece, '\0') {
  if (!from.empty()) resume(from);
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
  if (file && !file->tail.empty() && file->tail.back() != '\n') file->frames.skip_rest_of_line();
  begun_ = file || (trouble_ && trouble_->reason == SourceReason::not_found);
  return file;
}

void LogFollower::resume(const std::vector<Checkpoint>& from) {
  begun_ = true;
  current_ = open(path_);
  for (const Checkpoint& one : from) {
    if (current_ && current_->device == one.device && current_->inode == one.inode) {
      place(*current_, one.offset);
      check_cut(*current_);
    } else {
      resume_renamed(one);
    }
  }
}

// The file may have been renamed while nobody looked: then it lies beside, and is read to its end.
void LogFollower::resume_renamed(const Checkpoint& from) {
  constexpr int most_looked_at = 10'000;
  const std::filesystem::path here(path_);
  std::error_code error;
  std::filesystem::directory_iterator beside(here.parent_path(), error), end;
  for (int looked_at = 0; !error && beside != end && looked_at < most_looked_at; beside.increment(error), ++looked_at) {
    struct stat status {};
    const std::string other = beside->path().string();
    if (!other.starts_with(path_) || other == path_ || stat(other.c_str(), &status) != 0 || status.st_ino != from.inode) continue;
    std::optional<File> file = open(other);
    if (!file) continue;
    const bool same = file->device == from.device && static_cast<std::uint64_t>(status.st_size) >= from.offset;
    if (!same) return close(*file);
    place(*file, from.offset);
    file->until = Clock::now() + read_after_rename;
    return void(renamed_.push_back(std::move(*file)));
  }
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

void LogFollower::place(File& file, std::uint64_t offset) {
  file.offset = offset;
  file.frames.clear();
  file.tail.assign(std::min<std::uint64_t>(offset, tail_size), '\0');
  const ssize_t size = pread(file.descriptor, file.tail.data(), file.tail.size(), static_cast<off_t>(offset - file.tail.size()));
  file.tail.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
}

// Shorter than it was, or no longer what was read: it was emptied, and holds what came since.
void LogFollower::check_cut(File& file) {
  struct stat status {};
  if (fstat(file.descriptor, &status) != 0) return;
  bool cut = static_cast<std::uint64_t>(status.st_size) < file.offset;
  if (!cut && static_cast<std::uint64_t>(status.st_size) > file.offset && !file.tail.empty()) {
    char now[tail_size];
    const auto begin = static_cast<off_t>(file.offset - file.tail.size());
    cut = pread(file.descriptor, now, file.tail.size(), begin) == static_cast<ssize_t>(file.tail.size()) &&
          std::string_view(now, file.tail.size()) != file.tail;
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
  if (renamed_.size() == most_renamed) close(renamed_.front()), renamed_.erase(renamed_.begin());
  renamed_.push_back(std::move(*current_));
  current_ = std::move(next);
}

bool LogFollower::read(std::size_t bytes, const Frames::Take& take, Clock::time_point now) {
  bool more = false;
  for (File& file : renamed_) more = read(file, bytes, take) || more;
  std::erase_if(renamed_, [&](File& file) {
    if (more || now < *file.until) return false;
    close(file);
    return true;
  });
  if (!current_) current_ = begun_ ? open(path_) : open_at_its_end();
  if (!current_) return more;
  if (read(*current_, bytes, take)) return true;
  check_renamed(now);
  return more;
}

std::vector<Checkpoint> LogFollower::checkpoints() const {
  std::vector<Checkpoint> found;
  const auto add = [&](const File& file) {
    found.push_back({.path = path_, .device = file.device, .inode = file.inode, .offset = file.offset - file.frames.pending()});
  };
  for (const File& file : renamed_) add(file);
  if (current_) add(*current_);
  return found;
}

std::uint64_t LogFollower::take_truncations() { return std::exchange(truncations_, 0); }
std::uint64_t LogFollower::take_too_long() { return std::exchange(too_long_, 0); }

}  // namespace exporter::callers
