// One door as it is read: its files and its socket, its budget of lines, its book, and when that is published. Owned by the
// reader's thread.
#pragma once

#include <poll.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/callers_settings.h"
#include "exporter/callers/book.h"
#include "exporter/callers/certificates.h"
#include "exporter/callers/log_follower.h"
#include "exporter/callers/syslog_receiver.h"
#include "exporter/estate/estate.h"

namespace exporter::callers {

class Door {
 public:
  using Tick = std::chrono::steady_clock::time_point;

  // `stored`: what an earlier run knew; its logs are read on where that one was.
  explicit Door(config::Callers settings, storage::StoredDoor stored = {}, WallTime now = {});

  // Goes over to other settings of the same name; files and a socket that stay are read on where they were.
  void adopt(config::Callers settings);

  void wait_for(std::vector<pollfd>& descriptors) const;

  // Reads what is there, within its budget. True when there is more to be had at once.
  bool read(SeenCertificates& certificates, Tick tick, WallTime now);

  // What changed since the last call, or everything, with how far the logs are read: as it is between two calls of read().
  void save(storage::Changes& changes, bool all);
  // What an earlier run knew and could not be had when this began. Its logs are read on where they are.
  void restore(storage::StoredDoor stored, WallTime now);
  // Removes the record of this fingerprint. False: there is none.
  bool forget(const std::string& fingerprint);

  // When its book is next to be published: soon after something changed, now and then without.
  [[nodiscard]] bool due(Tick tick) const;
  // Judges and counts; `published` took so long last time. The slot is complete.
  [[nodiscard]] SourceSlot publish(Against against, Tick tick, WallTime now);
  void published(Tick end, std::chrono::steady_clock::duration took) { rested_ = end + took * rest_per_publication; }

  [[nodiscard]] bool published_once() const { return published_; }
  [[nodiscard]] const config::Callers& settings() const { return book_.door(); }

 private:
  static constexpr int rest_per_publication = 20;  // a twentieth of a core at most

  void open(const std::vector<storage::LogRow>& logs);
  void tell_gone(const std::string& path) const;
  std::size_t budget(Tick tick);
  bool read_files(const Frames::Take& take, Tick tick);
  bool read_socket(const Frames::Take& take);
  [[nodiscard]] std::vector<probes::observations::Trouble> troubles() const;
  void tell(const std::vector<probes::observations::Trouble>& troubles);
  void tell_unreadable(std::string_view line, Tick tick);

  Book book_;
  std::vector<std::unique_ptr<LogFollower>> files_;
  std::unique_ptr<SyslogReceiver> socket_;
  std::optional<probes::observations::Trouble> socket_trouble_;
  WallTime looked_{};                                     // when the files were last looked at
  std::map<std::string, std::vector<Checkpoint>> saved_;  // of each file, by its path
  Tick opened_{};                                         // when the socket was last tried
  double allowance_ = 0;                                  // lines that may be read now; below zero where a file overdrew it
  Tick allowed_{};
  std::uint64_t truncations_ = 0;
  bool changed_ = true;
  bool published_ = false;
  Tick published_at_{};
  Tick rested_{};
  std::set<std::string> told_;
  Tick unreadable_told_{};
};

}  // namespace exporter::callers
