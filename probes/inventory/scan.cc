#include "probes/inventory/scan.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "config/regular_file.h"
#include "probes/inventory/below_root.h"
#include "probes/inventory/format.h"
#include "probes/inventory/last_good.h"
#include "probes/inventory/walk.h"

namespace probes::inventory {

using observations::Inventory;
using observations::Location;
using observations::SourceReason;
using observations::Trouble;

namespace {

SourceReason reason_of(const config::FileTrouble& trouble) {
  switch (trouble.code) {
    case 0: return trouble.why.starts_with("larger") ? SourceReason::too_large : SourceReason::irregular_file;
    case ENOENT:
    case ENOTDIR: return SourceReason::not_found;
    case EACCES:
    case EPERM: return SourceReason::permission_denied;
    case EISDIR: return SourceReason::irregular_file;
    default: return SourceReason::read_failed;
  }
}

// Only ever compared for equality: beyond 2262 it wraps round, as unsigned numbers may.
std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
                                   static_cast<std::uint64_t>(time.tv_nsec));
}

// Tells whether the passphrases are those of the scan before, without keeping them.
std::string digest_of(const std::vector<tls::Secret>& passphrases) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  for (const tls::Secret& one : passphrases) {
    const std::uint64_t length = one.view().size();
    EVP_DigestUpdate(context, &length, sizeof length);
    EVP_DigestUpdate(context, one.view().data(), one.view().size());
  }
  EVP_DigestFinal_ex(context, digest.data(), &size);
  EVP_MD_CTX_free(context);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

// The place of the file itself: one with the certificates in it, where they do not stand under names of their own.
Location place_of(const std::string& path, const Inventory& holds) {
  const auto nameless =
      std::ranges::find(holds.certificates, std::string_view(path), [](const auto& one) { return one.place.text(); });
  return nameless == holds.certificates.end() ? Location(path) : nameless->place;
}

}  // namespace

bool FileScanner::look(const std::string& path, Mark& mark) const {
  struct stat status {};
  if (stat(below_root(path, scope_.root).c_str(), &status) != 0) return false;
  mark = {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
  return true;
}

// No file that was looked at has an empty mark.
void FileScanner::forget(const Location& file) {
  if (const auto known = files_.find(file); known != files_.end()) known->second.mark = {};
}

// One scan under way.
struct FileScanner::Reader {
  FileScanner& scanner;
  const std::vector<tls::Secret>& passphrases;
  bool other_passphrases = false;
  Files files = {};
  std::map<std::string, Referred> referred = {};
  std::vector<Trouble> troubles = {};
  bool changed = false;

  void visit(const std::string& path, bool named) {
    Mark mark;
    if (const auto twice = files.find(path); twice != files.end()) {
      twice->second.expected = twice->second.expected || named;
      return;
    }
    if (!scanner.look(path, mark)) return;  // gone since
    const auto before = scanner.files_.find(path);
    const bool known = before != scanner.files_.end();
    if (known && before->second.mark == mark && !other_passphrases && unchanged(scanner.referred_.find(path))) {
      files.insert(*before);
      return;
    }
    const bool expected = named || (known && (before->second.expected || !before->second.holds->certificates.empty()));
    changed = true;
    const std::shared_ptr<Inventory> holds = read(path, mark);
    if (known) keep_last_good(*holds, before->second.holds);
    if (std::ranges::any_of(holds->troubles, passes)) mark = {};  // it is looked at again, even if it looks the same
    files.emplace(place_of(path, *holds), File{mark, holds, expected});
  }

  // The files of before that lie where the walk could not look. They are read again when it can.
  void keep_hidden() {
    for (const Trouble& trouble : troubles) {
      if (!passes(trouble)) continue;
      auto file = scanner.files_.lower_bound(trouble.path);
      for (; file != scanner.files_.end() && file->first.text().starts_with(trouble.path); ++file) {
        if (!lies_under(file->first.text(), trouble.path) || files.contains(file->first)) continue;
        files.emplace(file->first, File{.mark = {}, .holds = unjudged(file->second.holds), .expected = true});
        if (const auto refers = scanner.referred_.find(std::string(file->first.text())); refers != scanner.referred_.end())
          referred.insert(*refers);
      }
    }
  }

  // Of what a file refers to; as of now it refers to the same.
  bool unchanged(std::map<std::string, Referred>::const_iterator known) {
    if (known == scanner.referred_.end()) return true;
    for (const auto& [path, before] : known->second)
      if (mark_of(path) != before) return false;
    referred.insert(*known);
    return true;
  }

  // Empty: it is not there.
  Mark mark_of(const std::string& path) const {
    Mark mark;
    return scanner.look(path, mark) ? mark : Mark{};
  }

  // Twice where the file changes under the reading hands: half of the old and half of the new is neither. `mark` becomes that of
  // what was read.
  std::shared_ptr<Inventory> read(const std::string& path, Mark& mark) {
    for (const bool again : {true, false}) {
      auto found = std::make_shared<Inventory>();
      ++scanner.opened_;
      read_content(path, *found);
      found->certificates.shrink_to_fit();
      Mark after;
      if (!scanner.look(path, after) || after == mark) return found;
      mark = after;
      if (again) continue;
      return std::make_shared<Inventory>(
          Inventory{.troubles = {{SourceReason::changed_while_read, path, "it changes faster than it can be read"}}});
    }
    return nullptr;  // not reached
  }

  void read_content(const std::string& path, Inventory& found) {
    auto content = config::read_regular_file(below_root(path, scanner.scope_.root), largest_file);
    if (auto* bytes = std::get_if<std::string>(&content)) {
      const std::function<void(const std::string&)> refers = [&](const std::string& other) {
        referred[path].insert_or_assign(other, mark_of(other));
      };
      std::vector<tls::Ptr<X509>> certificates;
      const Reading reading =
          Reading(path, passphrases, found).telling(refers).with_issuers(scanner.issuers_).below(scanner.scope_.root);
      read_bytes(*bytes, scanner.examine_ ? reading.with_handles(certificates) : reading);
      if (scanner.examine_) scanner.examine_(found, certificates);
      OPENSSL_cleanse(bytes->data(), bytes->size());  // a key may have stood in it
      return;
    }
    const auto& trouble = std::get<config::FileTrouble>(content);
    found.troubles.push_back({reason_of(trouble), path, trouble.why});
  }
};

bool FileScanner::scan() {
  opened_ = 0;
  std::vector<Trouble> troubles;
  const std::vector<tls::Secret> passphrases = read_passphrases(scope_.passphrase_files, troubles);
  std::string digest = digest_of(passphrases);
  Reader reader{
      .scanner = *this, .passphrases = passphrases, .other_passphrases = digest != passphrases_, .troubles = std::move(troubles)};
  const Walk steps{.follow_symlinks = scope_.follow_symlinks,
                   .exclude = scope_.exclude,
                   .root = scope_.root,
                   .file = [&](const std::string& path, bool named) { reader.visit(path, named); },
                   .trouble = [&](Trouble trouble) { reader.troubles.push_back(std::move(trouble)); }};
  for (const std::string& path : scope_.paths) walk(path, steps);
  reader.keep_hidden();
  const bool changed = reader.changed || reader.files.size() != files_.size() || reader.troubles != troubles_;
  files_ = std::move(reader.files);
  referred_ = std::move(reader.referred);
  troubles_ = std::move(reader.troubles);
  passphrases_ = std::move(digest);
  return changed;
}

std::vector<tls::Secret> read_passphrases(const std::vector<std::string>& paths, std::vector<Trouble>& troubles) {
  std::vector<tls::Secret> passphrases;
  for (const std::string& path : paths) {
    tls::FileContent content = tls::read_passphrase(path);
    if (content.good()) passphrases.push_back(std::move(content.bytes));
    else
      troubles.push_back(
          {content.missing ? SourceReason::not_found : SourceReason::read_failed, path, "passphrase_file: " + content.trouble});
  }
  return passphrases;
}

Inventory read_revocation_lists(const std::vector<std::string>& paths, const std::vector<X509*>& issuers,
                                std::vector<revocation::NamedList>& lists) {
  Inventory found;
  const Walk steps{.follow_symlinks = true,
                   .file =
                       [&](const std::string& path, bool) {
                         auto content = config::read_regular_file(path, largest_list_file);
                         const std::size_t before = found.revocation_lists.size();
                         if (const auto* bytes = std::get_if<std::string>(&content)) {
                           read_bytes(*bytes, Reading(path, {}, found).with_issuers(issuers).with_lists(lists));
                           if (found.revocation_lists.size() == before)
                             found.troubles.push_back({SourceReason::bad_crl, path, "holds no revocation list"});
                         } else {
                           const auto& trouble = std::get<config::FileTrouble>(content);
                           found.troubles.push_back({reason_of(trouble), path, trouble.why});
                         }
                       },
                   .trouble = [&](Trouble trouble) { found.troubles.push_back(std::move(trouble)); }};
  for (const std::string& path : paths) walk(path, steps);
  found.certificates.clear();
  return found;
}

}  // namespace probes::inventory
