// What a judgement wants asked over HTTP of the certificates on a trusted path: their distribution points, their responders.
// Plain values.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace probes::revocation {

class Remote;  // remote.h

struct Wanted {
  bool lists = false;                   // at the certificates' distribution points
  bool answers = false;                 // of responders
  std::string responder;                // in the place of those that certificates name; empty: those
  bool nonce = false;                   // asked with one
  std::chrono::milliseconds refresh{};  // a list, and an answer that does not say until when it holds, are this old at most
  bool operator==(const Wanted&) const = default;
};

}  // namespace probes::revocation
