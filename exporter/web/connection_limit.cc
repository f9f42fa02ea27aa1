#include "exporter/web/connection_limit.h"

namespace exporter::web {

bool ConnectionLimit::admit(LimitedConnection& connection, MonotonicTime now) {
  if (connections_.size() >= capacity_ && !make_room(now)) return false;
  connections_.push_back(&connection);
  return true;
}

bool ConnectionLimit::make_room(MonotonicTime now) {
  LimitedConnection* gone = dispensable(now);
  if (gone == nullptr) return false;
  connections_.remove(gone);
  going_.insert(gone);
  gone->close_soon();
  return true;
}

void ConnectionLimit::leave(LimitedConnection& connection) {
  connections_.remove(&connection);
  going_.erase(&connection);
}

LimitedConnection* ConnectionLimit::dispensable(MonotonicTime now) const {
  LimitedConnection* slow = nullptr;
  for (LimitedConnection* connection : connections_) {
    if (connection->phase == Phase::awaiting_peer) return connection;
    const bool is_slow = connection->phase == Phase::sending && now - connection->phase_began > sending_is_slow_after;
    if (is_slow && (slow == nullptr || connection->phase_began < slow->phase_began)) slow = connection;
  }
  return slow;
}

void ConnectionLimit::empty() {
  while (!connections_.empty()) {
    LimitedConnection* gone = connections_.front();
    connections_.pop_front();
    going_.insert(gone);
    gone->close_soon();
  }
}

}  // namespace exporter::web
