// Who is connected, oldest first, and who has to go when it is full: whoever says nothing makes room for whoever comes, so
// that idle connections cost others nothing. Who has been asked to go holds a descriptor until it has gone, and is counted until
// then. Used on the server's I/O thread only; owns nobody.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <set>

namespace exporter::web {

using MonotonicTime = std::chrono::steady_clock::time_point;

// What a connection is doing: its request or its close is awaited from the peer, its answer is being made, it is being sent.
enum class Phase { awaiting_peer, answering, sending };

class LimitedConnection {
 public:
  virtual ~LimitedConnection() = default;
  // Ends the connection soon; called at most once, after the connections has forgotten the connection.
  virtual void close_soon() = 0;

  Phase phase = Phase::awaiting_peer;
  MonotonicTime phase_began{};
};

class ConnectionLimit {
 public:
  // A reader that keeps a response for longer than this gives way when the place is needed.
  static constexpr std::chrono::seconds sending_is_slow_after{5};

  explicit ConnectionLimit(std::size_t capacity) : capacity_(capacity) {}

  // Takes `connection` in, closing the one that has awaited its peer longest, else the slowest reader, when full.
  // False when nobody can be closed.
  [[nodiscard]] bool admit(LimitedConnection& connection, MonotonicTime now);

  // Asks one to go, whoever would make room for the next. False when nobody can be closed.
  bool make_room(MonotonicTime now);

  // Forgets a connection, who is gone; harmless for one that is not here.
  void leave(LimitedConnection& connection);

  // Closes all.
  void empty();

  std::size_t size() const { return connections_.size(); }

  // Whether somebody was asked to go and is still here.
  bool somebody_is_going() const { return !going_.empty(); }

 private:
  [[nodiscard]] LimitedConnection* dispensable(MonotonicTime now) const;

  std::size_t capacity_;
  std::list<LimitedConnection*> connections_;
  std::set<LimitedConnection*> going_;
};

}  // namespace exporter::web
