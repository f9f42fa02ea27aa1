// Keeps the objects of one resource in one namespace (or in all) as the API has them: a LIST in pages, then a WATCH from where
// the list ended, again and again. A state machine without a socket: it says what to ask and when, and is given the bytes of the
// answers. What was known stays until a whole new list is there: nothing is lost between the two. One thread.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "exporter/cluster/object.h"
#include "probes/net/fetch.h"

namespace exporter::cluster {

// As it stands in a query: "tier%3Dweb".
[[nodiscard]] std::string percent_encoded(std::string_view text);

class Following {
 public:
  using Clock = std::chrono::steady_clock;
  using Read = std::function<ObjectPtr(const Json& object)>;
  using Outcome = std::variant<probes::net::Fetched, probes::net::FetchFailure>;
  using Objects = std::map<std::string, ObjectPtr>;  // by "namespace/name"

  struct What {
    std::string path;   // "/api/v1/namespaces/payments/secrets"
    std::string query;  // "&labelSelector=...", encoded; often empty
    std::string words;  // "secrets in namespace payments"
    Read read;
  };

  // `seed`: of the jitter.
  Following(What what, std::uint64_t seed);

  // What is to be asked, from due() on, and how long the whole answer may take.
  [[nodiscard]] Clock::time_point due() const { return due_; }
  [[nodiscard]] std::string request();
  [[nodiscard]] std::chrono::milliseconds timeout() const;

  // The head of the answer.
  void answered(int status);
  // A piece of the answer's body. False: it is too long.
  [[nodiscard]] bool take(int status, std::string_view bytes);
  // Its end. `server` names the API in troubles.
  void ended(const Outcome& outcome, const std::string& server, Clock::time_point now);
  // It could not be asked at all.
  void not_asked(const probes::observations::Trouble& trouble, Clock::time_point now);

  [[nodiscard]] const Objects& objects() const { return objects_; }
  // Why the objects may not be those of now; absent: they are.
  [[nodiscard]] const std::optional<probes::observations::Trouble>& trouble() const { return trouble_; }
  // Listed once, or known to be in trouble.
  [[nodiscard]] bool settled() const { return settled_; }
  // Whether objects, trouble or settled() are others since the last call.
  [[nodiscard]] bool changed() { return std::exchange(changed_, false); }

 private:
  enum class Phase : std::uint8_t { list, watch };

  void list_ended(std::string_view body, const std::string& server, Clock::time_point now);
  void list_anew();
  void watch_ended(const Outcome& outcome, const std::string& server, Clock::time_point now);
  bool take_event(std::string_view line);
  void put(const Json& object, Objects& into);
  void fail(probes::observations::Trouble trouble, Clock::time_point now, std::chrono::milliseconds at_least = {});
  probes::observations::Trouble refusal(int status, std::string_view body, const std::string& server) const;
  void set_trouble(std::optional<probes::observations::Trouble> trouble);
  void settle();
  std::chrono::milliseconds backoff();

  const What what_;
  std::minstd_rand random_;
  Phase phase_ = Phase::list;
  Clock::time_point due_{};
  Clock::time_point began_{};
  int failures_ = 0;
  SecretText body_;  // of a page or a refusal; of a watch: the line that has begun
  Objects objects_;
  Objects listed_;         // while a list is under way
  std::string next_page_;  // `continue`
  int page_ = 500;         // objects of one; 0: all, where pages go stale before they are read
  std::string version_;    // resourceVersion
  bool gone_ = false;      // the watch said so: what happened since version_ is forgotten there
  bool broken_ = false;    // the watch said what is no event
  bool heard_ = false;     // the watch under way was answered
  bool lively_ = false;    // ... and told of something
  std::optional<probes::observations::Trouble> trouble_;
  bool settled_ = false;
  bool changed_ = false;
};

}  // namespace exporter::cluster
