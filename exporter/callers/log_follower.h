// Follows one log file as it grows, is renamed, cut short, or appears: by rename no line is lost, for the old file is read to its
// end and for a while after; by copy-and-truncate none that was in the file at the last read. A file that is there at the start
// is followed from its end, one that appears later from its beginning. Owned by one thread, which it may block as long as the
// file system does.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exporter/callers/syslog_frames.h"
#include "probes/observations/inventory.h"
#include "probes/observations/wall_time.h"

namespace exporter::callers {

// How far a file has been read: what must outlive a restart so that no line counts twice.
struct Checkpoint {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;  // of the first line that was not read
  std::string mark = {};     // its first bytes, and those before the offset: by them the file is known again
  bool finished = false;     // it was renamed, and is read no longer
  bool operator==(const Checkpoint&) const = default;
};

class LogFollower {
 public:
  using Clock = std::chrono::steady_clock;

  // `from`: of an earlier run, as of `at`. Files that were renamed or copied since are looked for beside the path (PATH.1,
  // PATH-20261128) and read on; what came since, at the path or beside it, is read from its beginning.
  explicit LogFollower(std::string path, const std::vector<Checkpoint>& from = {}, probes::observations::WallTime at = {});
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  // Reads what is new, at most about `bytes`. True when there is more to be had at once.
  bool read(std::size_t bytes, const Frames::Take& take, Clock::time_point now);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Of each file that is being read, and of the last few that were. Never empty once it was looked for.
  [[nodiscard]] std::vector<Checkpoint> checkpoints() const;
  // Why it cannot be read now.
  [[nodiscard]] const std::optional<probes::observations::Trouble>& trouble() const { return trouble_; }
  // How often the file was cut short, and how many lines were too long, since the last call.
  [[nodiscard]] std::uint64_t take_truncations();
  [[nodiscard]] std::uint64_t take_too_long();
  // Whether a log that an earlier run had not read to its end was gone when this began: lines may be lost.
  [[nodiscard]] bool take_gone() { return std::exchange(gone_, false); }

 private:
  // A file that is open, and how far it was read.
  struct File {
    int descriptor = -1;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;
    std::string head = {};  // its first bytes
    std::string tail = {};  // the bytes before the offset: whether it is still the file that was read
    Frames frames = Frames();
    std::optional<Clock::time_point> until = std::nullopt;  // of one that was renamed: it is read until then
  };
  std::optional<File> open(const std::string& path);
  std::optional<File> open_at_its_end();
  void resume(const std::vector<Checkpoint>& from, probes::observations::WallTime at);
  using FileNumber = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
  // True when it met files that no look before did, or names that were others' by the time they were opened.
  bool look_beside(std::set<FileNumber>& met, std::vector<const Checkpoint*>& sought, const std::vector<Checkpoint>& from,
                   probes::observations::WallTime at);
  void resume_beside(std::optional<File> file, std::vector<const Checkpoint*>& sought, const std::vector<Checkpoint>& from,
                     probes::observations::WallTime at);
  void finish(File& file);
  [[nodiscard]] Checkpoint checkpoint(const File& file) const;
  [[nodiscard]] static bool is_same(const File& file, const Checkpoint& from);
  [[nodiscard]] static std::string mark(const File& file, std::uint64_t offset);
  [[nodiscard]] static std::string bytes_before(const File& file, std::uint64_t offset, std::size_t size);
  void place(File& file, std::uint64_t offset);
  bool read(File& file, std::size_t& bytes, const Frames::Take& take);
  void check_cut(File& file);
  void check_renamed(Clock::time_point now);
  void close(File& file);
  void fail(int code);

  const std::string path_;
  std::optional<File> current_;
  std::vector<File> renamed_;
  std::vector<Checkpoint> finished_;  // of files that were renamed, the latest last
  bool gone_ = false;
  bool begun_ = false;  // once it was there, or was seen not to be: since then whatever appears is new
  std::optional<probes::observations::Trouble> trouble_;
  std::uint64_t truncations_ = 0;
  std::uint64_t too_long_ = 0;
  std::string buffer_;
};

}  // namespace exporter::callers
