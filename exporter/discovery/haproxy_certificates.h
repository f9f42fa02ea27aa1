// The certificates of a `bind` in the order in which haproxy loads them: files, folders, pairs of one for each kind of key
// ("x.pem.rsa", "x.pem.ecdsa"), lists (`crt-list`) and stores (`crt-store`); and which names lead to them. haproxy's manual, 5.1
// "crt", "crt-list", 3.11 "crt-store".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exporter/discovery/haproxy_words.h"
#include "exporter/discovery/server_files.h"

namespace exporter::discovery {

// One certificate as a bind has it.
struct LoadedCertificate {
  std::string path;
  std::optional<Leaf> leaf;          // absent: it could not be read
  std::vector<std::string> filters;  // names that lead to it instead of its own
  std::set<std::string> excluded;    // names that do not although a wildcard covers them
  std::string verify;                // of its line in a list; empty: as the bind
};

// What a bind says of its certificates, in its order.
struct CertificateWord {
  enum class Kind : std::uint8_t { file_or_folder, list } kind = Kind::file_or_folder;
  std::string path;
};

class HaproxyCertificates {
 public:
  HaproxyCertificates(const ServerFiles& files, Troubles& troubles) : files_(files), troubles_(troubles) {}

  std::string origin;   // what relative paths begin at: `default-path`, or where haproxy began; empty: not known
  std::string base;     // `crt-base`
  std::string ca_base;  // `ca-base`
  bool bundles = true;  // `ssl-load-extra-files` as far as pairs go

  // Where a `ca-file` lies: a file, or a folder of them. Empty: nowhere, as `@system-ca`.
  [[nodiscard]] std::string ca_file(const std::string& written) const;

  // `load` in a `crt-store`.
  void store(const std::string& store, const std::string& store_base, const Words& load);

  // What cannot be read is named at `place`.
  [[nodiscard]] std::vector<LoadedCertificate> load(const std::vector<CertificateWord>& words, const Place& place);

 private:
  [[nodiscard]] std::string from_origin(const std::string& path) const;
  [[nodiscard]] std::string whole(const std::string& path) const;
  void file_or_folder(const std::string& path, const Place& place, const LoadedCertificate& like, bool folders,
                      std::vector<LoadedCertificate>& into);
  void folder(const std::vector<std::string>& entries, const Place& place, std::vector<LoadedCertificate>& into);
  void file(const std::string& path, const Place& place, LoadedCertificate like, std::vector<LoadedCertificate>& into);
  void list(const std::string& path, const Place& place, std::vector<LoadedCertificate>& into);
  void list_line(std::string_view line, const Place& place, std::vector<LoadedCertificate>& into);

  const ServerFiles& files_;
  Troubles& troubles_;
  std::map<std::string, std::string> stored_;                  // "@store/alias" -> path
  std::map<std::string, std::variant<Leaf, Trouble>> leaves_;  // read once in a look
};

}  // namespace exporter::discovery
