// Scans the files of a source, again and again. What was read of a file is kept as one immutable piece and shared; a file whose
// identity, size and times have not changed is not opened again. Owned by one worker; blocking: never on a probe's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "probes/observations/inventory.h"
#include "probes/revocation/lists.h"
#include "probes/tls/handles.h"
#include "probes/tls/secret_file.h"

namespace probes::inventory {

// What to scan.
struct Scope {
  std::vector<std::string> paths;             // files, folders or globs (walk.h)
  std::vector<std::string> passphrase_files;  // read anew at every scan; one that cannot be is a trouble of the source
  bool follow_symlinks = false;
  std::vector<std::string> exclude = {};  // patterns of files and folders that are passed over (path_pattern.h)
  std::string root = {};                  // where paths in the files and links are followed as if it were / (below_root.h)
};

using FilePtr = std::shared_ptr<const observations::Inventory>;  // what one file holds, troubles included

class FileScanner {
 public:
  // Called for each file that was read, with its certificates in the order of file.certificates: what has to be known of them and
  // needs more than their facts is worked out here. On the thread that scans.
  using Examine = std::function<void(observations::Inventory& file, std::span<const tls::Ptr<X509>> certificates)>;

  explicit FileScanner(Scope scope, Examine examine = {}) : scope_(std::move(scope)), examine_(std::move(examine)) {}

  // The signatures of revocation lists that are read from now on are checked against these (borrowed until the last scan with
  // them).
  void set_issuers(std::vector<X509*> issuers) { issuers_ = std::move(issuers); }

  // Looks at everything. True when a file came, went or changed, or the troubles of the walk did.
  bool scan();

  // The next scan opens `file` whether or not it has changed, so that it is examined again.
  void forget(const observations::Location& file);

  // What tells that a file is still the one that was read.
  struct Mark {
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0, modified = 0, changed = 0;  // times in nanoseconds
    bool operator==(const Mark&) const = default;
  };
  struct File {
    Mark mark;
    FilePtr holds;
    // It is named outright, or has held certificates: that it holds none is trouble. Of others it is not: a README, a key.
    bool expected = false;
  };
  using Files = std::map<observations::Location, File, std::less<>>;

  // Other files that were read for one of `files`: when one of them changes, comes or goes, that one is read again.
  using Referred = std::map<std::string, Mark>;

  // As of the last scan. A file that is there and of which nothing can be read now holds what it held, and its trouble
  // (last_good.h).
  const Files& files() const { return files_; }
  // Of the walk: a path that matches nothing, a link that leads elsewhere.
  const std::vector<observations::Trouble>& troubles() const { return troubles_; }
  // Files that the last scan opened.
  std::uint64_t opened() const { return opened_; }

 private:
  struct Reader;

  bool look(const std::string& path, Mark& mark) const;

  const Scope scope_;
  const Examine examine_;
  std::vector<X509*> issuers_;
  Files files_;
  std::map<std::string, Referred> referred_;  // by the path of the file that refers; most files do not
  std::vector<observations::Trouble> troubles_;
  std::string passphrases_;  // a digest: with other passphrases the keystores are read again
  std::uint64_t opened_ = 0;
};

// Reads the revocation lists in `paths` into `lists`; `issuers` (borrowed) are what their signatures are checked against.
[[nodiscard]] observations::Inventory read_revocation_lists(const std::vector<std::string>& paths,
                                                            const std::vector<X509*>& issuers,
                                                            std::vector<revocation::NamedList>& lists);

// The passphrases in these files, each of one line, in their order; a file that cannot be read is a trouble.
[[nodiscard]] std::vector<tls::Secret> read_passphrases(const std::vector<std::string>& paths,
                                                        std::vector<observations::Trouble>& troubles);

}  // namespace probes::inventory
