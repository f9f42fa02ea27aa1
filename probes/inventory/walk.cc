#include "probes/inventory/walk.h"

#include <dirent.h>
#include <fnmatch.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "probes/inventory/below_root.h"
#include "probes/inventory/path_pattern.h"

namespace probes::inventory {

namespace fs = std::filesystem;
using observations::SourceReason;

namespace {

bool is_pattern(const std::string& part) { return part.find_first_of("*?[") != std::string::npos; }

SourceReason reason_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return SourceReason::not_found;
    case EACCES:
    case EPERM: return SourceReason::permission_denied;
    case ELOOP: return SourceReason::symlink_loop;
    default: return SourceReason::read_failed;
  }
}

struct FolderId {
  dev_t device;
  ino_t inode;
  bool operator==(const FolderId&) const = default;
};

class Walker {
 public:
  Walker(const std::string& path, const Walk& walk) : walk_(walk), written_(path) {}

  void run() {
    split();
    std::error_code error;
    root_ = fs::canonical(real(base_), error).string();
    const SourceReason reason = error ? reason_of(error.value()) : SourceReason::not_found;
    if (error && (parts_.empty() || reason != SourceReason::not_found)) return report(reason, base_, error.message());
    if (error) return report(SourceReason::not_found, written_, base_ + ": " + error.message());
    // What is named outright may be a link to anywhere.
    if (parts_.empty()) visit_named(base_);
    else expand(base_, 0, 0);
    if (!found_ && !reported_)
      report(SourceReason::not_found, written_, excluded_ ? "every file that it matches is excluded" : "matches no file");
  }

 private:
  std::string real(const std::string& path) const { return below_root(path, walk_.root); }

  bool excluded(const std::string& path) {
    const bool matches = std::ranges::any_of(walk_.exclude, [&](const std::string& one) { return path_matches(one, path); });
    excluded_ = excluded_ || matches;
    return matches;
  }

  // Into the folder that is written out and the parts from the first pattern on.
  void split() {
    fs::path base;
    for (const fs::path& part : fs::path(written_)) {
      if (parts_.empty() && !is_pattern(part.string())) base /= part;
      else if (!part.empty()) parts_.push_back(part.string());
    }
    base_ = base.empty() ? "." : base.string();
  }

  void report(SourceReason reason, const std::string& path, std::string detail) {
    reported_ = true;
    walk_.trouble({reason, path, std::move(detail)});
  }

  void visit_named(const std::string& path) {
    struct stat status {};
    if (excluded(path)) return;
    if (stat(real(path).c_str(), &status) != 0) return report(reason_of(errno), path, std::strerror(errno));
    if (!S_ISDIR(status.st_mode)) return visit_file(path, status, true);
    parts_ = {"**"};
    expand(path, 0, 0);
  }

  void visit_file(const std::string& path, const struct stat& status, bool named) {
    found_ = true;
    if (S_ISREG(status.st_mode) && !made_up(real(path))) walk_.file(path, named);
    else
      report(SourceReason::irregular_file, path,
             S_ISREG(status.st_mode) ? "a file of the kernel's" : "neither a file nor a folder");
  }

  // Everything in `folder` that the parts from `part` on match.
  void expand(const std::string& folder, std::size_t part, int depth) {
    if (depth > deepest_folder)
      return report(SourceReason::too_deep, folder, "more than " + std::to_string(deepest_folder) + " folders below each other");
    if (!enter(folder)) return;
    for (const std::string& name : names(folder)) {
      if (names_seen_ > most_names) break;
      match(folder + (folder.ends_with('/') ? "" : "/") + name, name, part, depth);
    }
    inside_.pop_back();
  }

  bool enter(const std::string& folder) {
    struct stat status {};
    if (stat(real(folder).c_str(), &status) != 0) return report(reason_of(errno), folder, std::strerror(errno)), false;
    const FolderId id{status.st_dev, status.st_ino};
    if (std::ranges::find(inside_, id) != inside_.end())
      return report(SourceReason::symlink_loop, folder, "leads back to a folder it lies in"), false;
    if (made_up(real(folder))) return report(SourceReason::irregular_file, folder, "a folder of the kernel's"), false;
    inside_.push_back(id);
    return true;
  }

  std::vector<std::string> names(const std::string& folder) {
    std::vector<std::string> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(real(folder).c_str()), closedir);
    if (!open) return report(reason_of(errno), folder, std::strerror(errno)), found;
    while (const dirent* entry = readdir(open.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (++names_seen_ > most_names) {
        report(SourceReason::too_large, folder, "more than " + std::to_string(most_names) + " names");
        break;
      }
      found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  void match(const std::string& path, const std::string& name, std::size_t part, int depth) {
    const bool any_folder = parts_[part] == "**";
    const std::size_t next = any_folder ? part + 1 : part;
    const bool wanted = next == parts_.size() ? !name.starts_with(".") : fits(name, parts_[next]);
    struct stat status {};
    if (any_folder ? name.starts_with(".") : !wanted) return;
    if (excluded(path)) return;
    if (!within(path, wanted, status)) return;
    if (wanted) go_on(path, status, next, depth);
    if (any_folder && S_ISDIR(status.st_mode)) expand(path, part, depth + 1);
  }

  static bool fits(const std::string& name, const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
  }

  // `path` has matched `part`: a file if that was the last, else a folder to look for the next in.
  void go_on(const std::string& path, const struct stat& status, std::size_t part, int depth) {
    if (part + 1 < parts_.size()) {
      if (S_ISDIR(status.st_mode)) expand(path, part + 1, depth + 1);
    } else if (!S_ISDIR(status.st_mode)) {
      visit_file(path, status, false);
    }
  }

  // Where the name itself stands: all of its path but the last part is real.
  std::string real_name(const std::string& path) const {
    if (walk_.root.empty()) return path;
    const fs::path written(path);
    return (fs::path(real(written.parent_path().string())) / written.filename()).string();
  }

  // certbot keeps the certificates of live/NAME in archive/NAME beside it.
  static bool certbot_archive(const std::string& path, const std::string& target) {
    std::error_code error;
    const fs::path lineage = fs::canonical(fs::path(path).parent_path(), error), live = lineage.parent_path();
    return !error && live.filename() == "live" &&
           fs::path(target).parent_path() == live.parent_path() / "archive" / lineage.filename();
  }

  // What `path` leads to; false for what cannot be looked at or lies elsewhere. Only links are resolved: they alone lead
  // elsewhere. A link that is not `wanted` matters only where it leads to a folder.
  bool within(const std::string& path, bool wanted, struct stat& status) {
    if (lstat(real_name(path).c_str(), &status) != 0)
      return errno != ENOENT ? (report(reason_of(errno), path, std::strerror(errno)), false) : false;
    if (!S_ISLNK(status.st_mode)) return true;
    std::error_code error;
    const std::string target = fs::canonical(real(path), error).string();
    if (!error && stat(target.c_str(), &status) != 0) error.assign(errno, std::generic_category());
    if (!wanted && (error || !S_ISDIR(status.st_mode))) return false;
    if (error) return report(reason_of(error.value()), path, error.message()), false;
    const std::string below = root_.ends_with('/') ? root_ : root_ + "/";
    if (walk_.follow_symlinks || target == root_ || target.starts_with(below)) return true;
    if (certbot_archive(real_name(path), target)) return true;
    return report(SourceReason::out_of_scope_symlink, path, "leads to " + target + "; `follow_symlinks: true` allows it"), false;
  }

  const Walk& walk_;
  const std::string& written_;
  std::string base_;  // the folder that is written out
  std::string root_;  // the same without links
  std::vector<std::string> parts_;
  std::vector<FolderId> inside_;  // the folders on the way down
  std::size_t names_seen_ = 0;
  bool found_ = false;
  bool reported_ = false;
  bool excluded_ = false;
};

}  // namespace

bool made_up(const std::string& path) {
  struct statfs status {};
  return statfs(path.c_str(), &status) == 0 && (status.f_type == PROC_SUPER_MAGIC || status.f_type == SYSFS_MAGIC);
}

void walk(const std::string& path, const Walk& walk) { Walker(path, walk).run(); }

}  // namespace probes::inventory
