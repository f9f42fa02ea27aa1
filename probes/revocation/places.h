// Every place that is asked of revocation over HTTP, once for everybody: a table of them and a few threads, which begin with the
// first place. A list is fetched again before it lapses, an answer before it ends, both with some jitter; a place that fails is
// asked again after a while, longer each time, and keeps what it said before, as long as that holds: a list also over a restart.
// Only one request is under way to a host. A place that nobody has wanted for a day is forgotten.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "probes/observations/inventory.h"
#include "probes/revocation/asking.h"
#include "probes/revocation/remote.h"

namespace probes::revocation {

// What came of the last attempt at a URL, for those who publish it.
struct PlaceReport {
  observations::RevocationMethod method = observations::RevocationMethod::crl;
  std::string url;
  bool forgotten = false;                            // nobody wants it any more, and nothing of it is asked
  std::optional<observations::Trouble> trouble;      // absent: it succeeded
  std::optional<observations::RevocationList> list;  // the one in use
};

// Where lists outlive this program. Called on the threads of Places, never under its lock; may take its time.
class Keeper {
 public:
  virtual ~Keeper() = default;

  // The list of this URL has come, or another one: `body` is as it came.
  virtual void keep(const std::string& url, std::shared_ptr<const std::string> body) = 0;
  // What was kept of it, each time it is asked for the first time; null: nothing.
  virtual std::shared_ptr<const std::string> kept(const std::string& url) = 0;
};

class Places final : public Remote {
 public:
  struct Limits {
    std::size_t workers = 4;
    std::size_t lists = 1024;
    std::size_t answers = 100'000;
    std::size_t list_bytes = std::size_t{512} << 20;               // in memory, of all lists
    std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of one attempt
    std::chrono::milliseconds first_retry = std::chrono::minutes(1);
    std::chrono::milliseconds longest_retry = std::chrono::minutes(15);
    std::chrono::seconds kept = std::chrono::hours(25);  // without being wanted
  };
  using Report = std::function<void(const PlaceReport&)>;
  using Clock = std::function<std::chrono::sys_seconds()>;

  // `report` is called on the threads of this, never under its lock; it may be empty. `keeper`, where there is one, outlives
  // this.
  explicit Places(Report report, Keeper* keeper = nullptr);
  Places(Report report, const Limits& limits, Clock clock, Keeper* keeper = nullptr);
  ~Places() override;  // stop()
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  PlacePtr list_at(const std::string& url, std::chrono::milliseconds refresh, X509* issuer) override;
  PlacePtr answer_about(const Query& query, std::chrono::milliseconds refresh) override;

  // Nothing is reported once this has returned; it waits for what is under way, which is told to end.
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;
  struct Host;

  PlacePtr place_of(const std::string& key, const EntryPtr& made, std::chrono::milliseconds refresh);
  void run(const std::stop_token& stopping);
  EntryPtr take_due(Moment now, Moment& next);
  void attempt(const EntryPtr& entry, const std::stop_token& stopping);
  void take(Entry& entry, Attempt found, std::chrono::sys_seconds now);
  void recall(Entry& entry, Attempt& found);
  void hold(const Entry& entry, const observations::Trouble& trouble);
  bool forget(const EntryPtr& entry, std::chrono::sys_seconds now);
  void plan(const EntryPtr& entry, std::chrono::milliseconds from_now);
  std::chrono::milliseconds due_in(const Entry& entry, std::chrono::sys_seconds now);
  std::size_t bytes_of_others(const Entry& entry) const;
  std::chrono::milliseconds jittered(std::chrono::milliseconds time);
  std::chrono::milliseconds retry(const Entry& entry);

  const Report report_;
  const Limits limits_;
  const Clock clock_;
  Keeper* const keeper_;
  std::mutex mutex_;  // guards what follows, and what an entry holds besides its place
  std::condition_variable_any wake_;
  std::map<std::string, EntryPtr> entries_;
  std::map<std::string, Host> hosts_;
  std::size_t lists_ = 0, answers_ = 0;
  std::uint64_t changes_ = 0;  // of what is due
  bool stopped_ = false;
  std::minstd_rand random_;
  std::vector<std::jthread> threads_;
};

}  // namespace probes::revocation
