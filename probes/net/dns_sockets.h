// The sockets of one channel of c-ares. It opens them whenever it likes, and what it says of a look-up for which it had none is
// anything, "no such name" included: so we open them, and remember when there was none to be had. Used on the channel's thread
// only; outlives the channel.
#pragma once

#include <ares.h>

#include "probes/net/socket.h"
#include "probes/observations/reason.h"

namespace probes::net {

class DnsSockets {
 public:
  DnsSockets() = default;
  DnsSockets(const DnsSockets&) = delete;
  DnsSockets& operator=(const DnsSockets&) = delete;

  void serve(ares_channel channel);

  // This machine, or what it allows this process, had no socket at some time since: nothing that failed since then says anything
  // of a name.
  [[nodiscard]] bool lacking_since(Moment moment) const { return lacking_ >= moment; }

 private:
  static ares_socket_t open(int family, int type, int protocol, void* self);

  Moment lacking_;  // the last time
};

// Of a look-up that failed for want of a socket: of stage internal.
[[nodiscard]] observations::Failure no_socket_for_look_up();

}  // namespace probes::net
