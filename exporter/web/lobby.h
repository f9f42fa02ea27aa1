// Who is connected, oldest first, and who has to go when it is full: whoever says nothing makes room for whoever comes, so
// that idle connections cost others nothing. Used on the server's I/O thread only; owns nobody.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>

namespace exporter::web {

using MonotonicTime = std::chrono::steady_clock::time_point;

// What a connection is doing: its request or its close is awaited from the peer, its answer is being made, it is being sent.
enum class Phase { awaiting_peer, answering, sending };

class Visitor {
 public:
  virtual ~Visitor() = default;
  // Ends the connection soon; called at most once, after the lobby has forgotten the visitor.
  virtual void dismiss() = 0;

  Phase phase = Phase::awaiting_peer;
  MonotonicTime phase_began{};
};

class Lobby {
 public:
  // A reader that keeps a response for longer than this gives way when the place is needed.
  static constexpr std::chrono::seconds sending_is_slow_after{5};

  explicit Lobby(std::size_t capacity) : capacity_(capacity) {}

  // Takes `visitor` in, dismissing the one that has awaited its peer longest, else the slowest reader, when full.
  // False when nobody can be dismissed.
  [[nodiscard]] bool admit(Visitor& visitor, MonotonicTime now);

  // Forgets a visitor; harmless for one that is not here.
  void leave(Visitor& visitor) { visitors_.remove(&visitor); }

  // Dismisses everybody.
  void empty();

  std::size_t size() const { return visitors_.size(); }

 private:
  [[nodiscard]] Visitor* dispensable(MonotonicTime now) const;

  std::size_t capacity_;
  std::list<Visitor*> visitors_;
};

}  // namespace exporter::web
