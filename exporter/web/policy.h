// Whom the server lets in and how: a web configuration with its files read and its state beside it. Renewed when the file,
// or the certificate, key or CA file it names, changes; a change that cannot be used leaves the old policy in force.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/web/passwords.h"
#include "exporter/web/rate_limit.h"
#include "exporter/web/tls_acceptor.h"
#include "exporter/web/web_config.h"

namespace exporter::web {

struct Policy {
  std::unique_ptr<const TlsAcceptor> tls;  // null: plain HTTP
  std::vector<std::pair<std::string, std::string>> headers;
  std::unique_ptr<Passwords> passwords;   // null: everybody may ask
  std::unique_ptr<RateLimit> rate_limit;  // null: as often as they like; I/O thread only
};
using PolicyPtr = std::shared_ptr<const Policy>;

// Watches one web configuration file. Every call blocks on files; one thread at a time.
class PolicySource {
 public:
  explicit PolicySource(std::string path) : path_(std::move(path)) {}

  // Reads everything now. Throws config::ConfigurationError.
  [[nodiscard]] PolicyPtr load();

  // A new policy when a file has changed since the last reading and all is well; null when nothing has changed, or when
  // the change cannot be used, which is logged once.
  [[nodiscard]] PolicyPtr renewed();

 private:
  // What changes with a file: device, inode, size and time of change.
  struct Stamp {
    std::string path;
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] static Stamp stamp(const std::string& path);

  std::string path_;
  std::vector<Stamp> seen_;  // before they were read: a change while reading is seen next time
};

}  // namespace exporter::web
