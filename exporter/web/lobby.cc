#include "exporter/web/lobby.h"

namespace exporter::web {

bool Lobby::admit(Visitor& visitor, MonotonicTime now) {
  if (visitors_.size() >= capacity_ && !make_room(now)) return false;
  visitors_.push_back(&visitor);
  return true;
}

bool Lobby::make_room(MonotonicTime now) {
  Visitor* gone = dispensable(now);
  if (gone == nullptr) return false;
  visitors_.remove(gone);
  going_.insert(gone);
  gone->dismiss();
  return true;
}

void Lobby::leave(Visitor& visitor) {
  visitors_.remove(&visitor);
  going_.erase(&visitor);
}

Visitor* Lobby::dispensable(MonotonicTime now) const {
  Visitor* slow = nullptr;
  for (Visitor* visitor : visitors_) {
    if (visitor->phase == Phase::awaiting_peer) return visitor;
    const bool is_slow = visitor->phase == Phase::sending && now - visitor->phase_began > sending_is_slow_after;
    if (is_slow && (slow == nullptr || visitor->phase_began < slow->phase_began)) slow = visitor;
  }
  return slow;
}

void Lobby::empty() {
  while (!visitors_.empty()) {
    Visitor* gone = visitors_.front();
    visitors_.pop_front();
    going_.insert(gone);
    gone->dismiss();
  }
}

}  // namespace exporter::web
