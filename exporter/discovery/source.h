// A source of targets, and the table of them: one file per source (file_sd.cc, dns.cc ...), one row each in table.cc. A source
// looks and says what is there; what to do with it (modules, names, who wins) is decided in one place for all of them, merge.h.
// It lives on a thread of its own (finder.h) and may block, but gives up soon after it is asked to stop. It keeps the last good
// list of whatever it could not read this time: a look always has the whole list.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "exporter/discovery/troubles.h"
#include "exporter/materials/materials.h"

namespace exporter::discovery {

// A server that was found.
struct Candidate {
  std::string host;                                          // a name in lower case, or an IP literal without brackets
  std::uint16_t port = 0;                                    // 0: that of the module's protocol
  std::string path = {};                                     // of a URL
  std::string scheme = {};                                   // of a URL: the module must leave its protocol open, or say the same
  std::string name;                                          // what it should be called; empty: its address
  std::string server_name;                                   // empty: host
  std::string module;                                        // empty: the one of the discovery
  std::string identity;                                      // empty: those of the module
  bool name_judged = true;                                   // false: nobody has said which name it must carry
  std::string certificate_file;                              // what it is meant to serve; empty: unknown
  std::string protocol;                                      // what its own configuration says; a module's word wins
  std::optional<config::ClientAuthExpectation> client_auth;  // what its own configuration says; a module's word wins
  bool rsa_only = false;                                     // of two certificates, the RSA one is asked for
  bool proxy_protocol = false;                               // its own configuration insists on the header, v1 or v2
  config::Labels labels;
  std::optional<config::Holder> holder = {};  // of its port, where that is one of this host
  auto operator<=>(const Candidate&) const = default;
};

// The protocol of a listener of which only TLS is sure.
inline constexpr std::string_view any_protocol = "auto";

// One source has at most this many targets: what is above is too_large.
inline constexpr std::size_t most_candidates = 200'000;

// What was found, for the estate.
struct List {
  std::vector<Candidate> candidates;
  std::vector<std::string> certificate_files = {};  // that servers have besides those of the candidates: watched where they lie
  bool operator==(const List&) const = default;
};

struct Look {
  std::vector<Candidate> found;
  std::vector<std::string> certificate_files = {};  // that servers have besides those of `found`: watched where they lie
  bool complete = true;                             // false: part of `found` is from an earlier look
  Troubles troubles;                                // met in this look
};

class Source {
 public:
  Source() = default;
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // What is there now. Never throws.
  virtual Look look(const std::stop_token& stopping) = 0;

  // Returns when it is worth looking again: after `interval`, or sooner.
  virtual void rest(const std::stop_token& stopping, std::chrono::milliseconds interval);
};

// What sources use of the exporter.
struct Surroundings {
  std::function<MaterialsPtr()> materials;        // of the moment; any thread, never null
  std::vector<std::string_view> reserved_labels;  // of our own families
  // Connections of each sweep at once, at most: what the limit of open files leaves. Asked on the sweep's thread; empty: no limit
  // but its own.
  std::function<std::size_t()> sweep_share = nullptr;
};

// What one look takes, from the least to the most: files that are opened, a question to a server, connections to every address
// of a range.
enum class Effort : std::uint8_t { files, question, sweep };

// One row of the table.
struct SourceRow {
  std::string_view key;   // in the configuration
  std::string_view what;  // one sentence, for docs/discovery.md
  Effort effort;
  std::unique_ptr<Source> (*make)(const config::Discovery& discovery, const Surroundings& surroundings);
  std::vector<SourceReason> reasons;  // that it can meet: published from 0
};

// In the order of config::DiscoverySource.
[[nodiscard]] std::span<const SourceRow> sources();
[[nodiscard]] const SourceRow& row_of(const config::DiscoverySource& settings);

// The sources. REQUIRES: `settings` holds theirs.
[[nodiscard]] std::unique_ptr<Source> file_sd(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> http_sd(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> dns(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> sweep(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> nginx(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> haproxy(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> kubernetes(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> listeners(const config::Discovery& discovery, const Surroundings& surroundings);
[[nodiscard]] std::unique_ptr<Source> consul(const config::Discovery& discovery, const Surroundings& surroundings);

}  // namespace exporter::discovery
